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
	return population{a, map[string]float64{"own.a.b": 1}}
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

func TestSamplesAreWholeClustersAndRepeatWithTheirSeed(t *testing.T) {
	pairs := sample(0).audit.Pairs
	seeded := func(seed uint64) []drift.ProbePair { return draw(pairs, 61, rand.New(rand.NewPCG(seed, 0))) }
	a, b := seeded(1), seeded(1)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("one seed, two samples:\n%s", diff)
	}
	if cmp.Equal(a, seeded(2)) {
		t.Error("two seeds give one sample")
	}
	members := map[string]int{}
	for _, p := range a {
		members[p.Pair.Cluster]++
	}
	if len(a) != 62 || len(members) != 31 {
		t.Errorf("%d pairs in %d clusters: want 62 in 31", len(a), len(members))
	}
	if got := draw(pairs, 1000, rand.New(rand.NewPCG(1, 0))); len(got) != 200 {
		t.Errorf("%d pairs of 200: want all", len(got))
	}
}
