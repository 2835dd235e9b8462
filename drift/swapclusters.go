package drift

import (
	"maps"
	"math"
	"slices"
)

// maxSwappedClusters bounds the clusters whose swaps are enumerated: 2^19 is
// about half a million.
const maxSwappedClusters = 19

// clusterSwap is one cluster with a flip: what it adds to the losses less the
// gains of each group.
type clusterSwap struct {
	group []int
	net   []int
}

type clusterSwapTest struct {
	SwapGap
	clustered bool
}

// swapClusters is [SwapGapTest] for clustered pairs: the models' labels are
// swapped for whole clusters, in all groups that a cluster is part of.
func swapClusters(ledgers map[string]*ledger, seed uint64) (clusterSwapTest, error) {
	tables := map[string]Table{}
	var gaps groupGaps
	for _, name := range slices.Sorted(maps.Keys(ledgers)) {
		tables[name] = ledgers[name].table()
		gaps.add(tables[name])
	}
	swaps, alone := flippedClusters(ledgers)
	if alone {
		test, err := SwapGapTest(tables, seed)
		return clusterSwapTest{SwapGap: test}, err
	}
	if len(ledgers) < 2 {
		return clusterSwapTest{}, tooFew("%d groups with pairs: expected at least 2", len(ledgers))
	}
	test := clusterSwapTest{clustered: true}
	test.GapChange = gaps.change()
	if len(swaps) <= maxSwappedClusters {
		test.Exact, test.P = true, gaps.enumerate(swaps, test.GapChange)
		return test, nil
	}
	test.P = gaps.draw(swaps, test.GapChange, newStream(seed, "swap_clusters"))
	return test, nil
}

// table counts pairs by majority.
func (l *ledger) table() Table {
	var t Table
	for _, c := range l.cells {
		t.Loss, t.Gain = t.Loss+c.loss, t.Gain+c.gain
		t.BothPass += c.majority - c.loss
		t.BothFail += c.n - c.majority - c.gain
	}
	return t
}

// flippedClusters lists the clusters that a swap changes. Alone tells that every
// cluster is a single pair.
func flippedClusters(ledgers map[string]*ledger) (swaps []clusterSwap, alone bool) {
	at := map[string]int{}
	alone = true
	for g, name := range slices.Sorted(maps.Keys(ledgers)) {
		for _, c := range ledgers[name].cells {
			k, known := at[c.name]
			if !known {
				k = len(swaps)
				at[c.name], swaps = k, append(swaps, clusterSwap{})
			}
			alone = alone && c.n == 1 && !known
			if c.loss != c.gain {
				swaps[k].group, swaps[k].net = append(swaps[k].group, g), append(swaps[k].net, c.loss-c.gain)
			}
		}
	}
	return slices.DeleteFunc(swaps, func(s clusterSwap) bool { return len(s.group) == 0 }), alone
}

// groupGaps are the passes of both models in each group.
type groupGaps struct{ n, reference, candidate []float64 }

func (g *groupGaps) add(t Table) {
	g.n = append(g.n, float64(t.N()))
	g.reference = append(g.reference, float64(t.BothPass+t.Loss))
	g.candidate = append(g.candidate, float64(t.BothPass+t.Gain))
}

// swap moves a cluster's net losses from one model to the other; a second swap
// with sign -1 takes it back.
func (g *groupGaps) swap(s clusterSwap, sign float64) {
	for i, group := range s.group {
		g.reference[group] -= sign * float64(s.net[i])
		g.candidate[group] += sign * float64(s.net[i])
	}
}

func (g *groupGaps) change() float64 {
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, n := range g.n {
		for side, passes := range [2]float64{g.reference[i], g.candidate[i]} {
			low[side], high[side] = min(low[side], passes/n), max(high[side], passes/n)
		}
	}
	return high[1] - low[1] - (high[0] - low[0])
}

func (g *groupGaps) enumerate(swaps []clusterSwap, seen float64) float64 {
	hits := 0
	var walk func(rest []clusterSwap)
	walk = func(rest []clusterSwap) {
		if len(rest) == 0 {
			if g.change() >= seen-1e-9 {
				hits++
			}
			return
		}
		walk(rest[1:])
		g.swap(rest[0], 1)
		walk(rest[1:])
		g.swap(rest[0], -1)
	}
	walk(swaps)
	return float64(hits) / math.Pow(2, float64(len(swaps)))
}

func (g *groupGaps) draw(swaps []clusterSwap, seen float64, from stream) float64 {
	signs := make([]float64, len(swaps))
	hits := 0
	for range swapDraws {
		for i, s := range swaps {
			if signs[i] = float64(from.heads(1)); signs[i] == 1 {
				g.swap(s, 1)
			}
		}
		if g.change() >= seen-1e-9 {
			hits++
		}
		for i, s := range swaps {
			if signs[i] == 1 {
				g.swap(s, -1)
			}
		}
	}
	return float64(1+hits) / (swapDraws + 1)
}
