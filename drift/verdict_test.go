package drift_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// cells makes pairs, each a cluster of its own: a both pass, b losses, c
// gains, d both fail, u unanswered by the candidate.
func cells(a, b, c, d, u int) []drift.Pair {
	pass := drift.Observation{Outcome: drift.Pass, Passes: 1, Samples: 1}
	fail := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Samples: 1}
	none := drift.Observation{Outcome: drift.Undecided, Reason: drift.ReasonError}
	var pairs []drift.Pair
	add := func(n int, reference, candidate drift.Observation) {
		for range n {
			id := fmt.Sprintf("case%d", len(pairs))
			pairs = append(pairs, drift.Pair{Case: id, Cluster: id, Reference: reference, Candidate: candidate})
		}
	}
	add(a, pass, pass)
	add(b, pass, fail)
	add(c, fail, pass)
	add(d, fail, fail)
	add(u, pass, none)
	return pairs
}

func options(margin float64) drift.CompareOptions {
	return drift.CompareOptions{Margin: margin, Alpha: 0.05, MaxUndecided: 0.05}
}

func compare(t *testing.T, pairs []drift.Pair, o drift.CompareOptions) drift.Comparison {
	t.Helper()
	c, err := drift.Compare(pairs, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVerdicts(t *testing.T) {
	half := 0.5
	ninety := 0.9
	for _, tt := range []struct {
		name    string
		pairs   []drift.Pair
		options drift.CompareOptions
		want    drift.Verdict
		reason  string
		because string
	}{
		{"nothing observed is no pass", nil, options(0.05), drift.VerdictInconclusive, "no_data", "none of 0 cases"},
		{"one identical pair", cells(1, 0, 0, 0, 0), options(0.05), drift.VerdictInconclusive, "one_cluster", "one cluster"},
		// At a margin of 1 point not one flip may be seen in floor(2.7055*99)+1 = 268 cases.
		{"ten pairs without a flip at one point", cells(10, 0, 0, 0, 0), options(0.01), drift.VerdictInconclusive, "too_few", "need at least 268"},
		{"enough pairs without a flip", cells(60, 0, 0, 0, 0), options(0.05), drift.VerdictPass, "noninferior", "ruled out"},
		{"a shown drop", cells(60, 40, 0, 0, 0), options(0.05), drift.VerdictFail, "inferior", "−40.0 points"},
		{"neither shown nor ruled out", cells(95, 5, 0, 0, 0), options(0.05), drift.VerdictInconclusive, "interval_contains_margin", "more cases if there is no true drop"},
		{"20 of 1,000 answered", cells(20, 0, 0, 0, 980), options(0.05), drift.VerdictInconclusive, "coverage", "only 20 of 1,000 cases"},
		{"a drop that coverage does not carry", cells(60, 40, 0, 0, 900), options(0.05), drift.VerdictInconclusive, "coverage", "coverage"},
		{"a reference that cannot do it", cells(0, 0, 0, 200, 0), options(0.05), drift.VerdictUninformative, "baseline", "would mean nothing"},
		// 4 % against nothing: a candidate that lost all of it stays inside 5 points.
		{"a collapse inside the margin", cells(0, 40, 0, 960, 0), options(0.05), drift.VerdictUninformative, "baseline", "would mean nothing"},
		{"a reference within noise of a constant answer", cells(104, 0, 0, 96, 0),
			drift.CompareOptions{Margin: 0.05, Alpha: 0.05, MaxUndecided: 0.05, Baseline: &half}, drift.VerdictUninformative, "baseline", "50.0 %"},
		{"a shown drop goes before the baseline", cells(0, 104, 0, 96, 0),
			drift.CompareOptions{Margin: 0.05, Alpha: 0.05, MaxUndecided: 0.05, Baseline: &half}, drift.VerdictFail, "inferior", "shown"},
		{"a guard that is not reached", cells(100, 0, 0, 0, 0),
			drift.CompareOptions{Margin: 0.05, Alpha: 0.05, MaxUndecided: 0.05, GuardAtLeast: &ninety, GuardRate: &half}, drift.VerdictUninformative, "guard", "below their floor"},
		{"smoke passes nothing", cells(60, 0, 0, 0, 0),
			drift.CompareOptions{Margin: 0.05, Alpha: 0.05, MaxUndecided: 0.05, Smoke: true}, drift.VerdictInconclusive, "smoke", "standard"},
		{"smoke can fail", cells(10, 22, 0, 0, 0),
			drift.CompareOptions{Margin: 0.05, Alpha: 0.05, MaxUndecided: 0.05, Smoke: true}, drift.VerdictFail, "inferior", "shown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := compare(t, tt.pairs, tt.options)
			if c.Verdict != tt.want || c.Reason != tt.reason || !strings.Contains(c.Because, tt.because) {
				t.Errorf("got %s (%s): %s\nwant %s (%s) with %q", c.Verdict, c.Reason, c.Because, tt.want, tt.reason, tt.because)
			}
		})
	}
}

func TestAClusterOfCasesIsNotManyCases(t *testing.T) {
	pairs := cells(200, 0, 0, 0, 0)
	for i := range pairs {
		pairs[i].Cluster = fmt.Sprint(i / 50) // 4 templates of 50 cases
	}
	c := compare(t, pairs, options(0.05))
	// planned design effect 1+(50-1)*0.3 = 15.7, so 200 cases are worth 12.7
	if c.Verdict != drift.VerdictInconclusive || c.Reason != "too_few" || *c.DesignEffect != 15.7 {
		t.Errorf("got %s (%s), design effect %v", c.Verdict, c.Reason, *c.DesignEffect)
	}
}

func TestRepeatedSamplesAreCompared(t *testing.T) {
	var pairs []drift.Pair
	for i := range 80 {
		id := fmt.Sprint(i)
		o := func(k int) drift.Observation {
			outcome := drift.Fail
			if k > 2 {
				outcome = drift.Pass
			}
			return drift.Observation{Outcome: outcome, Passes: k, Samples: 5}
		}
		pairs = append(pairs, drift.Pair{Case: id, Cluster: id, Reference: o(5), Candidate: o(5 - i%3)})
	}
	c := compare(t, pairs, options(0.05))
	// The majorities agree everywhere; the mean drop is (0+1+2)/3/5 = 0.2 but for the cut at 80.
	if c.Method != "tango" || c.Verdict != drift.VerdictFail || c.Loss != 0 {
		t.Errorf("got %s by %s with %d losses: %s", c.Verdict, c.Method, c.Loss, c.Because)
	}
}

func audit(models []drift.Model, comparisons ...drift.Comparison) *drift.Audit {
	return &drift.Audit{
		Size: "standard", Candidates: models, Comparisons: comparisons,
		Policy: drift.Policy{Margin: 0.05, GroupMargin: 0.10, Alpha: 0.05, MaxUndecided: 0.05, Inconclusive: "block", Uninformative: "warn"},
	}
}

func named(c drift.Comparison, probe, candidate, group string) drift.Comparison {
	c.Probe, c.Candidate, c.Group = probe, candidate, group
	return c
}

func judge(t *testing.T, a *drift.Audit) *drift.Audit {
	t.Helper()
	if err := drift.Judge(a, "2026-06-01"); err != nil {
		t.Fatal(err)
	}
	return a
}

var (
	q4    = drift.Model{Name: "q4", Expect: drift.ExpectPass}
	harsh = drift.Model{Name: "harsh", Expect: drift.ExpectBlocked}
)

func TestASmallGroupThatLosesHalfFailsInsideALargeProbe(t *testing.T) {
	group := cells(20, 20, 0, 0, 0)
	all := append(cells(3960, 0, 0, 0, 0), group...)
	for i := range all {
		all[i].Cluster = fmt.Sprint(i)
	}
	a := judge(t, audit([]drift.Model{q4},
		named(compare(t, all, options(0.05)), "minority.tail.facts", "q4", ""),
		named(compare(t, group, options(0.10)), "minority.tail.facts", "q4", "tier=tail")))
	if a.Comparisons[0].Verdict != drift.VerdictPass || a.Comparisons[1].Verdict != drift.VerdictFail {
		t.Errorf("all cases %s, the group %s: want pass and fail", a.Comparisons[0].Verdict, a.Comparisons[1].Verdict)
	}
	if a.Gate.Passed || a.Gate.Status != 1 || !strings.Contains(a.Gate.Reasons[0], "tier=tail") {
		t.Errorf("gate %+v", a.Gate)
	}
}

func TestADamagedControlWithTooFewCasesIsMissed(t *testing.T) {
	a := judge(t, audit([]drift.Model{harsh}, named(compare(t, cells(8, 2, 0, 0, 0), options(0.10)), "edge.a.b", "harsh", "")))
	v := a.Gate.Candidates[0]
	if v.Blocked || v.Met || a.Gate.Passed || !strings.Contains(a.Gate.Reasons[0], "missed control") {
		t.Errorf("control %+v, gate %+v", v, a.Gate)
	}
}

func TestSmokeSizeHoldsNoControlToItsDamage(t *testing.T) {
	few := named(compare(t, cells(8, 2, 0, 0, 0), options(0.10)), "edge.a.b", "harsh", "")
	none := named(compare(t, nil, options(0.10)), "edge.a.b", "harsh", "")
	for what, tt := range map[string]struct {
		c   drift.Comparison
		met bool
	}{"too few cases": {few, true}, "no answer at all": {none, false}} {
		a := audit([]drift.Model{harsh}, tt.c)
		a.Size = "smoke"
		if v := judge(t, a).Gate.Candidates[0]; v.Blocked || v.Met != tt.met {
			t.Errorf("%s: control %+v, want met %t", what, v, tt.met)
		}
	}
}

func TestAFailMustSurviveHolm(t *testing.T) {
	// 10 losses of 60 are a fail by themselves.
	weak := compare(t, cells(50, 10, 0, 0, 0), options(0.05))
	if weak.Verdict != drift.VerdictFail || *weak.PInferior < 0.001 {
		t.Fatalf("got %s with p=%v, want a weak fail", weak.Verdict, *weak.PInferior)
	}
	alone := judge(t, audit([]drift.Model{q4}, named(weak, "edge.a.a", "q4", "")))
	if alone.Comparisons[0].Verdict != drift.VerdictFail {
		t.Error("a fail alone does not stand")
	}
	many := []drift.Comparison{named(weak, "edge.a.a", "q4", "")}
	for i := range 30 {
		many = append(many, named(compare(t, cells(100, 0, 0, 0, 0), options(0.05)), fmt.Sprintf("edge.b.n%d", i), "q4", ""))
	}
	among := judge(t, audit([]drift.Model{q4}, many...))
	c := among.Comparisons[0]
	if c.Verdict != drift.VerdictInconclusive || c.Reason != "not_confirmed" || c.Family != 31 {
		t.Errorf("got %s (%s) in a family of %d", c.Verdict, c.Reason, c.Family)
	}
}

func TestTheGate(t *testing.T) {
	pass := compare(t, cells(100, 0, 0, 0, 0), options(0.05))
	fail := compare(t, cells(50, 50, 0, 0, 0), options(0.05))
	open := compare(t, cells(95, 5, 0, 0, 0), options(0.05))
	blind := compare(t, cells(0, 0, 0, 100, 0), options(0.05))
	lost := compare(t, cells(20, 0, 0, 0, 980), options(0.05))
	waiver := func(until string) func(*drift.Audit) {
		return func(a *drift.Audit) {
			a.Policy.Waivers = []drift.Waiver{{Probe: "edge.a.*", Owner: "release", Until: until, Why: "known"}}
		}
	}
	for _, tt := range []struct {
		name   string
		model  drift.Model
		list   []drift.Comparison
		change func(*drift.Audit)
		status int
	}{
		{"a pass", q4, []drift.Comparison{pass}, nil, 0},
		{"a fail", q4, []drift.Comparison{pass, fail}, nil, 1},
		{"an inconclusive blocks", q4, []drift.Comparison{pass, open}, nil, 1},
		{"unless it only warns", q4, []drift.Comparison{pass, open}, func(a *drift.Audit) { a.Policy.Inconclusive = "warn" }, 0},
		{"an uninformative warns", q4, []drift.Comparison{pass, blind}, nil, 0},
		{"unless it blocks", q4, []drift.Comparison{pass, blind}, func(a *drift.Audit) { a.Policy.Uninformative = "block" }, 1},
		{"a pack without a word blocks", q4, []drift.Comparison{blind}, nil, 1},
		{"no comparison is no pass", q4, nil, nil, 1},
		{"missing answers alone", q4, []drift.Comparison{pass, lost}, nil, 3},
		{"missing answers and a fail", q4, []drift.Comparison{fail, lost}, nil, 1},
		{"a control that is blocked", harsh, []drift.Comparison{fail}, nil, 0},
		{"a control that passes", harsh, []drift.Comparison{pass}, nil, 1},
		{"a control that is inconclusive", harsh, []drift.Comparison{open}, nil, 1},
		{"for information", drift.Model{Name: "q4", Expect: drift.ExpectAny}, []drift.Comparison{fail}, nil, 0},
		{"a waiver that holds", q4, []drift.Comparison{fail}, waiver("2026-06-01"), 0},
		{"a waiver that expired", q4, []drift.Comparison{fail}, waiver("2026-05-31"), 1},
		{"an advisory fail", q4, []drift.Comparison{fail, named(pass, "edge.z.z", "", "")},
			func(a *drift.Audit) { a.Policy.Advisory = []string{"edge.a.*"} }, 0},
		{"nothing but advice", q4, []drift.Comparison{pass}, func(a *drift.Audit) { a.Policy.Advisory = []string{"edge.*"} }, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var list []drift.Comparison
			for i, c := range tt.list {
				probe := c.Probe
				if probe == "" {
					probe = fmt.Sprintf("edge.a.n%d", i)
				}
				list = append(list, named(c, probe, tt.model.Name, ""))
			}
			a := audit([]drift.Model{tt.model}, list...)
			if tt.change != nil {
				tt.change(a)
			}
			judge(t, a)
			if a.Gate.Status != tt.status || a.Gate.Passed != (tt.status == 0) {
				t.Errorf("status %d, passed %v, reasons %q: want status %d", a.Gate.Status, a.Gate.Passed, a.Gate.Reasons, tt.status)
			}
			if !a.Gate.Passed && len(a.Gate.Reasons) == 0 {
				t.Error("not passed without a reason")
			}
		})
	}
}

func TestAMandatoryCaseBlocks(t *testing.T) {
	a := audit([]drift.Model{q4}, named(compare(t, cells(100, 0, 0, 0, 0), options(0.05)), "edge.a.b", "q4", ""))
	a.Mandatory = []drift.Mandatory{{Case: "edge.a.b/one", Probe: "edge.a.b", Candidate: "q4", Gated: true, Observation: drift.Observation{Outcome: drift.Fail}}}
	judge(t, a)
	if a.Gate.Passed || a.Gate.Status != 1 {
		t.Errorf("gate %+v", a.Gate)
	}
}

var rank = map[drift.Verdict]int{drift.VerdictFail: 0, drift.VerdictInconclusive: 1, drift.VerdictUninformative: 1, drift.VerdictPass: 2}

func FuzzCompare(f *testing.F) {
	f.Add(uint8(90), uint8(5), uint8(3), uint8(2), uint8(0), uint8(1), uint8(5))
	f.Add(uint8(0), uint8(0), uint8(0), uint8(0), uint8(9), uint8(3), uint8(50))
	f.Add(uint8(250), uint8(0), uint8(0), uint8(0), uint8(0), uint8(40), uint8(1))
	f.Fuzz(func(t *testing.T, a, b, c, d, u, perCluster, margin uint8) {
		o := options(float64(margin%98+1) / 100)
		build := func(b, c, u int) drift.Comparison {
			pairs := cells(int(a), b, c, int(d), u)
			for i := range pairs {
				pairs[i].Cluster = fmt.Sprint(i / (int(perCluster%20) + 1))
			}
			got := compare(t, pairs, o)
			if _, err := json.Marshal(got); err != nil {
				t.Fatalf("not JSON: %v", err)
			}
			return got
		}
		got := build(int(b), int(c), int(u))
		if i := got.Interval; i != nil && (*got.Change < i.Low-1e-9 || *got.Change > i.High+1e-9) {
			t.Errorf("change %v outside its interval %v", *got.Change, got.Interval)
		}
		if got.Verdict == drift.VerdictPass && got.N == 0 {
			t.Error("passed without a case")
		}
		if more := build(int(b), int(c), int(u)+200); got.Verdict != drift.VerdictPass && more.Verdict == drift.VerdictPass {
			t.Error("missing answers made a pass")
		}
	})
}

func TestFewerLossesNeverMakeAVerdictWorse(t *testing.T) {
	for n := 60; n <= 200; n += 35 {
		last := 0
		for losses := n / 2; losses >= 0; losses-- {
			c := compare(t, cells(n-losses, losses, 0, 0, 0), options(0.05))
			if rank[c.Verdict] < last {
				t.Errorf("n=%d: %d losses are %s, one more was better", n, losses, c.Verdict)
			}
			last = rank[c.Verdict]
		}
	}
}

func TestOnlyAStarIsSpecialInAPattern(t *testing.T) {
	for _, c := range []struct {
		glob, id string
		want     bool
	}{
		{"edge.a.b", "edge.a.b", true},
		{"edge.a.b", "edge.a.bc", false},
		{"edge.*", "edge.a.b", true},
		{"*", "lang=pt/br", true},
		{"lang=*", "lang=pt/br", true},
		{"*.b", "edge.a.b", true},
		{"e*a*b", "edge.a.b", true},
		{"e*ab", "edge.a.b", false},
		{"a*a", "a", false},
		{"edge.*.*.*", "edge.a.b", false},
		{"", "", true},
		{"", "edge.a.b", false},
		{"[e]dge.a.b", "edge.a.b", false},
	} {
		if got := drift.MatchesProbe(c.glob, c.id); got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.glob, c.id, got, c.want)
		}
	}
}
