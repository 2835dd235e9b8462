package drift

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
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

// BCa is a bootstrap interval corrected for bias and skew.
type BCa struct {
	Interval
	// Method is bca, or percentile where the correction is undefined.
	Method string
	// Bias and Acceleration are nil under percentile.
	Bias, Acceleration *float64
}

// BCaInterval corrects the percentile interval (Efron 1987). Jackknife holds
// the estimate without each cluster. It falls back to the percentile interval,
// and says so, where no replicate or every one lies below the estimate, or the
// jackknife does not vary.
func BCaInterval(estimate float64, replicates, jackknife []float64, confidence float64) (BCa, error) {
	plain, err := PercentileInterval(replicates, confidence)
	if err != nil {
		return BCa{}, err
	}
	if !finite(estimate) || !finite(jackknife...) {
		return BCa{}, invalid("the estimate or a jackknife value is not a number")
	}
	share, acceleration := shareBelow(replicates, estimate), skew(jackknife)
	if share <= 0 || share >= 1 || acceleration == nil {
		return BCa{Interval: plain, Method: "percentile"}, nil
	}
	bias := distuv.UnitNormal.Quantile(share)
	sorted := slices.Sorted(slices.Values(replicates))
	end := func(p float64) float64 {
		z := bias + distuv.UnitNormal.Quantile(p)
		return quantile(sorted, distuv.UnitNormal.CDF(bias+z/(1-*acceleration*z)))
	}
	interval := Interval{end((1 - confidence) / 2), end((1 + confidence) / 2), confidence}
	return BCa{interval, "bca", &bias, acceleration}, nil
}

// shareBelow is the share of replicates below the estimate; ties count half.
func shareBelow(replicates []float64, estimate float64) float64 {
	twice := 0
	for _, r := range replicates {
		if r < estimate {
			twice++
		}
		if r <= estimate {
			twice++
		}
	}
	return float64(twice) / float64(2*len(replicates))
}

// skew is the acceleration, Σu³/(6(Σu²)^1.5); nil where nothing varies.
func skew(jackknife []float64) *float64 {
	if len(jackknife) == 0 {
		return nil
	}
	mean, square, cube := stat.Mean(jackknife, nil), 0.0, 0.0
	for _, j := range jackknife {
		u := mean - j
		square += u * u
		cube += u * u * u
	}
	if square == 0 {
		return nil
	}
	return pointer(cube / (6 * math.Pow(square, 1.5)))
}
