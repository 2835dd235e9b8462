package drift

import (
	"math"
	"slices"
)

// PercentileInterval is the interval between two quantiles of replicates.
func PercentileInterval(replicates []float64, confidence float64) (Interval, error) {
	switch {
	case !openUnit(confidence, 1):
		return Interval{}, invalid("confidence %g: expected it in (0,1)", confidence)
	case !finite(replicates...):
		return Interval{}, invalid("a replicate is not a number")
	case len(replicates) == 0:
		return Interval{}, empty("no replicates")
	}
	sorted := slices.Sorted(slices.Values(replicates))
	return Interval{quantile(sorted, (1-confidence)/2), quantile(sorted, (1+confidence)/2), confidence}, nil
}

// quantile is that of type 7 (Hyndman and Fan 1996): linear between the values
// around (n-1)p.
func quantile(sorted []float64, p float64) float64 {
	h := float64(len(sorted)-1) * p
	i := int(math.Floor(h))
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}
