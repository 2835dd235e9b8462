package drift

import "math"

// counts are those of a paired change: losses and gains among n pairs. They are
// fractional where a design effect divides them. n is over 0, losses and gains
// are at least 0 and together at most n.
type counts struct{ losses, gains, n float64 }

// score is the statistic of a paired difference against delta in [-1,1] (Tango
// 1998). It falls as delta grows, and is ±Inf where the variance is 0 and the
// numerator is not.
func (k counts) score(delta float64) float64 {
	numerator := k.gains - k.losses - k.n*delta
	variance := k.n * (2*k.restricted(delta) + delta*(1-delta))
	if variance <= 0 {
		if numerator == 0 {
			return 0
		}
		return math.Copysign(math.Inf(1), numerator)
	}
	return numerator / math.Sqrt(variance)
}

// restricted is the maximum-likelihood loss rate under a difference delta.
func (k counts) restricted(delta float64) float64 {
	b, c, n := k.losses, k.gains, k.n
	B := -b - c + (2*n-c+b)*delta
	C := -b * delta * (1 - delta)
	root := math.Sqrt(max(0, B*B-8*n*C))
	q := (root - B) / (4 * n)
	if B > 0 { // the stable root
		q = -2 * C / (B + root)
	}
	return max(0, q)
}

func (k counts) change() float64 { return (k.gains - k.losses) / k.n }

// interval inverts the score: it holds the differences whose score lies within
// the critical value of Student's distribution with so many degrees. It works
// where nothing flipped, and stays in [-1,1].
func (k counts) interval(confidence float64, degrees int) Interval {
	z, change := critical(confidence, degrees), k.change()
	if k.losses == 0 && k.gains == 0 {
		half := z * z / (k.n + z*z)
		return Interval{-half, half, confidence}
	}
	i := Interval{-1, 1, confidence}
	if change > -1 {
		i.Low = bisect(-1, change, func(delta float64) bool { return k.score(delta) > z })
	}
	if change < 1 {
		i.High = bisect(change, 1, func(delta float64) bool { return k.score(delta) > -z })
	}
	return i
}

// bisections bound the search for an end of an interval.
const bisections = 200

// bisect finds where above turns from true to false in [low, high], to 1e-12.
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
