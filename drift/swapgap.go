package drift

import (
	"maps"
	"math"
	"slices"
)

const (
	// maxSwaps is how many outcomes of swaps within pairs are enumerated.
	maxSwaps = 1_000_000
	// maxSwappedClusters bounds the clusters whose swaps are enumerated: 2^19 is
	// about half a million.
	maxSwappedClusters = 19
	// swapDraws are drawn where there are more.
	swapDraws = 9_999
)

// SwapGap is the test of a gap between groups that became wider.
type SwapGap struct {
	GapChange float64
	P         float64 // one-sided, against a wider gap
	Exact     bool    // enumerated, not drawn
}

// groupGaps are the cases of each group and the passes of both models in it.
type groupGaps struct{ n, reference, candidate []float64 }

// add adds a group; it must have a case.
func (g *groupGaps) add(t Table) {
	g.n = append(g.n, float64(t.N()))
	g.reference = append(g.reference, float64(t.BothPass+t.Loss))
	g.candidate = append(g.candidate, float64(t.BothPass+t.Gain))
}

// change is the candidate's gap less the reference's: the gap is the highest
// pass rate of a group less the lowest.
func (g *groupGaps) change() float64 {
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, n := range g.n {
		for side, passes := range [2]float64{g.reference[i], g.candidate[i]} {
			low[side], high[side] = min(low[side], passes/n), max(high[side], passes/n)
		}
	}
	return high[1] - low[1] - (high[0] - low[0])
}

// reaches tells whether the gap changed at least as much as seen, but for
// rounding.
func (g *groupGaps) reaches(seen float64) bool { return g.change() >= seen-1e-12 }

// SwapGapTest swaps the models' labels within pairs: it tells how often chance
// alone widens the gap between the best and the worst group as much as seen.
// Pairs must be independent. It enumerates all swaps while they are at most a
// million, and draws them by seed otherwise.
func SwapGapTest(groups map[string]Table, seed uint64) (SwapGap, error) {
	var s pairSwaps
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		t := groups[name]
		if err := t.check(); err != nil {
			return SwapGap{}, err
		}
		if t.N() > 0 {
			s.add(t)
			s.flipped = append(s.flipped, t)
		}
	}
	if len(s.flipped) < 2 {
		return SwapGap{}, tooFew("%d groups with pairs: expected at least 2", len(s.flipped))
	}
	r := SwapGap{GapChange: s.change(), Exact: s.count() <= maxSwaps}
	if r.Exact {
		r.P = min(1, s.enumerate(0, r.GapChange))
	} else {
		r.P = s.draw(r.GapChange, newStream(seed, "swap_gap"))
	}
	return r, nil
}

// pairSwaps reassigns the flips of each group: under no change each is a loss or
// a gain with the same chance.
type pairSwaps struct {
	groupGaps
	flipped []Table // by group
}

// count is the number of outcomes.
func (s *pairSwaps) count() float64 {
	count := 1.0
	for _, t := range s.flipped {
		count *= float64(t.Loss + t.Gain + 1)
	}
	return count
}

// set makes so many of a group's flips losses.
func (s *pairSwaps) set(group, losses int) {
	t := s.flipped[group]
	s.reference[group] = float64(t.BothPass + losses)
	s.candidate[group] = float64(t.BothPass + t.Loss + t.Gain - losses)
}

// enumerate is the chance of a gap change of at least seen, over the losses of a
// group and of those after it.
func (s *pairSwaps) enumerate(group int, seen float64) float64 {
	if group == len(s.flipped) {
		if s.reaches(seen) {
			return 1
		}
		return 0
	}
	p, flips := 0.0, s.flipped[group].Loss+s.flipped[group].Gain
	for k := 0; k <= flips; k++ {
		s.set(group, k)
		p += halves(flips, k) * s.enumerate(group+1, seen)
	}
	return p
}

// halves is the chance of k heads among n fair coins.
func halves(n, k int) float64 {
	return math.Exp(logFactorial(n) - logFactorial(k) - logFactorial(n-k) - float64(n)*math.Ln2)
}

func (s *pairSwaps) draw(seen float64, from stream) float64 {
	hits := 0
	for range swapDraws {
		for group, t := range s.flipped {
			s.set(group, from.heads(t.Loss+t.Gain))
		}
		if s.reaches(seen) {
			hits++
		}
	}
	return float64(1+hits) / (swapDraws + 1)
}

// swapLedgers is [SwapGapTest] for groups of clustered pairs: where a cluster
// holds several, the models' labels are swapped for whole clusters, in all
// groups that a cluster is part of. Clustered tells whether they were.
func swapLedgers(ledgers map[string]*ledger, seed uint64) (test SwapGap, clustered bool, err error) {
	tables := map[string]Table{}
	for name, l := range ledgers {
		tables[name] = l.table()
	}
	swaps, alone := flippedClusters(ledgers)
	if alone {
		test, err = SwapGapTest(tables, seed)
		return test, false, err
	}
	if len(ledgers) < 2 {
		return SwapGap{}, false, tooFew("%d groups with pairs: expected at least 2", len(ledgers))
	}
	s := clusterSwaps{swaps: swaps}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		s.add(tables[name])
	}
	test = SwapGap{GapChange: s.change(), Exact: len(swaps) <= maxSwappedClusters}
	if test.Exact {
		test.P = s.enumerate(swaps, test.GapChange) / math.Pow(2, float64(len(swaps)))
	} else {
		test.P = s.draw(test.GapChange, newStream(seed, "swap_clusters"))
	}
	return test, true, nil
}

// clusterSwap is one cluster with a flip: what it adds to the losses less the
// gains of each group.
type clusterSwap struct{ group, net []int }

// flippedClusters lists the clusters that a swap changes. Alone tells that every
// cluster is a single pair.
func flippedClusters(ledgers map[string]*ledger) (swaps []clusterSwap, alone bool) {
	var clusters numbering
	alone = true
	for g, name := range slices.Sorted(maps.Keys(ledgers)) {
		for i := range ledgers[name].cells {
			c := &ledgers[name].cells[i]
			k := clusters.of(c.name)
			known := k < len(swaps)
			if !known {
				swaps = append(swaps, clusterSwap{})
			}
			alone = alone && c.n == 1 && !known
			if c.Loss != c.Gain {
				swaps[k].group, swaps[k].net = append(swaps[k].group, g), append(swaps[k].net, c.Loss-c.Gain)
			}
		}
	}
	return slices.DeleteFunc(swaps, func(s clusterSwap) bool { return len(s.group) == 0 }), alone
}

type clusterSwaps struct {
	groupGaps
	swaps []clusterSwap
}

// swap moves a cluster's net losses from one model to the other; a second swap
// with sign -1 takes it back.
func (s *clusterSwaps) swap(c clusterSwap, sign float64) {
	for i, group := range c.group {
		s.reference[group] -= sign * float64(c.net[i])
		s.candidate[group] += sign * float64(c.net[i])
	}
}

// enumerate counts the ways to swap the rest that reach the gap change seen.
func (s *clusterSwaps) enumerate(rest []clusterSwap, seen float64) float64 {
	if len(rest) == 0 {
		if s.reaches(seen) {
			return 1
		}
		return 0
	}
	ways := s.enumerate(rest[1:], seen)
	s.swap(rest[0], 1)
	ways += s.enumerate(rest[1:], seen)
	s.swap(rest[0], -1)
	return ways
}

func (s *clusterSwaps) draw(seen float64, from stream) float64 {
	signs := make([]float64, len(s.swaps))
	hits := 0
	for range swapDraws {
		for i, c := range s.swaps {
			if signs[i] = float64(from.heads(1)); signs[i] == 1 {
				s.swap(c, 1)
			}
		}
		if s.reaches(seen) {
			hits++
		}
		for i, c := range s.swaps {
			if signs[i] == 1 {
				s.swap(c, -1)
			}
		}
	}
	return float64(1+hits) / (swapDraws + 1)
}
