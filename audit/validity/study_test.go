package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/google/go-cmp/cmp"
)

// sample is 200 cases in clusters of two, of which a candidate loses the
// odd clusters below lost, all of them in group tail.
func sample(lost int) population {
	a := &drift.Audit{
		Title:      "Population",
		Policy:     drift.Policy{Margin: 0.05, GroupMargin: 0.10, Alpha: 0.05, MaxUndecided: 0.05},
		Candidates: []drift.Model{{Name: "q", Expect: drift.ExpectBlocked}},
		Probes:     []drift.ProbeInfo{{ID: "own.a.b"}},
	}
	var pairs []drift.Pair
	for i := range 200 {
		cluster := i / 2
		p := drift.ProbePair{Probe: "own.a.b", Candidate: "q", Groups: []string{"tier=head"}, Pair: drift.Pair{
			Case: fmt.Sprint(i), Cluster: fmt.Sprint(cluster),
			Reference: drift.Observation{Outcome: drift.Pass, Passes: 1, Samples: 1},
			Candidate: drift.Observation{Outcome: drift.Pass, Passes: 1, Samples: 1},
		}}
		if cluster%2 == 1 {
			p.Groups = []string{"tier=tail"}
			if cluster < lost {
				p.Pair.Candidate = drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Samples: 1}
			}
		}
		a.Pairs = append(a.Pairs, p)
		pairs = append(pairs, p.Pair)
	}
	whole, err := drift.Compare(pairs, drift.CompareOptions{Margin: 0.05, Alpha: 0.05, MaxUndecided: 0.05})
	if err != nil {
		panic(err)
	}
	whole.Probe, whole.Candidate = "own.a.b", "q"
	a.Comparisons = []drift.Comparison{whole}
	return population{a, map[string]thinning{"own.a.b": {1, 1}}}
}

func TestHarmIsBlockedAndNoHarmIsPassedMoreOftenTheMoreCasesThereAre(t *testing.T) {
	for _, c := range []struct {
		lost          int
		blocked, pass bool
	}{{100, true, false}, {0, false, true}} {
		s, err := newStudy(sample(c.lost), 20, 1)
		if err != nil {
			t.Fatal(err)
		}
		last := s.candidates[len(s.candidates)-1]
		if (last.blocked == last.audits) != c.blocked || (last.pass == last.audits) != c.pass {
			t.Errorf("%d lost: %+v", c.lost, last)
		}
		first := s.candidates[0]
		if first.blocked > last.blocked || first.pass > last.pass {
			t.Errorf("%d lost: fewer cases decide more: %+v, %+v", c.lost, first, last)
		}
		text := string(page([]study{s}, 20, 1))
		if harm := strings.Contains(text, "| q | own.a.b | -50.0 | 5 |"); harm != c.blocked {
			t.Errorf("%d lost: the slice is shown: %v\n%s", c.lost, harm, text)
		}
	}
}

func TestSamplesThinClustersAndRepeatWithTheirSeed(t *testing.T) {
	pairs := sample(0).audit.Pairs
	seeded := func(seed uint64, th thinning) []drift.ProbePair {
		return draw(pairs, th, rand.New(rand.NewPCG(seed, 0)))
	}
	whole := thinning{clusters: 0.31, units: 1}
	a := seeded(1, whole)
	if diff := cmp.Diff(a, seeded(1, whole)); diff != "" {
		t.Errorf("one seed, two samples:\n%s", diff)
	}
	if cmp.Equal(a, seeded(2, whole)) {
		t.Error("two seeds give one sample")
	}
	clusters := func(list []drift.ProbePair) int {
		seen := map[string]bool{}
		for _, p := range list {
			seen[p.Pair.Cluster] = true
		}
		return len(seen)
	}
	if len(a) != 62 || clusters(a) != 31 {
		t.Errorf("%d pairs in %d clusters: want 62 in 31", len(a), clusters(a))
	}
	if half := seeded(1, thinning{clusters: 1, units: 0.5}); len(half) != 100 || clusters(half) != 100 {
		t.Errorf("%d pairs in %d clusters: want one of each of 100", len(half), clusters(half))
	}
	if all := seeded(1, thinning{1, 1}); len(all) != 200 {
		t.Errorf("%d pairs of 200: want all", len(all))
	}
}
