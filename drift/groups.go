package drift

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// GroupOptions say what the groups of one path are compared with.
type GroupOptions struct {
	Path string
	// Base is the name of the group that the others are compared with; empty
	// compares each with all others together. A base without a decided pair
	// counts as empty.
	Base string
	// Margin is the accepted drop of a group in (0,1).
	Margin func(group string) float64
	Alpha  float64 // one-sided level in (0,0.5)
	Seed   uint64
}

// AnalyseGroups compares the changes of groups that share no case. The interval
// of a difference of changes is MOVER's on two clustered Tango intervals, with
// the correlation of the two changes where clusters hold cases of both groups
// (Zou and Donner 2008). Undecided pairs are left out. It is nil where no group
// has a decided pair.
func AnalyseGroups(groups map[string][]*Pair, o GroupOptions) *AmplificationAnalysis {
	a := &AmplificationAnalysis{Path: o.Path, Skipped: []string{}}
	ledgers := map[string]*ledger{}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		l := &ledger{}
		for _, p := range groups[name] {
			if p.decided() {
				l.add(p)
			}
		}
		if len(l.cells) == 0 {
			a.Skipped = append(a.Skipped, name)
			continue
		}
		ledgers[name] = l
	}
	if len(ledgers) == 0 {
		return nil
	}
	if ledgers[o.Base] != nil {
		a.Base = o.Base
	}
	for _, name := range slices.Sorted(maps.Keys(ledgers)) {
		a.Groups = append(a.Groups, groupAmplified(name, ledgers[name], a.against(name, ledgers), o))
	}
	a.summarise(ledgers)
	a.swap(ledgers, o.Seed)
	return a
}

// against is what a group is compared with: the base, or all others together;
// nil where there is none.
func (a *AmplificationAnalysis) against(name string, ledgers map[string]*ledger) *ledger {
	if a.Base != "" {
		if name == a.Base {
			return nil
		}
		return ledgers[a.Base]
	}
	var rest ledger
	for _, other := range slices.Sorted(maps.Keys(ledgers)) {
		if other != name {
			rest.include(ledgers[other])
		}
	}
	if len(rest.cells) == 0 {
		return nil
	}
	return &rest
}

func groupAmplified(name string, l, base *ledger, o GroupOptions) GroupAmplified {
	s := l.shift()
	errors := l.errors()
	g := GroupAmplified{
		Name: name, N: s.n, Clusters: s.clusters, Change: s.estimate, Interval: s.interval(), TooFew: s.tooFew(o.Margin(name), o.Alpha),
	}
	if errors.reference > rounding {
		g.ErrorRatio = pointer(errors.candidate / errors.reference)
	}
	if base == nil {
		return g
	}
	rest := base.shift()
	g.Beyond = pointer(s.estimate - rest.estimate)
	g.Amplification = pointer(errors.smoothed() / base.errors().smoothed())
	if s.at != nil && rest.at != nil {
		correlation := correlated(l, base)
		at := func(confidence float64) Interval {
			return changeBeyond(Estimate{s.estimate, s.at(confidence)}, Estimate{rest.estimate, rest.at(confidence)}, correlation).Interval
		}
		g.BeyondInterval, g.P = pointer(at(reportConfidence)), pointer(inverted(at))
	}
	return g
}

// correlated is the correlation of the changes of two groups that share
// clusters, from the clusters' residuals; 0 where they share none. A positive
// one narrows the interval of their difference, so it counts only where enough
// of the shared clusters hold a flip to show it.
func correlated(l, base *ledger) float64 {
	left, right := l.mean(changeOf).Estimate, base.mean(changeOf).Estimate
	cross, squaresLeft, squaresRight := 0.0, 0.0, 0.0
	discordant := 0
	for i := range l.cells {
		c := &l.cells[i]
		residual := c.change.sum - float64(c.n)*left
		squaresLeft += residual * residual
		g, shared := base.number[c.name]
		if !shared {
			continue
		}
		other := base.cells[g]
		cross += residual * (other.change.sum - float64(other.n)*right)
		if c.change.squares > 0 || other.change.squares > 0 {
			discordant++
		}
	}
	for _, c := range base.cells {
		residual := c.change.sum - float64(c.n)*right
		squaresRight += residual * residual
	}
	if squaresLeft < rounding || squaresRight < rounding {
		return 0
	}
	correlation := cross / math.Sqrt(squaresLeft*squaresRight)
	if discordant < minDiscordantClusters {
		correlation = min(correlation, 0)
	}
	return min(max(correlation, -1), 1)
}

// changeBeyond is the change of a group less that of the rest. Its interval
// recovers the variances from the two given ones (MOVER), for changes of a
// correlation in [-1,1]; its confidence is theirs.
func changeBeyond(group, rest Estimate, correlation float64) Estimate {
	difference := group.Estimate - rest.Estimate
	down := distance(group.Estimate-group.Low, rest.High-rest.Estimate, correlation)
	up := distance(group.High-group.Estimate, rest.Estimate-rest.Low, correlation)
	return Estimate{difference, Interval{difference - down, difference + up, group.Confidence}}
}

// distance is the third side of a triangle with two sides of a correlation.
func distance(x, y, correlation float64) float64 {
	return math.Sqrt(max(0, x*x-2*correlation*x*y+y*y))
}

// tooFew tells whether the cases could not pass the margin with not one flip.
func (s shift) tooFew(margin, alpha float64) bool {
	floor, err := least(margin, alpha, s.effect)
	return err == nil && s.n < floor
}

// errorCounts are the expected numbers of failed cases of both models.
type errorCounts struct{ reference, candidate float64 }

func (l *ledger) errors() errorCounts {
	var e errorCounts
	for _, c := range l.cells {
		e.reference += float64(c.n) - c.reference.sum
		e.candidate += float64(c.n) - c.candidate.sum
	}
	return e
}

func (e errorCounts) smoothed() float64 { return (e.candidate + 0.5) / (e.reference + 0.5) }

func (a *AmplificationAnalysis) summarise(ledgers map[string]*ledger) {
	worst := slices.MinFunc(a.Groups, func(x, y GroupAmplified) int { return cmp.Compare(x.Change, y.Change) })
	a.Worst = worst.Name
	var reference, candidate []float64
	for _, g := range a.Groups {
		a.Macro += g.Change / float64(len(a.Groups))
		reference = append(reference, ledgers[g.Name].mean(referenceOf).Estimate)
		candidate = append(candidate, ledgers[g.Name].mean(candidateOf).Estimate)
	}
	gap := func(rates []float64) float64 { return slices.Max(rates) - slices.Min(rates) }
	before, after := gap(reference), gap(candidate)
	a.Gap = Change{Reference: &before, Candidate: &after, Change: pointer(after - before)}
}

// swap tests the gap by majority outcomes: it swaps pairs where all clusters
// are of one pair, else whole clusters.
func (a *AmplificationAnalysis) swap(ledgers map[string]*ledger, seed uint64) {
	test, clustered, err := swapLedgers(ledgers, seed)
	if err != nil {
		return
	}
	a.Swap = &SwapGapSignificant{P: test.P, Exact: test.Exact, Clustered: clustered}
}
