package drift

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is a number with its interval.
type Estimate struct {
	Estimate float64
	Interval
}

// Wilson gives the score interval of a share x/n (Wilson 1927). x and n may be
// fractional (effective counts); 0 <= x <= n. At x=0 the low end is exactly 0,
// at x=n the high end exactly 1.
func Wilson(x, n, confidence float64) (Estimate, error) {
	switch {
	case !finite(x, n) || x < 0 || n < 0 || x > n:
		return Estimate{}, invalid("share %g of %g: expected 0 <= x <= n", x, n)
	case !openUnit(confidence, 1):
		return Estimate{}, invalid("confidence %g: expected it in (0,1)", confidence)
	case n == 0:
		return Estimate{}, empty("no cases")
	}
	return wilson(x, n, confidence, normalQuantile(confidence)), nil
}

// wilson is Wilson at a critical value of the caller's choice.
func wilson(x, n, confidence, z float64) Estimate {
	p, z2 := x/n, z*z
	scale := 1 + z2/n
	centre := (p + z2/(2*n)) / scale
	half := z / scale * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	low, high := max(0, centre-half), min(1, centre+half)
	if x == 0 {
		low = 0
	}
	if x == n {
		high = 1
	}
	return Estimate{p, Interval{low, high, confidence}}
}

// normalQuantile is the two-sided critical value of the normal distribution.
func normalQuantile(confidence float64) float64 {
	return distuv.UnitNormal.Quantile((1 + confidence) / 2)
}

// studentQuantile is the two-sided critical value of Student's distribution.
func studentQuantile(confidence float64, degrees int) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(degrees)}.Quantile((1 + confidence) / 2)
}
