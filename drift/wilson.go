package drift

import "math"

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
	return wilson(x, n, confidence, 0), nil
}

// wilson is Wilson with the critical value of Student's distribution.
func wilson(x, n, confidence float64, degrees int) Estimate {
	z := critical(confidence, degrees)
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
