package drift_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// million makes 1,000,000 pairs in 1,000 clusters, and splits them into 20
// groups of 50 clusters each.
func million() (all []drift.Pair, groups map[string][]drift.Pair) {
	r := rand.New(rand.NewPCG(11, 12))
	groups = map[string][]drift.Pair{}
	right := drift.Observation{Outcome: drift.Pass, Passes: 1, Samples: 1}
	wrong := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Samples: 1}
	for i := range 1_000_000 {
		cluster := i % 1000
		p := drift.Pair{Case: "case", Cluster: fmt.Sprint("template-", cluster), Reference: right, Candidate: right}
		switch x := r.Float64(); {
		case x < 0.04:
			p.Candidate = wrong
		case x < 0.07:
			p.Reference = wrong
		case x < 0.2:
			p.Reference, p.Candidate = wrong, wrong
		}
		all = append(all, p)
		name := fmt.Sprintf("group-%02d", cluster%20)
		groups[name] = append(groups[name], p)
	}
	return all, groups
}

// BenchmarkCompareAMillionPairs judges all pairs and every group: it should
// take under 2 s on one core.
func BenchmarkCompareAMillionPairs(b *testing.B) {
	all, groups := million()
	o := drift.CompareOptions{Margin: 0.05, Alpha: 0.05, MaxUndecided: 0.05}
	for b.Loop() {
		if _, err := drift.Compare(all, o); err != nil {
			b.Fatal(err)
		}
		for _, pairs := range groups {
			if _, err := drift.Compare(pairs, o); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkAnalyseAMillionPairs compares the changes of all groups with each
// other, with the test of their gap, which draws.
func BenchmarkAnalyseAMillionPairs(b *testing.B) {
	_, groups := million()
	by := map[string][]*drift.Pair{}
	for name, pairs := range groups {
		for i := range pairs {
			by[name] = append(by[name], &pairs[i])
		}
	}
	o := drift.GroupOptions{Path: "group", Alpha: 0.05, Margin: func(string) float64 { return 0.1 }}
	for b.Loop() {
		if drift.AnalyseGroups(by, o) == nil {
			b.Fatal("no groups")
		}
	}
}
