package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/drift"
)

// A verdict that is called final must be that of every way in which the open
// cases may end, each one changed, unchanged or undecided.
func TestADecidedVerdictIsFinal(t *testing.T) {
	decided := map[drift.Verdict]int{}
	for _, open := range []drift.OpenCases{{ReferencePass: 5, ReferenceFail: 4}, {ReferenceFail: 4}} {
		for _, n := range []int{0, 20, 23, 30, 60} {
			for b := 0; b <= min(n, 24); b += 3 {
				for c := 0; b+c <= min(n, 27); c += 3 {
					r := curtail(t, b, c, n, open)
					if r.Decided {
						decided[r.Verdict]++
						checkFinal(t, r.Verdict, b, c, n, open)
					}
				}
			}
		}
	}
	if decided[drift.VerdictPass] == 0 || decided[drift.VerdictFail] == 0 {
		t.Errorf("decided %v: want passes and fails among them", decided)
	}
}

// At a margin of 10 points 25 cases without a flip pass: 23 do with four more
// that can only be gained, but not if none of these is answered.
func TestOpenCasesMayEndUndecided(t *testing.T) {
	if r := curtail(t, 0, 0, 23, drift.OpenCases{ReferenceFail: 4}); r.Decided {
		t.Errorf("got %+v: want it open", r)
	}
}

func checkFinal(t *testing.T, verdict drift.Verdict, b, c, n int, open drift.OpenCases) {
	t.Helper()
	for _, end := range endings(open.ReferencePass, open.ReferenceFail) {
		test, err := drift.Noninferiority(float64(b+end.lost), float64(c+end.gained), float64(n+end.answered), 0.10, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		if test.Verdict != verdict {
			t.Fatalf("b=%d c=%d n=%d with %+v open was final as %s, but %+v makes it %s", b, c, n, open, verdict, end, test.Verdict)
		}
	}
}

func curtail(t *testing.T, b, c, n int, open drift.OpenCases) drift.Curtailment {
	t.Helper()
	r, err := drift.Curtail(float64(b), float64(c), float64(n), open, 0.10, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type ending struct{ lost, gained, answered int }

func endings(losable, gainable int) []ending {
	var all []ending
	for lost := 0; lost <= losable; lost++ {
		for gained := 0; gained <= gainable; gained++ {
			for answered := lost + gained; answered <= losable+gainable; answered++ {
				all = append(all, ending{lost, gained, answered})
			}
		}
	}
	return all
}

func TestTopKKLNeverExceedsTheWholeDivergence(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	distribution := func() map[string]float64 {
		p, sum := map[string]float64{}, 0.0
		for _, token := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			p[token] = r.ExpFloat64() + 1e-3
			sum += p[token]
		}
		for token := range p {
			p[token] /= sum
		}
		return p
	}
	top := func(p map[string]float64) map[string]float64 {
		logs := map[string]float64{}
		for token, mass := range p {
			if mass > 0.1 {
				logs[token] = math.Log(mass)
			}
		}
		return logs
	}
	for range 500 {
		p, q := distribution(), distribution()
		whole := 0.0
		for token := range p {
			whole += p[token] * math.Log(p[token]/q[token])
		}
		got, err := drift.TopKKL(top(p), top(q))
		if err != nil {
			t.Fatal(err)
		}
		if got.KL > whole+1e-9 {
			t.Fatalf("bound %v exceeds the divergence %v", got.KL, whole)
		}
	}
}

// The numbers are pinned: a seed in an old report must give the same draws.
func TestASeedMeansTheSameForEver(t *testing.T) {
	want := [][]int{{3, 0, 0, 3, 2}, {3, 2, 4, 2, 3}, {3, 0, 1, 4, 2}}
	if diff := cmp.Diff(want, drift.Resamples(5, 3, 42, "chrf_mean")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if cmp.Equal(want, drift.Resamples(5, 3, 42, "kl_mean")) {
		t.Error("two statistics share one stream")
	}
}

func TestResamplesAreUniform(t *testing.T) {
	counts := make([]int, 6)
	for _, draw := range drift.Resamples(6, 10_000, 1, "uniform") {
		for _, g := range draw {
			counts[g]++
		}
	}
	// 60,000 draws: 10,000 each with a standard deviation of 91; 5 of them are allowed.
	if slices.Min(counts) < 9_545 || slices.Max(counts) > 10_455 {
		t.Errorf("counts %v: want about 10,000 each", counts)
	}
}

func TestASwapGapTooLargeToEnumerateIsDrawn(t *testing.T) {
	high := drift.Table{BothPass: 5_000, Loss: 500, Gain: 500, BothFail: 100}
	level := drift.Table{BothPass: 4_000, Loss: 1_000, Gain: 1_000, BothFail: 100}
	harmed := drift.Table{BothPass: 4_000, Loss: 1_600, Gain: 400, BothFail: 100}
	for _, tt := range []struct {
		name      string
		low       drift.Table
		want, off float64
	}{
		// The losses lie 27 standard deviations above half of the flips: no
		// draw comes near, which leaves (1+0)/10,000.
		{"harm in one group", harmed, 0.0001, 0},
		// The gap change is symmetric around 0, which is what is seen.
		{"no harm", level, 0.5, 0.03},
	} {
		got, err := drift.SwapGapTest(map[string]drift.Table{"high": high, "low": tt.low}, 1)
		if err != nil {
			t.Fatal(err)
		}
		// (1,000+1)·(2,000+1) swaps are more than a million.
		if got.Exact || math.Abs(got.P-tt.want) > tt.off {
			t.Errorf("%s: got %+v, want a drawn p of %v", tt.name, got, tt.want)
		}
	}
}

func TestRefusalsSayWhatWasExpected(t *testing.T) {
	negative := drift.Table{Loss: -1, BothPass: 5}
	for _, tt := range []struct {
		name string
		code string
		call func() error
	}{
		{"flips of a negative cell", "invalid", func() error { _, err := drift.Flips(negative, 0.95); return err }},
		{"Newcombe of a negative cell", "invalid", func() error { _, err := drift.Newcombe(negative, 0.95); return err }},
		{"a ratio of 1", "invalid", func() error {
			_, err := drift.FitLengthCurve([]drift.LengthPoint{{Length: 1, Passes: 1, Total: 1}}, nil, 1)
			return err
		}},
		{"a draw of a cluster that is not there", "invalid", func() error {
			_, err := drift.ClusterBootstrap([]float64{0, 1}, []string{"a", "b"}, [][]int{{0, 2}})
			return err
		}},
		{"a perplexity beyond all numbers", "invalid", func() error {
			_, err := drift.ComparePerplexity([]float64{1}, []float64{1e4})
			return err
		}},
		{"a slope of two points", "too_few", func() error {
			_, err := drift.ClusterSlope([]float64{1, 2}, []float64{0, 1}, []string{"a", "b"}, 0.95)
			return err
		}},
		{"curtailing more flips than pairs", "invalid", func() error {
			_, err := drift.Curtail(1, 0, 0, drift.OpenCases{}, 0.05, 0.05)
			return err
		}},
	} {
		var refusal *drift.Refusal
		if err := tt.call(); !errors.As(err, &refusal) || refusal.Code != tt.code {
			t.Errorf("%s: got error %v, want refusal %s", tt.name, err, tt.code)
		}
	}
}
