package probes

import "github.com/gambit-audit/gambit/drift"

// powered finds what is large enough by its cases, and too small once those of
// a cluster are counted for what they are worth: such a probe or group cannot
// be relied on to pass, even where not one answer changes. Fewer cases are a
// warning of loading already.
func (l linter) powered() {
	for _, group := range l.probe.groups() {
		margin := l.options.GroupMargin
		if group == "" {
			margin = l.options.Margin
		}
		sizes := clusterSizes(l.probe.Units(group))
		prospect, err := drift.NewProspect(sizes, 0, margin, alpha)
		if err != nil {
			l.Problems = append(l.Problems, err)
			continue
		}
		if prospect.AddToPass == 0 || few(group, prospect) {
			continue
		}
		l.warn([]string{"compare", "cluster", "axes", "want", "cases"},
			"%s: %s in %s are worth %.1f independent ones: add %d in further clusters to pass at margin %g",
			named(group), l.probe.counted(prospect.N), plural(prospect.Clusters, "cluster"), prospect.Effective, prospect.AddToPass, margin)
	}
}

// few tells what loading warns of: too few cases, or a single cluster of all.
func few(group string, p drift.Prospect) bool {
	if group == "" {
		return p.Clusters == 1
	}
	return p.CannotPass && p.Clusters > 1
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
