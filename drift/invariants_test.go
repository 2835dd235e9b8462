package drift_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/drift"
)

// drawn makes pairs in clusters of perCluster, with random rates of loss and
// gain and some answers missing.
func drawn(r *rand.Rand, perCluster int) []drift.Pair {
	n := 20 + r.IntN(300)
	loss, gain := 0.2*r.Float64(), 0.2*r.Float64()
	count := func(share float64) int { return int(share * float64(n)) }
	b, c := count(loss), count(gain)
	d := r.IntN((n-b-c)/2 + 1)
	pairs := cells(n-b-c-d, b, c, d, r.IntN(4))
	r.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	for i := range pairs {
		pairs[i].Cluster = fmt.Sprint(i / perCluster)
	}
	return pairs
}

func TestTheOrderOfPairsDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		pairs := drawn(r, 1+r.IntN(5))
		want := compare(t, pairs, options(0.05))
		r.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		got := compare(t, pairs, options(0.05))
		if got.Verdict != want.Verdict || got.Because != want.Because {
			t.Fatalf("got %s: %s\nin another order %s: %s", got.Verdict, got.Because, want.Verdict, want.Because)
		}
	}
}

// In clusters a gain beside a loss can widen the interval, so the rule holds
// for independent cases.
func TestGainsInPlaceOfLossesNeverMakeAVerdictWorse(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		pairs := drawn(r, 1)
		before := compare(t, pairs, options(0.05))
		swapped := slices.Clone(pairs)
		for i, p := range swapped {
			if p.Reference.Outcome == drift.Pass && p.Candidate.Outcome == drift.Fail {
				swapped[i].Reference, swapped[i].Candidate = p.Candidate, p.Reference
			}
		}
		after := compare(t, swapped, options(0.05))
		// A reference that passes less can become unable to show anything.
		if after.Verdict != drift.VerdictUninformative && rank[after.Verdict] < rank[before.Verdict] {
			t.Fatalf("before %s: %s\nafter %s: %s", before.Verdict, before.Because, after.Verdict, after.Because)
		}
	}
}

func TestMissingAnswersNeverMakeAPass(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	none := drift.Observation{Outcome: drift.Undecided, Reason: drift.ReasonTimeout}
	for range 200 {
		pairs := drawn(r, 1+r.IntN(5))
		before := compare(t, pairs, options(0.05))
		for range r.IntN(40) {
			p := pairs[r.IntN(len(pairs))]
			pairs = append(pairs, drift.Pair{Case: "more", Cluster: p.Cluster, Reference: none, Candidate: p.Candidate})
		}
		after := compare(t, pairs, options(0.05))
		if before.Verdict != drift.VerdictPass && after.Verdict == drift.VerdictPass {
			t.Fatalf("before %s: %s\nafter %s", before.Verdict, before.Because, after.Because)
		}
		if after.N != before.N {
			t.Fatalf("%d decided pairs became %d", before.N, after.N)
		}
	}
}

func TestAnOutcomeThatIsMissingIsNoFail(t *testing.T) {
	pairs := cells(99, 0, 0, 0, 0)
	pairs = append(pairs, drift.Pair{Case: "lost", Cluster: "lost", Reference: pairs[0].Reference})
	c := compare(t, pairs, options(0.05))
	if c.N != 99 || c.Loss != 0 || c.Excluded != 1 || c.CandidateShares.Undecided != 1 {
		t.Errorf("n=%d, %d losses, %d excluded, shares %+v: want the pair excluded", c.N, c.Loss, c.Excluded, c.CandidateShares)
	}
}

func TestOptionsOutsideTheirRangeAreRefused(t *testing.T) {
	half, above := 0.5, 1.5
	for _, tt := range []struct {
		want   string
		change func(*drift.CompareOptions)
	}{
		{"margin 0: expected it in (0,1)", func(o *drift.CompareOptions) { o.Margin = 0 }},
		{"alpha 0.5: expected it in (0,0.5)", func(o *drift.CompareOptions) { o.Alpha = half }},
		{"max undecided 1.5: expected it in [0,1)", func(o *drift.CompareOptions) { o.MaxUndecided = above }},
		{"pass rate 1.5: expected it in [0,1]", func(o *drift.CompareOptions) { o.Baseline = &above }},
	} {
		o := options(0.05)
		tt.change(&o)
		if _, err := drift.Compare(cells(60, 0, 0, 0, 0), o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got error %v, want %q", err, tt.want)
		}
	}
}

func TestSentencesSayWhatToDo(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pairs []drift.Pair
		want  string
	}{
		{"a pass", cells(290, 5, 5, 0, 0),
			"a drop of 5 points or more is ruled out: 98.3 % → 98.3 %, +0.0 points [−2.4, +2.4], n=300"},
		// floor(2.7055*0.95/0.05)+1 = 52
		{"too few cases", cells(40, 0, 0, 0, 0),
			"40 cases can never pass a margin of 5 points: need at least 52, with not one flip; add 12"},
		// ψ = 17/302 at Δ = −0.04 is λ = 0.0481, γ = 0.0081:
		// ((1.645·√0.0614 + 0.842·√0.0547)/0.01)² ≈ 3,654 cases in all.
		{"too little known", cells(280, 14, 2, 4, 0),
			"a drop of 5 points is neither shown nor ruled out: 98.0 % → 94.0 %, −4.0 points [−7.1, −1.6], n=300; " +
				"a decision takes a new run of this size if there is no true drop, ≈3,354 more cases at the drop seen"},
		{"too many answers missing", cells(20, 0, 0, 0, 980),
			"coverage: only 20 of 1,000 cases answered by both models (undecided: reference 0, candidate 980), " +
				"at most 5.0 % may be missing: see the errors of the run, then run it again"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, compare(t, tt.pairs, options(0.05)).Because); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestACandidateAtTheConstantAnswerHasCollapsed(t *testing.T) {
	half := 0.5
	o := options(0.05)
	o.Baseline = &half
	for _, tt := range []struct {
		name  string
		pairs []drift.Pair
		want  bool
	}{
		{"down to the constant answer", cells(100, 80, 0, 20, 0), true},
		{"some harm above it", cells(150, 30, 0, 20, 0), false},
		{"a reference that never left it", cells(100, 0, 0, 100, 0), false},
	} {
		if got := compare(t, tt.pairs, o).Collapsed; got != tt.want {
			t.Errorf("%s: collapsed %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Every case drops from 5 of 5 to 3 of 5: all majorities stay passes, though
// the model lost 40 points.
func TestADropThatEveryCaseSharesIsNoPass(t *testing.T) {
	pairs := cells(100, 0, 0, 0, 0)
	for i := range pairs {
		pairs[i].Reference.Passes, pairs[i].Reference.Samples = 5, 5
		pairs[i].Candidate.Passes, pairs[i].Candidate.Samples = 3, 5
	}
	c := compare(t, pairs, options(0.05))
	if c.Verdict != drift.VerdictInconclusive || c.Reason != "no_spread" || !strings.Contains(c.Because, "−40.0 points") {
		t.Errorf("got %s (%s): %s", c.Verdict, c.Reason, c.Because)
	}
}

func TestLostFormatIsToldFromLostKnowledge(t *testing.T) {
	pairs := cells(90, 10, 0, 0, 0)
	for i := range pairs {
		if pairs[i].Candidate.Outcome == drift.Fail {
			pairs[i].Candidate.Reason = drift.ReasonUnparsed
		}
	}
	c := compare(t, pairs, options(0.05))
	if *c.Change != -0.1 || *c.ChangeParsed != 0 || c.CandidateShares.Unparsed != 10 {
		t.Errorf("change %v, of parsed answers %v, %d unparsed: want -0.1, 0 and 10", *c.Change, *c.ChangeParsed, c.CandidateShares.Unparsed)
	}
}

func TestWantOfAnswersKeepsTheGateShutUnderEveryPolicy(t *testing.T) {
	pass := named(compare(t, cells(100, 0, 0, 0, 0), options(0.05)), "edge.a.a", "q4", "")
	for _, lost := range [][]drift.Pair{nil, cells(0, 0, 0, 0, 40), cells(20, 0, 0, 0, 980)} {
		for _, size := range []string{"smoke", "standard"} {
			a := audit([]drift.Model{q4}, pass, named(compare(t, lost, options(0.05)), "edge.a.b", "q4", ""))
			a.Size, a.Policy.Inconclusive = size, "warn"
			judge(t, a)
			if a.Gate.Passed || a.Gate.Status != 3 {
				t.Errorf("%d pairs, size %s: passed %v, status %d: want status 3", len(lost), size, a.Gate.Passed, a.Gate.Status)
			}
		}
	}
}

func TestWaiversAreAttachedWhereTheyMatter(t *testing.T) {
	pass := named(compare(t, cells(100, 0, 0, 0, 0), options(0.05)), "edge.a.good", "q4", "")
	fail := named(compare(t, cells(50, 50, 0, 0, 0), options(0.05)), "edge.a.bad", "q4", "")
	a := audit([]drift.Model{q4}, pass, fail)
	old := drift.Waiver{Probe: "edge.*", Owner: "release", Until: "2026-05-31", Why: "known"}
	a.Policy.Waivers = []drift.Waiver{old}
	judge(t, a)
	if a.Comparisons[0].Waived != nil {
		t.Error("a pass is waived")
	}
	if w := a.Comparisons[1].Waived; w == nil || !w.Expired {
		t.Errorf("the expired waiver of a fail is %+v: want it attached and expired", w)
	}
	want := []string{"the waiver of edge.* (release) expired on 2026-05-31 and no longer holds: renew it or mend the drop"}
	if diff := cmp.Diff(want, a.Warnings); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
	valid := old
	valid.Until = "2026-06-01"
	b := audit([]drift.Model{q4}, pass, fail)
	b.Policy.Waivers = []drift.Waiver{old, valid}
	judge(t, b)
	if !b.Gate.Passed || b.Comparisons[1].Waived.Expired {
		t.Errorf("gate %+v: want it passed by the waiver that holds", b.Gate)
	}
}

func TestAMissedControlSaysSo(t *testing.T) {
	open := named(compare(t, cells(95, 5, 0, 0, 0), options(0.05)), "edge.a.a", "harsh", "")
	a := judge(t, audit([]drift.Model{harsh}, open))
	want := []string{"missed control: the audit could not see known damage in harsh; do not trust its passes " +
		"(0 pass, 0 fail, 1 inconclusive, 0 uninformative)"}
	if diff := cmp.Diff(want, a.Gate.Reasons); diff != "" {
		t.Errorf("reasons (-want +got)\n%s", diff)
	}
}

// A level of 0 would turn every fail into an unconfirmed one.
func TestAPolicyWithoutALevelIsRefused(t *testing.T) {
	a := audit([]drift.Model{q4})
	a.Policy.Alpha = 0
	if err := drift.Judge(a, "2026-06-01"); err == nil || !strings.Contains(err.Error(), "alpha 0 of the policy") {
		t.Errorf("got error %v", err)
	}
}

func TestACandidateWithoutAnExpectationIsGated(t *testing.T) {
	fail := named(compare(t, cells(50, 50, 0, 0, 0), options(0.05)), "edge.a.a", "q4", "")
	if a := judge(t, audit([]drift.Model{{Name: "q4"}}, fail)); a.Gate.Passed {
		t.Errorf("gate %+v: want it shut", a.Gate)
	}
}

func FuzzCompareSampled(f *testing.F) {
	f.Add(uint64(1), uint8(60), uint8(5), uint8(4), 0.05)
	f.Add(uint64(2), uint8(2), uint8(1), uint8(9), 0.5)
	f.Fuzz(func(t *testing.T, seed uint64, n, samples, perCluster uint8, margin float64) {
		r := rand.New(rand.NewPCG(seed, 0))
		outcomes := []drift.Outcome{drift.Pass, drift.Fail, drift.Undecided, ""}
		draw := func() drift.Observation {
			return drift.Observation{Outcome: outcomes[r.IntN(4)], Passes: r.IntN(int(samples) + 2), Samples: int(samples)}
		}
		var pairs []drift.Pair
		for i := range int(n) {
			pairs = append(pairs, drift.Pair{Cluster: fmt.Sprint(i / (int(perCluster) + 1)), Reference: draw(), Candidate: draw()})
		}
		o := options(margin)
		o.MaxUndecided = r.Float64()
		c, err := drift.Compare(pairs, o)
		if err != nil {
			return
		}
		if _, err := json.Marshal(c); err != nil {
			t.Fatalf("not JSON: %v", err)
		}
		if c.Verdict == "" || c.Reason == "" || c.Because == "" {
			t.Errorf("no verdict: %+v", c)
		}
	})
}
