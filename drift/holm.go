package drift

import (
	"cmp"
	"slices"
)

// Holm adjusts p-values for anything that blocks: it bounds the chance of even
// one false block among them (Holm 1979). The order is kept.
func Holm(p []float64) ([]float64, error) {
	rank, err := ranked(p)
	if err != nil {
		return nil, err
	}
	adjusted := make([]float64, len(p))
	highest := 0.0
	for s, i := range rank {
		highest = max(highest, min(1, float64(len(p)-s)*p[i]))
		adjusted[i] = highest
	}
	return adjusted, nil
}

// BenjaminiHochberg adjusts p-values for discovery lists, which never block.
func BenjaminiHochberg(p []float64) ([]float64, error) {
	rank, err := ranked(p)
	if err != nil {
		return nil, err
	}
	adjusted := make([]float64, len(p))
	lowest := 1.0
	for s := len(rank) - 1; s >= 0; s-- {
		lowest = min(lowest, float64(len(p))*p[rank[s]]/float64(s+1))
		adjusted[rank[s]] = lowest
	}
	return adjusted, nil
}

// ranked gives the positions of p from the smallest value, ties in order.
func ranked(p []float64) ([]int, error) {
	rank := make([]int, len(p))
	for i, x := range p {
		if !(x >= 0 && x <= 1) {
			return nil, invalid("p-value %g: expected it in [0,1]", x)
		}
		rank[i] = i
	}
	slices.SortStableFunc(rank, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	return rank, nil
}
