package drift

import (
	"maps"
	"math"
	"slices"
)

const (
	// maxSwaps is how many outcomes of the swap are enumerated.
	maxSwaps = 1_000_000
	// swapDraws are drawn where there are more.
	swapDraws = 9_999
)

// SwapGap is the test of a gap between groups that became wider.
type SwapGap struct {
	GapChange float64
	P         float64 // one-sided, against a wider gap
	Exact     bool    // enumerated, not drawn
}

// swapGroup is a group whose flips are reassigned: under no change each of its
// flips is a loss or a gain with the same chance.
type swapGroup struct{ bothPass, flips, n int }

// SwapGapTest swaps the models' labels within pairs: it tells how often chance
// alone widens the gap between the best and the worst group as much as seen.
// Pairs must be independent. It enumerates all swaps while they are at most a
// million, and draws them by seed otherwise.
func SwapGapTest(groups map[string]Table, seed uint64) (SwapGap, error) {
	var list []swapGroup
	var losses []int
	swaps := 1.0
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		t := groups[name]
		if err := t.check(); err != nil {
			return SwapGap{}, err
		}
		if t.N() == 0 {
			continue
		}
		list = append(list, swapGroup{t.BothPass, t.Loss + t.Gain, t.N()})
		losses = append(losses, t.Loss)
		swaps *= float64(t.Loss + t.Gain + 1)
	}
	if len(list) < 2 {
		return SwapGap{}, tooFew("%d groups with pairs: expected at least 2", len(list))
	}
	r := SwapGap{GapChange: gapChange(list, losses), Exact: swaps <= maxSwaps}
	if r.Exact {
		r.P = min(1, enumerate(list, make([]int, len(list)), 0, r.GapChange))
		return r, nil
	}
	s := newStream(seed, "swap_gap")
	hits := 0
	for range swapDraws {
		for g := range list {
			losses[g] = s.heads(list[g].flips)
		}
		if gapChange(list, losses) >= r.GapChange-1e-12 {
			hits++
		}
	}
	r.P = float64(1+hits) / (swapDraws + 1)
	return r, nil
}

// gapChange is the candidate's gap less the reference's with so many losses a
// group.
func gapChange(list []swapGroup, losses []int) float64 {
	reference, candidate := make([]float64, len(list)), make([]float64, len(list))
	for i, g := range list {
		reference[i] = float64(g.bothPass+losses[i]) / float64(g.n)
		candidate[i] = float64(g.bothPass+g.flips-losses[i]) / float64(g.n)
	}
	return gap(candidate) - gap(reference)
}

// enumerate is the chance of a gap change of at least seen, over the losses of
// group g and those after it.
func enumerate(list []swapGroup, losses []int, g int, seen float64) float64 {
	if g == len(list) {
		if gapChange(list, losses) >= seen-1e-12 {
			return 1
		}
		return 0
	}
	p := 0.0
	for k := 0; k <= list[g].flips; k++ {
		losses[g] = k
		p += halves(list[g].flips, k) * enumerate(list, losses, g+1, seen)
	}
	return p
}

// halves is the chance of k heads among n fair coins.
func halves(n, k int) float64 {
	return math.Exp(logFactorial(n) - logFactorial(k) - logFactorial(n-k) - float64(n)*math.Ln2)
}
