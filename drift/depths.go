package drift

import (
	"cmp"
	"maps"
	"slices"
)

// AnalyseDepths makes a heat map of pass rates by length and depth in [0,1].
// Lengths are nil where there is no such axis. It is nil where no pair is
// decided or a depth lies outside its range.
func AnalyseDepths(cases []Located, lengths []float64, b Bootstrapped) *DepthAnalysis {
	cells := map[depthKey]*ledger{}
	var edges []depthEdge
	for i, c := range cases {
		if !(c.At >= 0 && c.At <= 1) {
			return nil
		}
		if !c.decided() {
			continue
		}
		key := depthKey{depth: c.At}
		if lengths != nil {
			key.length = lengths[i]
		}
		if cells[key] == nil {
			cells[key] = &ledger{}
		}
		cells[key].add(c.Pair)
		edges = append(edges, depthEdge{c.Pair, c.At < 1.0/depthBins || c.At >= 1-1.0/depthBins})
	}
	if len(cells) == 0 {
		return nil
	}
	a := &DepthAnalysis{}
	for _, key := range slices.SortedFunc(maps.Keys(cells), depthKey.compare) {
		a.Cells = append(a.Cells, key.cell(cells[key], lengths != nil))
	}
	a.MiddleGap = middleGap(edges, b)
	return a
}

// depthBins are how many bins of equal width the depths fall into: the first
// and the last are the ends of a text.
const depthBins = 5

type depthKey struct{ length, depth float64 }

func (k depthKey) compare(o depthKey) int {
	return cmp.Or(cmp.Compare(k.length, o.length), cmp.Compare(k.depth, o.depth))
}

func (k depthKey) cell(l *ledger, byLength bool) DepthCell {
	c := DepthCell{Depth: k.depth, N: l.mean(changeOf).N}
	if byLength {
		c.Length = &k.length
	}
	c.Reference = pointer(l.mean(referenceOf).Estimate)
	c.Candidate = pointer(l.mean(candidateOf).Estimate)
	c.Change = pointer(l.mean(changeOf).Estimate)
	return c
}

type depthEdge struct {
	*Pair
	edge bool
}

// middleGap is the pass rate at the ends less that in between (Liu et al. 2023).
func middleGap(cases []depthEdge, b Bootstrapped) Change {
	s := newSums(4)
	for _, c := range cases {
		at := 2
		if c.edge {
			at = 0
		}
		for side, share := range [2]float64{c.Reference.passShare(), c.Candidate.passShare()} {
			s.add(c.Cluster, side, at, share)
			s.add(c.Cluster, side, at+1, 1)
		}
	}
	gap := func(v []float64) (float64, bool) {
		if v[1] == 0 || v[3] == 0 {
			return 0, false
		}
		return v[0]/v[1] - v[2]/v[3], true
	}
	return s.change(gap, b, "middle gap").Change
}
