package drift

import "math"

// bisections bound the search for an end of an interval.
const bisections = 200

// TangoZ is the score statistic of a paired difference against delta0 in
// [-1,1], for b losses and c gains among n pairs; the counts may be
// fractional. It falls as delta0 grows, and is ±Inf where the variance is 0
// and the numerator is not (Tango 1998).
func TangoZ(b, c, n, delta0 float64) (float64, error) {
	if err := checkCounts(b, c, n); err != nil {
		return 0, err
	}
	if !finite(delta0) || math.Abs(delta0) > 1 {
		return 0, invalid("difference %g: expected it in [-1,1]", delta0)
	}
	return tangoZ(b, c, n, delta0), nil
}

func tangoZ(b, c, n, delta0 float64) float64 {
	numerator := c - b - n*delta0
	variance := n * (2*restricted(b, c, n, delta0) + delta0*(1-delta0))
	if variance <= 0 {
		if numerator == 0 {
			return 0
		}
		return math.Inf(sign(numerator))
	}
	return numerator / math.Sqrt(variance)
}

// restricted is the maximum-likelihood loss rate q under a difference delta0.
func restricted(b, c, n, delta0 float64) float64 {
	B := -b - c + (2*n-c+b)*delta0
	C := -b * delta0 * (1 - delta0)
	root := math.Sqrt(max(0, B*B-8*n*C))
	q := (root - B) / (4 * n)
	if B > 0 { // the stable root
		q = -2 * C / (B + root)
	}
	return max(0, q)
}

func sign(x float64) int {
	if x < 0 {
		return -1
	}
	return 1
}

func checkCounts(b, c, n float64) error {
	switch {
	case !finite(b, c, n) || b < 0 || c < 0 || n < 0:
		return invalid("counts %g, %g of %g: expected finite numbers of at least 0", b, c, n)
	case n == 0:
		return empty("no pairs")
	case b+c > n*(1+1e-12):
		return invalid("%g losses and %g gains of %g pairs: expected at most all of them", b, c, n)
	}
	return nil
}

// Tango gives the score interval of the change (c-b)/n of a paired share. It
// accepts fractional counts and works where nothing flipped.
func Tango(b, c, n, confidence float64) (Estimate, error) {
	if err := checkCounts(b, c, n); err != nil {
		return Estimate{}, err
	}
	if !openUnit(confidence, 1) {
		return Estimate{}, invalid("confidence %g: expected it in (0,1)", confidence)
	}
	return tango(b, c, n, confidence, normalQuantile(confidence)), nil
}

// tango is Tango at a critical value of the caller's choice.
func tango(b, c, n, confidence, critical float64) Estimate {
	change := (c - b) / n
	e := Estimate{change, Interval{-1, 1, confidence}}
	if b == 0 && c == 0 {
		half := critical * critical / (n + critical*critical)
		e.Low, e.High = -half, half
		return e
	}
	if change > -1 {
		e.Low = bisect(-1, change, func(d float64) bool { return tangoZ(b, c, n, d) > critical })
	}
	if change < 1 {
		e.High = bisect(change, 1, func(d float64) bool { return tangoZ(b, c, n, d) > -critical })
	}
	return e
}

// bisect finds where above turns from true to false in [low, high].
func bisect(low, high float64, above func(float64) bool) float64 {
	for range bisections {
		if high-low <= 1e-12 {
			break
		}
		middle := (low + high) / 2
		if above(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// Newcombe is a second opinion on the change, by method 10 of Newcombe 1998.
// It has no matching test and so never gates.
func Newcombe(t Table, confidence float64) (Estimate, error) {
	if err := t.check(); err != nil {
		return Estimate{}, err
	}
	a, b, c, d := float64(t.BothPass), float64(t.Loss), float64(t.Gain), float64(t.BothFail)
	n := a + b + c + d
	if n == 0 {
		return Estimate{}, empty("no pairs")
	}
	candidate, err := Wilson(a+c, n, confidence)
	if err != nil {
		return Estimate{}, err
	}
	reference, err := Wilson(a+b, n, confidence)
	if err != nil {
		return Estimate{}, err
	}
	phi := newcombePhi(a, b, c, d)
	change := candidate.Estimate - reference.Estimate
	down := distance(candidate.Estimate-candidate.Low, reference.High-reference.Estimate, phi)
	up := distance(candidate.High-candidate.Estimate, reference.Estimate-reference.Low, phi)
	return Estimate{change, Interval{change - down, change + up, confidence}}, nil
}

func newcombePhi(a, b, c, d float64) float64 {
	product := (a + b) * (c + d) * (a + c) * (b + d)
	if product == 0 {
		return 0
	}
	numerator := a*d - b*c
	if numerator > 0 {
		numerator = max(numerator-(a+b+c+d)/2, 0)
	}
	return numerator / math.Sqrt(product)
}

func distance(x, y, phi float64) float64 {
	return math.Sqrt(max(0, x*x-2*phi*x*y+y*y))
}
