package drift

import (
	"cmp"
	"slices"
)

// Explore collects the exploratory results of all analyses of one candidate and
// of others, the slices that nobody compares by, and adjusts their p-values by
// Benjamini and Hochberg. A finding is notable below rate, the accepted share
// of false ones among those. The surest come first.
func Explore(analyses []Analysis, others []Finding, rate float64) []Finding {
	list := slices.Clone(others)
	for i := range analyses {
		list = append(list, analyses[i].findings()...)
	}
	return adjusted(list, rate)
}

func adjusted(list []Finding, rate float64) []Finding {
	p := make([]float64, len(list))
	for i, f := range list {
		p[i] = f.P
	}
	q, err := BenjaminiHochberg(p)
	if err != nil {
		return nil // every p-value comes out of this package, in [0,1]
	}
	for i := range list {
		list[i].PAdjusted, list[i].Family, list[i].Notable = q[i], len(list), q[i] < rate
	}
	slices.SortStableFunc(list, func(x, y Finding) int { return cmp.Compare(x.P, y.P) })
	return list
}

// findings are the results of an analysis that have a p-value.
func (a *Analysis) findings() []Finding {
	var list []Finding
	add := func(kind, what string, estimate float64, i *Interval, n int, p *float64) {
		if p != nil {
			list = append(list, Finding{Probe: a.Probe, Candidate: a.Candidate, Kind: kind, What: what, Estimate: estimate, Interval: i, N: n, P: *p})
		}
	}
	for _, path := range a.Amplification {
		for _, g := range path.distinct() {
			add("group", path.Path+"="+g.Name, *g.Beyond, g.BeyondInterval, g.N, g.P)
		}
		if path.Swap != nil {
			add("gap", path.Path, *path.Gap.Change, nil, path.cases(), &path.Swap.P)
		}
	}
	for _, l := range a.Lengths {
		if l.Slope != nil {
			add("slope", l.Axis, l.Slope.Estimate, &l.Slope.Interval, l.cases(), &l.Slope.P)
		}
	}
	if s := a.Sets; s != nil {
		add("sets", "inconsistent", *s.Inconsistent.Change, s.Inconsistent.Interval, s.N, s.P)
	}
	for _, m := range a.Measures {
		if m.Change.Change != nil {
			add("measure", m.Name, *m.Change.Change, m.Interval, m.N, m.P)
		}
	}
	return list
}

// distinct are the groups that are compared with something. Of two groups that
// are compared with each other, only the worse one is told.
func (a AmplificationAnalysis) distinct() []GroupAmplified {
	var list []GroupAmplified
	for _, g := range a.Groups {
		mirrored := a.Base == "" && len(a.Groups) == 2 && g.Name != a.Worst
		if g.Beyond != nil && !mirrored {
			list = append(list, g)
		}
	}
	return list
}

func (a AmplificationAnalysis) cases() int {
	n := 0
	for _, g := range a.Groups {
		n += g.N
	}
	return n
}

func (a LengthAnalysis) cases() int {
	n := 0
	for _, p := range a.Points {
		n += p.N
	}
	return n
}

// minSlice is how many pairs a slice needs to be looked at.
const minSlice = 10

// ExploreSlices compares each value of an axis that nobody compares by with all
// others of the axis.
func ExploreSlices(probe, candidate string, groups map[string][]*Pair, o GroupOptions) []Finding {
	o.Base = ""
	a := AnalyseGroups(groups, o)
	if a == nil {
		return nil
	}
	var list []Finding
	for _, g := range a.distinct() {
		if g.N >= minSlice && g.P != nil {
			list = append(list, Finding{
				Probe: probe, Candidate: candidate, Kind: "slice", What: o.Path + "=" + g.Name,
				Estimate: *g.Beyond, Interval: g.BeyondInterval, N: g.N, P: *g.P,
			})
		}
	}
	return list
}
