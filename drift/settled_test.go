package drift_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// pairsOf lists the pairs of a table, each a cluster of its own.
func pairsOf(t drift.Table) []drift.Pair {
	var list []drift.Pair
	add := func(n int, reference, candidate drift.Outcome) {
		for range n {
			id := fmt.Sprint(len(list))
			list = append(list, drift.Pair{Case: id, Cluster: id,
				Reference: drift.Observation{Outcome: reference}, Candidate: drift.Observation{Outcome: candidate}})
		}
	}
	add(t.BothPass, drift.Pass, drift.Pass)
	add(t.Loss, drift.Pass, drift.Fail)
	add(t.Gain, drift.Fail, drift.Pass)
	add(t.BothFail, drift.Fail, drift.Fail)
	add(t.Excluded, drift.Pass, drift.Undecided)
	return list
}

// completions calls yield for every way in which open cases may end.
func completions(t drift.Table, open drift.OpenCases, yield func(drift.Table)) {
	for lost := 0; lost <= open.ReferencePass; lost++ {
		for kept := 0; lost+kept <= open.ReferencePass; kept++ {
			for gained := 0; gained <= open.ReferenceFail; gained++ {
				for failed := 0; gained+failed <= open.ReferenceFail; failed++ {
					end := t
					end.Loss += lost
					end.BothPass += kept
					end.Gain += gained
					end.BothFail += failed
					end.Excluded += open.ReferencePass + open.ReferenceFail - lost - kept - gained - failed
					yield(end)
				}
			}
		}
	}
}

// tables calls yield for every table of at most n pairs.
func tables(n int, yield func(drift.Table)) {
	for a := 0; a <= n; a++ {
		for b := 0; a+b <= n; b++ {
			for c := 0; a+b+c <= n; c++ {
				for d := 0; a+b+c+d <= n; d++ {
					yield(drift.Table{BothPass: a, Loss: b, Gain: c, BothFail: d})
				}
			}
		}
	}
}

func TestASettledVerdictIsThatOfEveryCompletion(t *testing.T) {
	half := 0.5
	for name, o := range map[string]drift.CompareOptions{
		"wide margin":            {Margin: 0.3, Alpha: 0.05, MaxUndecided: 0.9},
		"wider, lenient":         {Margin: 0.45, Alpha: 0.2, MaxUndecided: 0.9},
		"narrow, lenient":        {Margin: 0.1, Alpha: 0.4, MaxUndecided: 0.9},
		"an answer by guessing":  {Margin: 0.2, Alpha: 0.3, MaxUndecided: 0.9, Baseline: &half},
		"smoke":                  {Margin: 0.3, Alpha: 0.2, MaxUndecided: 0.9, Smoke: true},
		"a guard that is met":    {Margin: 0.3, Alpha: 0.2, MaxUndecided: 0.9, GuardAtLeast: &half, GuardRate: &half},
		"a guard without answer": {Margin: 0.3, Alpha: 0.2, MaxUndecided: 0.9, GuardAtLeast: &half},
	} {
		t.Run(name, func(t *testing.T) {
			const family = 2
			settled := map[drift.Verdict]int{}
			tables(8, func(table drift.Table) {
				for _, open := range []drift.OpenCases{{ReferencePass: 2}, {ReferenceFail: 2}, {ReferencePass: 1, ReferenceFail: 2}} {
					standing := drift.Standing{Table: table, Open: open, Largest: 1, Clusters: table.N(), Family: family}
					verdict, ok, err := standing.Settled(o)
					if err != nil {
						t.Fatal(err)
					}
					if !ok {
						continue
					}
					settled[verdict]++
					completions(table, open, func(end drift.Table) {
						c, err := drift.Compare(pairsOf(end), o)
						if err != nil {
							t.Fatal(err)
						}
						if c.Verdict != verdict || verdict == drift.VerdictFail && family**c.PInferior >= o.Alpha {
							t.Fatalf("%+v with %+v open is settled as %s, but ends as %s (p %v) at %+v: %s",
								table, open, verdict, c.Verdict, *c.PInferior, end, c.Because)
						}
					})
				}
			})
			if passes := !o.Smoke && (o.GuardAtLeast == nil || o.GuardRate != nil); passes != (settled[drift.VerdictPass] > 0) {
				t.Errorf("settled %v, want passes: %v", settled, passes)
			}
		})
	}
}

// A family is asked case by case, and each comparison stops where it is
// settled; Holm's method then gives the verdicts of the full run.
func TestStoppingEarlyChangesNoVerdictOfAFamily(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 14))
	o := drift.CompareOptions{Margin: 0.1, Alpha: 0.05, MaxUndecided: 0.05}
	spared, verdicts := 0, map[drift.Verdict]int{}
	for range 300 {
		full, stopped := newFamily(), newFamily()
		for range 4 {
			pairs := randomPairs(random, 40+random.IntN(160))
			asked := askUntilSettled(t, pairs, 4, o)
			spared += len(pairs) - len(asked)
			full.compare(t, pairs, o)
			some := o
			some.Spared = len(pairs) - len(asked)
			stopped.compare(t, asked, some)
		}
		want, got := full.judged(t), stopped.judged(t)
		for i := range want {
			verdicts[want[i]]++
			if got[i] != want[i] {
				t.Fatalf("comparison %d is %s where it stops early, %s in full", i, got[i], want[i])
			}
		}
	}
	if spared == 0 || verdicts[drift.VerdictPass] == 0 || verdicts[drift.VerdictFail] == 0 || verdicts[drift.VerdictInconclusive] == 0 {
		t.Errorf("spared %d cases over verdicts %v, want some of each", spared, verdicts)
	}
}

// family is an audit of one candidate.
type family struct{ drift.Audit }

func newFamily() *family {
	return &family{drift.Audit{
		Policy:     drift.Policy{Margin: 0.1, GroupMargin: 0.1, Alpha: 0.05, MaxUndecided: 0.05, Inconclusive: "block", Uninformative: "warn"},
		Candidates: []drift.Model{{Name: "q4", Expect: drift.ExpectPass}},
	}}
}

func (f *family) compare(t *testing.T, pairs []drift.Pair, o drift.CompareOptions) {
	t.Helper()
	c, err := drift.Compare(pairs, o)
	if err != nil {
		t.Fatal(err)
	}
	c.Candidate, c.Probe = "q4", fmt.Sprintf("own.case.n%d", len(f.Comparisons))
	f.Comparisons = append(f.Comparisons, c)
}

func (f *family) judged(t *testing.T) []drift.Verdict {
	t.Helper()
	if err := drift.Judge(&f.Audit, "2026-01-02"); err != nil {
		t.Fatal(err)
	}
	var list []drift.Verdict
	for _, c := range f.Comparisons {
		list = append(list, c.Verdict)
	}
	return list
}

// randomPairs draws answers of a reference that mostly passes and of a
// candidate that loses none, some or many of them.
func randomPairs(random *rand.Rand, n int) []drift.Pair {
	loss := []float64{0, 0.02, 0.2, 0.25, 0.5}[random.IntN(5)]
	pairs := make([]drift.Pair, n)
	for i := range pairs {
		id := fmt.Sprint(i)
		pairs[i] = drift.Pair{Case: id, Cluster: id,
			Reference: drift.Observation{Outcome: drift.Pass}, Candidate: drift.Observation{Outcome: drift.Pass}}
		if random.Float64() < 0.15 {
			pairs[i].Reference.Outcome = drift.Fail
		}
		if random.Float64() < loss {
			pairs[i].Candidate.Outcome = drift.Fail
		}
		if random.Float64() < 0.01 {
			pairs[i].Candidate.Outcome = drift.Undecided
		}
	}
	return pairs
}

// askUntilSettled gives the pairs up to where the verdict is settled.
func askUntilSettled(t *testing.T, pairs []drift.Pair, family int, o drift.CompareOptions) []drift.Pair {
	t.Helper()
	for asked := range pairs {
		var open drift.OpenCases
		for _, p := range pairs[asked:] {
			if p.Reference.Outcome == drift.Pass {
				open.ReferencePass++
			} else {
				open.ReferenceFail++
			}
		}
		table := drift.NewTable(pairs[:asked])
		_, ok, err := drift.Standing{Table: table, Open: open, Largest: 1, Clusters: table.N(), Family: family}.Settled(o)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			return pairs[:asked]
		}
	}
	return pairs
}

// The design effect moves with each answer, and no completion may escape its
// bound: random clusters with some open cases, each completed in every way.
func TestASettledVerdictOfClustersIsThatOfEveryCompletion(t *testing.T) {
	random := rand.New(rand.NewPCG(14, 2))
	settled := map[drift.Verdict]int{}
	for range 6000 {
		o := drift.CompareOptions{Margin: []float64{0.3, 0.45}[random.IntN(2)], Alpha: []float64{0.1, 0.3}[random.IntN(2)], MaxUndecided: 0.9}
		pairs, largest := randomClusters(random, 4+random.IntN(20))
		open := pairs[:min(len(pairs), 1+random.IntN(4))]
		for i := range open {
			open[i].Candidate.Outcome = drift.Undecided
		}
		standing := standingOf(pairs[len(open):], open, largest)
		verdict, ok, err := standing.Settled(o)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		settled[verdict]++
		complete(open, func() {
			c, err := drift.Compare(pairs, o)
			if err != nil {
				t.Fatal(err)
			}
			if c.Verdict != verdict || verdict == drift.VerdictFail && float64(standing.Family)**c.PInferior >= o.Alpha {
				t.Fatalf("%+v is settled as %s, but ends as %s with design effect %.2f: %s", standing, verdict, c.Verdict, *c.DesignEffect, c.Because)
			}
		})
	}
	if settled[drift.VerdictPass] < 50 || settled[drift.VerdictFail] < 50 {
		t.Errorf("settled %v, want many of each", settled)
	}
}

// randomClusters draws clusters of up to three cases, most of which go the way
// of their cluster.
func randomClusters(random *rand.Rand, clusters int) (pairs []drift.Pair, largest int) {
	loss := []float64{0, 0.1, 0.9}[random.IntN(3)]
	for g := range clusters {
		size, lost := 1+random.IntN(3), random.Float64() < loss
		largest = max(largest, size)
		for range size {
			p := drift.Pair{Cluster: fmt.Sprint(g),
				Reference: drift.Observation{Outcome: drift.Pass}, Candidate: drift.Observation{Outcome: drift.Pass}}
			if lost != (random.Float64() < 0.1) {
				p.Candidate.Outcome = drift.Fail
			}
			if random.Float64() < 0.1 {
				p.Reference.Outcome, p.Candidate.Outcome = p.Candidate.Outcome, p.Reference.Outcome
			}
			pairs = append(pairs, p)
		}
	}
	random.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	return pairs, largest
}

func standingOf(over, open []drift.Pair, largest int) drift.Standing {
	clusters := map[string]bool{}
	for _, p := range over {
		clusters[p.Cluster] = true
	}
	s := drift.Standing{Table: drift.NewTable(over), Largest: largest, Clusters: len(clusters), Family: 1}
	for _, p := range open {
		if p.Reference.Outcome == drift.Pass {
			s.Open.ReferencePass++
		} else {
			s.Open.ReferenceFail++
		}
	}
	return s
}

// complete calls yield with every way in which the pairs may end.
func complete(open []drift.Pair, yield func()) {
	if len(open) == 0 {
		yield()
		return
	}
	for _, outcome := range []drift.Outcome{drift.Pass, drift.Fail, drift.Undecided} {
		open[0].Candidate.Outcome = outcome
		complete(open[1:], yield)
	}
}

func TestSettledRefusesWhatIsNoStanding(t *testing.T) {
	o := drift.CompareOptions{Margin: 0.1, Alpha: 0.05, MaxUndecided: 0.05}
	for name, s := range map[string]drift.Standing{
		"a cell below 0":     {Table: drift.Table{Loss: -1}, Largest: 1, Family: 1},
		"open below 0":       {Open: drift.OpenCases{ReferenceFail: -1}, Largest: 1, Family: 1},
		"no family":          {Largest: 1},
		"no cluster size":    {Family: 1},
		"clusters of no one": {Largest: 1, Family: 1, Clusters: 1},
	} {
		if _, _, err := s.Settled(o); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	good := drift.Standing{Largest: 1, Family: 1}
	if _, _, err := good.Settled(drift.CompareOptions{Alpha: 0.05}); err == nil {
		t.Error("no margin is accepted")
	}
}

// A pass does not rest on answers that may never come, and once a call has
// failed all are asked.
func TestWantOfAnswersCanNotUndoASettledPass(t *testing.T) {
	o := drift.CompareOptions{Margin: 0.2, Alpha: 0.05, MaxUndecided: 0.05}
	for _, c := range []struct {
		name                 string
		both, loss, excluded int
		open                 int
		want                 drift.Verdict // empty: not settled
	}{
		{"few open", 290, 0, 0, 10, drift.VerdictPass},
		{"so many open that they could all fail", 280, 0, 0, 20, ""},
		{"few open, some failed", 286, 0, 8, 6, drift.VerdictPass},
		{"few open, too many failed", 283, 0, 11, 6, ""},
		{"a shown drop", 100, 150, 0, 50, drift.VerdictFail},
		{"a shown drop, one call failed", 100, 150, 1, 50, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := drift.Standing{
				Table: drift.Table{BothPass: c.both, Loss: c.loss, Excluded: c.excluded}, Open: drift.OpenCases{ReferencePass: c.open},
				Largest: 1, Clusters: c.both + c.loss, Family: 1,
			}
			got, settled, err := s.Settled(o)
			if err != nil {
				t.Fatal(err)
			}
			if settled != (c.want != "") || got != c.want {
				t.Errorf("%q, settled %v: want %q", got, settled, c.want)
			}
		})
	}
}
