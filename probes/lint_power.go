package probes

import "github.com/gambit-audit/gambit/drift"

// powered finds groups that cannot show what they are for, once correlated
// cases are counted for what they are worth.
func (l linter) powered() {
	for _, group := range l.probe.groups() {
		margin := l.options.GroupMargin
		if group == "" {
			margin = 0.05
		}
		prospect, err := drift.NewProspect(clusterSizes(l.probe.Units(group)), 0, margin, 0.05)
		if err != nil {
			l.Problems = append(l.Problems, err)
			continue
		}
		if prospect.AddToPass > 0 {
			l.warn([]string{"compare", "cluster", "axes"}, "%s: %d cases in %d clusters are worth %.1f independent ones: add %d in further clusters to pass a margin of %g",
				named(group), prospect.N, prospect.Clusters, prospect.Effective, prospect.AddToPass, margin)
		}
	}
}

// clusterSizes are the numbers of units in each cluster, in order of appearance.
func clusterSizes(units [][]*Case) []int {
	var sizes []int
	at := map[string]int{}
	for _, u := range units {
		i, ok := at[u[0].Cluster]
		if !ok {
			i = len(sizes)
			at[u[0].Cluster], sizes = i, append(sizes, 0)
		}
		sizes[i]++
	}
	return sizes
}
