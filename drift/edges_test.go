package drift

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// tablesOf calls yield with every table of n pairs.
func tablesOf(n int, yield func(Table)) {
	for a := 0; a <= n; a++ {
		for b := 0; a+b <= n; b++ {
			for c := 0; a+b+c <= n; c++ {
				yield(Table{BothPass: a, Loss: b, Gain: c, BothFail: n - a - b - c})
			}
		}
	}
}

func compared(t *testing.T, pairs []Pair, o CompareOptions) Comparison {
	t.Helper()
	c, err := Compare(pairs, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// One more right answer of the candidate, in place of a wrong one, never takes
// a pass away and never makes a fail; every table of up to twelve pairs.
func TestARightAnswerMoreNeverMakesAVerdictWorse(t *testing.T) {
	rank := map[Verdict]int{VerdictFail: 0, VerdictInconclusive: 1, VerdictUninformative: 1, VerdictPass: 2}
	passes := 0
	for _, o := range []CompareOptions{{Margin: 0.3, Alpha: 0.2}, {Margin: 0.1, Alpha: 0.4}, {Margin: 0.7, Alpha: 0.05}} {
		for n := 2; n <= 12; n++ {
			tablesOf(n, func(table Table) {
				before := compared(t, values(table.pairs("")), o)
				if before.Verdict == VerdictPass {
					passes++
				}
				for _, more := range []Table{
					{BothPass: table.BothPass + 1, Loss: table.Loss - 1, Gain: table.Gain, BothFail: table.BothFail},
					{BothPass: table.BothPass, Loss: table.Loss, Gain: table.Gain + 1, BothFail: table.BothFail - 1},
				} {
					if more.Loss < 0 || more.BothFail < 0 {
						continue
					}
					if after := compared(t, values(more.pairs("")), o); rank[after.Verdict] < rank[before.Verdict] {
						t.Errorf("%+v is %s, %+v is %s: %s", table, before.Verdict, more, after.Verdict, after.Because)
					}
				}
			})
		}
	}
	if passes == 0 {
		t.Error("no table passes")
	}
}

// Cases that are asked again under their template say nothing new: the interval
// is never narrower than that of the first ones alone.
func TestCopiesOfCasesNeverNarrowAnInterval(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	for range 200 {
		var once, again []Pair
		for i := range 10 + r.IntN(60) {
			p := *outcomes(fmt.Sprint(i), r.Float64() < 0.9, r.Float64() < 0.8)
			once = append(once, p)
			for range 4 {
				again = append(again, p)
			}
		}
		few, many := compared(t, once, CompareOptions{Margin: 0.1, Alpha: 0.05}), compared(t, again, CompareOptions{Margin: 0.1, Alpha: 0.05})
		// Under eight clusters with a flip, the planned effect of clusters of four
		// stands for one that the copies would show, of 4.
		if few.Loss+few.Gain < minDiscordantClusters {
			continue
		}
		if many.Interval.High-many.Interval.Low < few.Interval.High-few.Interval.Low-1e-9 {
			t.Errorf("%d cases give %+v, four copies of each %+v", len(once), *few.Interval, *many.Interval)
		}
	}
}

// The score test is an approximation; the exact one, of losses alone, is the
// binomial's. Both agree on what is clear.
func TestTheScoreTestAgreesWithTheExactOne(t *testing.T) {
	const margin = 0.1
	for _, n := range []int{40, 80, 160} {
		for b := 0; b <= n; b++ {
			exact := 0.0 // chance of so few losses at the margin
			for k := 0; k <= b; k++ {
				exact += trinomial(n, k, 0, margin, 0)
			}
			test := counts{float64(b), 0, float64(n)}.noninferiority(margin, 0.05, 0)
			if exact > 0.10 && test.verdict == VerdictPass || exact < 0.005 && test.verdict != VerdictPass {
				t.Errorf("%d losses of %d: %s, where the exact p is %.4f", b, n, test.verdict, exact)
			}
		}
	}
}

// Every case drops alike by a share that no float holds: the sum's rounding is no
// spread.
func TestRoundingIsNoSpread(t *testing.T) {
	for _, n := range []int{3, 7, 60, 100, 999} {
		for samples := 2; samples <= 9; samples++ {
			var pairs []Pair
			for i := range n {
				pairs = append(pairs, Pair{Cluster: fmt.Sprint(i),
					Reference: Observation{Outcome: Pass, Passes: samples, Samples: samples},
					Candidate: Observation{Outcome: Pass, Passes: samples - 1, Samples: samples}})
			}
			c := compared(t, pairs, CompareOptions{Margin: 0.05, Alpha: 0.05})
			if c.Method == "cluster_mean" || c.Verdict != VerdictInconclusive {
				t.Errorf("%d cases, %d samples: %s by %s: %s", n, samples, c.Verdict, c.Method, c.Because)
			}
		}
	}
}

// Numbers at the ends of their range give a verdict that can be printed, and no
// count beyond an int.
func TestMarginsAtTheEndsOfTheirRange(t *testing.T) {
	if _, err := Compare(nil, CompareOptions{Margin: 0.05, Alpha: 1e-300}); err == nil {
		t.Error("a level is accepted that leaves a confidence of 1")
	}
	tables := []Table{{}, {BothPass: 1}, {Loss: 2}, {Gain: 2}, {BothFail: 40}, {BothPass: 60}, {Loss: 60}, {BothPass: 30, Loss: 20, Gain: 9}}
	for _, margin := range []float64{math.SmallestNonzeroFloat64, 1e-300, 1e-12, 0.5, 1 - 1e-16, math.Nextafter(1, 0)} {
		for _, alpha := range []float64{1e-15, 1e-12, 0.05, 0.499999999} {
			for _, table := range tables {
				c := compared(t, values(table.pairs("")), CompareOptions{Margin: margin, Alpha: alpha})
				if _, err := json.Marshal(c); err != nil {
					t.Errorf("margin %g, alpha %g, %+v: %v", margin, alpha, table, err)
				}
				if c.Verdict == VerdictPass && *c.Change <= -margin {
					t.Errorf("margin %g, alpha %g, %+v: a drop of %g passes", margin, alpha, table, *c.Change)
				}
				for _, need := range []*int{c.NeedNoDrop, c.NeedAtDrop} {
					if need != nil && *need < 0 {
						t.Errorf("margin %g, alpha %g, %+v: %d more cases", margin, alpha, table, *need)
					}
				}
			}
			if n, err := NIFloor(margin, alpha); err != nil || n < 1 {
				t.Errorf("margin %g, alpha %g: floor %d, %v", margin, alpha, n, err)
			}
		}
	}
}

// Holm's method compares ties alike wherever they stand, and its family never
// makes a p-value smaller.
func TestTiesAreAdjustedAlike(t *testing.T) {
	got, err := Holm([]float64{0.01, 0.04, 0.01, 0, 1, 0.01})
	if err != nil {
		t.Fatal(err)
	}
	// 0·6; then 0.01·5 for all three, as 0.01·4 and 0.01·3 are held up to it;
	// 0.04·2 and 1·1.
	for i, want := range []float64{0.05, 0.08, 0.05, 0, 1, 0.05} {
		if math.Abs(got[i]-want) > 1e-15 {
			t.Errorf("adjusted %v: want %g at %d", got, want, i)
		}
	}
}

// The score is lowest where all is lost, and is a p-value still.
func TestAllLostInClustersFails(t *testing.T) {
	var pairs []Pair
	for g := range 8 {
		for range 5 {
			pairs = append(pairs, *outcomes(fmt.Sprint(g), true, false))
		}
	}
	c := compared(t, pairs, CompareOptions{Margin: 0.05, Alpha: 0.05})
	if c.Verdict != VerdictFail || !(*c.PInferior >= 0 && *c.PInferior < 0.01) {
		t.Errorf("%s with p %v: %s", c.Verdict, *c.PInferior, c.Because)
	}
}

// A number that is none stays one model's trouble, and leaves no NaN behind.
func TestAMeasureOfNoNumberIsUndefined(t *testing.T) {
	for _, hits := range []float64{math.NaN(), math.Inf(1)} {
		count := func(x float64) []GroupCount { return []GroupCount{{Group: "g", Hits: x, Total: 1}} }
		m := MeasureRate("rate", "g", []GroupCase{
			{Cluster: "a", Reference: count(1), Candidate: count(hits)}, {Cluster: "b", Reference: count(0), Candidate: count(1)},
		}, Bootstrapped{})
		if m.Reference == nil || *m.Reference != 0.5 || m.Candidate != nil || m.Change.Change != nil || m.Undefined == "" {
			t.Errorf("%g hits: %+v, undefined %q: want the reference's 0.5 alone", hits, m.Change, m.Undefined)
		}
	}
}

// Without a case that counts, in total or at all, there is nothing to divide by.
func TestWeightsOfNothingAreUndefined(t *testing.T) {
	none := []GroupCount{{Group: "g"}}
	for _, cases := range [][]GroupCase{nil, {{Cluster: "a", Reference: none, Candidate: none}, {Cluster: "b", Reference: none, Candidate: none}}} {
		if m := MeasureRate("rate", "g", cases, Bootstrapped{}); m.Change.Change != nil || m.Interval != nil || m.Undefined == "" {
			t.Errorf("%d cases: %+v, undefined %q: want it undefined, and why", len(cases), m.Change, m.Undefined)
		}
	}
}

// One case of sixty that loses all its samples shows no more than one that was
// asked once and lost: the variance of a mean is far too small where few cases
// move.
func TestFewSampledCasesThatMoveAreJudgedLikeFlips(t *testing.T) {
	o := CompareOptions{Margin: 0.05, Alpha: 0.05}
	for lost := range minDiscordantClusters {
		var once, sampled []Pair
		for i := range 60 {
			p := *outcomes(fmt.Sprint(i), true, i >= lost)
			once = append(once, p)
			p.Reference.Passes, p.Reference.Samples, p.Candidate.Passes, p.Candidate.Samples = 4, 4, 4*p.Candidate.Passes, 4
			sampled = append(sampled, p)
		}
		want, got := compared(t, once, o), compared(t, sampled, o)
		if got.Verdict != want.Verdict || *got.Interval != *want.Interval || *got.PInferior != *want.PInferior {
			t.Errorf("%d lost: %s %+v, asked once %s %+v", lost, got.Verdict, *got.Interval, want.Verdict, *want.Interval)
		}
		if lost > 0 && got.MidP != nil {
			t.Errorf("%d lost: mid-p %g of sampled cases", lost, *got.MidP)
		}
	}
}

// A tenth of the cases loses half its samples, a true drop of just the margin:
// audits whose few losses show little variance must not pass more often than
// alpha. Student's interval of the mean let 9 % pass.
func TestSampledCasesThatLoseHalfPassWronglyNoMoreThanAlpha(t *testing.T) {
	const runs, cases, samples, limit = 1000, 200, 8, 0.065 // two standard errors over alpha
	r := rand.New(rand.NewPCG(1, 2))
	passes := 0
	for range runs {
		var pairs []Pair
		for i := range cases {
			kept := samples
			if r.Float64() < 0.1 {
				for range samples {
					kept -= r.IntN(2)
				}
			}
			p := *outcomes(fmt.Sprint(i), true, 2*kept > samples)
			p.Reference.Passes, p.Reference.Samples, p.Candidate.Passes, p.Candidate.Samples = samples, samples, kept, samples
			pairs = append(pairs, p)
		}
		if compared(t, pairs, CompareOptions{Margin: 0.05, Alpha: 0.05}).Verdict == VerdictPass {
			passes++
		}
	}
	if share := float64(passes) / runs; share > limit {
		t.Errorf("%.1f %% pass, want at most %.1f %%", 100*share, 100*limit)
	}
}
