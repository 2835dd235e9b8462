package drift

import (
	"cmp"
	"math"
	"slices"
)

// LengthPoint counts passes at one length of context, e.g. in tokens.
type LengthPoint struct {
	Length        float64
	Passes, Total int
}

// Censored says why an effective length is not a length between tested ones.
type Censored string

const (
	CensoredNone           Censored = "none"
	CensoredAtLeastLongest Censored = "at_least_longest" // good at every tested length
	CensoredBelowShortest  Censored = "below_shortest"   // good at none
	CensoredNoBaseAbility  Censored = "no_base_ability"  // passes nothing to begin with
)

// LengthCurve is the pass rate over length.
type LengthCurve struct {
	Lengths  []float64 // with cases, from the shortest
	Accuracy []float64
	Fitted   []float64 // never rising
	Base     float64
	// Threshold is the share of Base that still counts as good.
	Threshold float64
	// EffectiveLength is the longest tested length up to which the fit stays at
	// the threshold or above; nil where there is none.
	EffectiveLength *float64
	// CrossingLength interpolates, in the logarithm of the length, where the
	// fit falls through the threshold; nil where it does not.
	CrossingLength *float64
	Censored       Censored
	// MeanAccuracy is the mean over the logarithm of the length.
	MeanAccuracy float64
}

// EffectiveRatio is the usual share of the base pass rate that still counts as
// good (NoLiMa 2025).
const EffectiveRatio = 0.85

// FitLengthCurve fits a curve that never rises to the pass rates, weighted by
// cases. The threshold is ratio in (0,1) of base, a pass rate in [0,1]; nil
// takes the fit at the shortest length. Give both models the reference's base
// to compare them at the same threshold.
func FitLengthCurve(points []LengthPoint, base *float64, ratio float64) (LengthCurve, error) {
	points, err := usable(points)
	if err != nil {
		return LengthCurve{}, err
	}
	if base != nil && !(*base >= 0 && *base <= 1) {
		return LengthCurve{}, invalid("base %g: expected it in [0,1]", *base)
	}
	if !openUnit(ratio, 1) {
		return LengthCurve{}, invalid("ratio %g: expected it in (0,1)", ratio)
	}
	var c LengthCurve
	var weights []float64
	for _, p := range points {
		c.Lengths = append(c.Lengths, p.Length)
		c.Accuracy = append(c.Accuracy, float64(p.Passes)/float64(p.Total))
		weights = append(weights, float64(p.Total))
	}
	c.Fitted = falling(c.Accuracy, weights)
	c.Base = c.Fitted[0]
	if base != nil {
		c.Base = *base
	}
	c.Threshold = ratio * c.Base
	c.cross()
	c.MeanAccuracy = c.mean()
	return c, nil
}

// usable gives the points with cases, from the shortest length.
func usable(points []LengthPoint) ([]LengthPoint, error) {
	points = slices.Clone(points)
	slices.SortStableFunc(points, func(p, q LengthPoint) int { return cmp.Compare(p.Length, q.Length) })
	for i, p := range points {
		switch {
		case !finite(p.Length) || p.Length <= 0:
			return nil, invalid("length %g: expected it over 0", p.Length)
		case i > 0 && p.Length == points[i-1].Length:
			return nil, invalid("length %g twice: expected each length once", p.Length)
		case p.Passes < 0 || p.Total < 0 || p.Total > 0 && p.Passes > p.Total:
			return nil, invalid("%d passes of %d at length %g: expected 0 <= passes <= total", p.Passes, p.Total, p.Length)
		}
	}
	points = slices.DeleteFunc(points, func(p LengthPoint) bool { return p.Total == 0 })
	if len(points) == 0 {
		return nil, empty("no length has a case")
	}
	return points, nil
}

// falling is the weighted least-squares fit that never rises: neighbours that
// rise are pooled until none does (pool-adjacent-violators).
func falling(y, weight []float64) []float64 {
	type block struct {
		mean, weight float64
		size         int
	}
	var blocks []block
	for i := range y {
		blocks = append(blocks, block{y[i], weight[i], 1})
		for n := len(blocks); n > 1 && blocks[n-2].mean < blocks[n-1].mean; n = len(blocks) {
			a, b := blocks[n-2], blocks[n-1]
			total := a.weight + b.weight
			blocks = append(blocks[:n-2], block{(a.mean*a.weight + b.mean*b.weight) / total, total, a.size + b.size})
		}
	}
	var fit []float64
	for _, b := range blocks {
		fit = append(fit, slices.Repeat([]float64{b.mean}, b.size)...)
	}
	return fit
}

// effectiveIndex is the last point up to which the fit stays at the threshold
// or above; -1 where there is none.
func (c LengthCurve) effectiveIndex() int {
	if c.Base <= 0 {
		return -1
	}
	// The slack is for rounding: 0.85·0.8 must not lie above 17/25.
	below := slices.IndexFunc(c.Fitted, func(f float64) bool { return f < c.Threshold-1e-12 })
	if below < 0 {
		return len(c.Fitted) - 1
	}
	return below - 1
}

func (c *LengthCurve) cross() {
	i := c.effectiveIndex()
	switch {
	case c.Base <= 0:
		c.Censored = CensoredNoBaseAbility
	case i < 0:
		c.Censored = CensoredBelowShortest
	case i == len(c.Lengths)-1:
		c.Censored, c.EffectiveLength = CensoredAtLeastLongest, &c.Lengths[i]
	default:
		c.Censored, c.EffectiveLength = CensoredNone, &c.Lengths[i]
		share := (c.Fitted[i] - c.Threshold) / (c.Fitted[i] - c.Fitted[i+1])
		c.CrossingLength = pointer(c.Lengths[i] * math.Pow(c.Lengths[i+1]/c.Lengths[i], max(0, share)))
	}
}

// mean is the trapezoid of the pass rates over the logarithm of the length.
func (c LengthCurve) mean() float64 {
	last := len(c.Lengths) - 1
	if last == 0 {
		return c.Accuracy[0]
	}
	area := 0.0
	for i := range last {
		area += (c.Accuracy[i] + c.Accuracy[i+1]) / 2 * math.Log2(c.Lengths[i+1]/c.Lengths[i])
	}
	return area / math.Log2(c.Lengths[last]/c.Lengths[0])
}
