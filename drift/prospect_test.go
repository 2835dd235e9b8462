package drift_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

func TestAProspectTellsWhatASizeCanShow(t *testing.T) {
	for name, tt := range map[string]struct {
		clusters, size int
		margin         float64
		cannot         bool
		addToPass      int
		smallest       float64
	}{
		// 1.6449²/(n+1.6449²); the floor at 0.05 is 52.
		"one below the floor": {51, 1, 0.05, true, 1, 0.05038},
		"at the floor":        {52, 1, 0.05, false, 0, 0.04946},
		"a group":             {12, 1, 0.10, true, 13, 0.18398},
		// 20 clusters of 10: design effect 3.7, worth 54.05; t₁₉(.95) = 1.7291.
		"clusters": {20, 10, 0.05, false, 10, 0.05241},
		// Few clusters never show a design effect below the planned 6.7: 203 cases
		// are worth 30.3, and t₉(.95)² = 3.360 leaves 0.0998.
		"few clusters": {4, 20, 0.10, true, 123, 0.31686},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := drift.NewProspect(slices.Repeat([]int{tt.size}, tt.clusters), 0.06, tt.margin, 0.05)
			if err != nil {
				t.Fatal(err)
			}
			if p.CannotPass != tt.cannot || p.AddToPass != tt.addToPass {
				t.Errorf("cannot pass %v, add %d, want %v and %d", p.CannotPass, p.AddToPass, tt.cannot, tt.addToPass)
			}
			if math.Abs(*p.Smallest-tt.smallest) > 5e-6 {
				t.Errorf("smallest %.5f, want %.5f", *p.Smallest, tt.smallest)
			}
		})
	}
}

// What is said to be missing is missing, and enough.
func TestWhatAProspectAddsIsEnoughAndNoMore(t *testing.T) {
	for _, n := range []int{5, 30, 60, 150} {
		p := prospect(t, n, 0.06)
		if p.AddToPass > 0 && prospect(t, n+p.AddToPass-1, 0.06).AddToPass != 1 {
			t.Errorf("n=%d: one fewer than %d more still passes", n, p.AddToPass)
		}
		if grown := prospect(t, n+p.AddForPower, 0.06); grown.Power < 0.8 || grown.AddForPower != 0 {
			t.Errorf("n=%d: %d more give power %.3f, want 0.8", n, p.AddForPower, grown.Power)
		}
	}
}

func prospect(t *testing.T, n int, flips float64) drift.Prospect {
	t.Helper()
	p, err := drift.NewProspect(slices.Repeat([]int{1}, n), flips, 0.05, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPowerIsTheExactOneAndItsApproximationIsNear(t *testing.T) {
	for _, n := range []int{60, 120, 200} {
		exact, _, err := drift.NIPower(n, 0.03, 0.03, 0.05, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		if got := prospect(t, n, 0.06).Power; math.Abs(got-exact) > 1e-9 {
			t.Errorf("n=%d: power %.6f, want %.6f", n, got, exact)
		}
	}
	exact, _, err := drift.NIPower(400, 0.03, 0.03, 0.05, 0.05)
	if err != nil {
		t.Fatal(err)
	}
	if got := prospect(t, 400, 0.06).Power; math.Abs(got-exact) > 0.02 {
		t.Errorf("n=400: approximate power %.3f, want %.3f within 0.02", got, exact)
	}
}

// Every table of a hopeless size is compared, and none passes; at the size that
// it lacks, one does.
func TestWhatCannotPassDoesNot(t *testing.T) {
	o := drift.CompareOptions{Margin: 0.3, Alpha: 0.05, MaxUndecided: 0.05}
	hopeless, err := drift.NewProspect(slices.Repeat([]int{1}, 6), 0, o.Margin, o.Alpha)
	if err != nil {
		t.Fatal(err)
	}
	if !hopeless.CannotPass || hopeless.AddToPass != 1 {
		t.Fatalf("prospect %+v, want one case missing", hopeless)
	}
	passes := map[int]bool{}
	tables(7, func(table drift.Table) {
		c, err := drift.Compare(pairsOf(table), o)
		if err != nil {
			t.Fatal(err)
		}
		passes[c.N] = passes[c.N] || c.Verdict == drift.VerdictPass
	})
	if passes[6] || !passes[7] {
		t.Errorf("passes by size: %v, want some of 7 cases alone", passes)
	}
}

func TestProspectsRefuseWhatIsNoPlan(t *testing.T) {
	for name, err := range map[string]error{
		"no clusters":         refusal(drift.NewProspect(nil, 0.06, 0.05, 0.05)),
		"an empty cluster":    refusal(drift.NewProspect([]int{0}, 0.06, 0.05, 0.05)),
		"flips over 1":        refusal(drift.NewProspect([]int{1}, 1.5, 0.05, 0.05)),
		"flips not a number":  refusal(drift.NewProspect([]int{1}, math.NaN(), 0.05, 0.05)),
		"a margin over range": refusal(drift.NewProspect([]int{1}, 0.06, 1, 0.05)),
	} {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func refusal(_ drift.Prospect, err error) error { return err }

// A report counts the missing cases as the plan did, where the cases turn out
// as correlated as planned, and with them the comparison passes.
func TestAReportLacksAsManyCasesAsThePlan(t *testing.T) {
	for name, tt := range map[string]struct {
		clusters, size int
		margin         float64
		want           string
	}{
		"two clusters":   {2, 8, 0.05, "need at least 176, with not one flip; add 160"},
		"three clusters": {3, 4, 0.10, "need at least 55, with not one flip; add 43"},
		"no clusters":    {12, 1, 0.10, "need at least 25, with not one flip; add 13"},
	} {
		t.Run(name, func(t *testing.T) {
			o := drift.CompareOptions{Margin: tt.margin, Alpha: 0.05, MaxUndecided: 0.05}
			plan, err := drift.NewProspect(slices.Repeat([]int{tt.size}, tt.clusters), 0, tt.margin, o.Alpha)
			if err != nil {
				t.Fatal(err)
			}
			few, err := drift.Compare(alike(tt.clusters*tt.size, tt.size), o)
			if err != nil {
				t.Fatal(err)
			}
			if few.Reason != "too_few" || !strings.Contains(few.Because, tt.want) || !strings.HasSuffix(few.Because, fmt.Sprintf("add %d", plan.AddToPass)) {
				t.Errorf("%s: %q, want %q; the plan adds %d", few.Reason, few.Because, tt.want, plan.AddToPass)
			}
			enough, err := drift.Compare(alike(plan.N+plan.AddToPass, tt.size), o)
			if err != nil {
				t.Fatal(err)
			}
			if enough.Verdict != drift.VerdictPass {
				t.Errorf("with %d more cases: %s, because %q", plan.AddToPass, enough.Verdict, enough.Because)
			}
		})
	}
}

// alike are n pairs that both models pass, in clusters of a size.
func alike(n, size int) []drift.Pair {
	pairs := make([]drift.Pair, n)
	for i := range pairs {
		both := drift.Observation{Outcome: drift.Pass}
		pairs[i] = drift.Pair{Case: fmt.Sprint(i), Cluster: fmt.Sprint(i / size), Reference: both, Candidate: both}
	}
	return pairs
}
