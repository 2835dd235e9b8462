package drift

import (
	"math"
	"slices"
)

// LengthTemplate is one template, asked at every length of a grid; the
// outcomes are in the order of the lengths.
type LengthTemplate struct{ Reference, Candidate []Outcome }

// Range is a pair of limits on a grid, both included.
type Range struct{ Low, High int }

// EffectiveLengths are the effective lengths of both models as positions on
// the grid of tested lengths, from 0; -1 is none.
type EffectiveLengths struct {
	Reference, Candidate             int
	ReferenceLimits, CandidateLimits Range
	// Steps is how many lengths the candidate gains; negative is harm.
	Steps       int
	StepsLimits Range
}

// BootstrapEffectiveLengths resamples templates, as drawn by [Resamples], each
// with all its lengths. Each model is held to ratio of its own base, as in
// [FitLengthCurve]. There is no interpolation: the answer lives on the tested
// grid.
func BootstrapEffectiveLengths(lengths []float64, templates []LengthTemplate, draws [][]int, ratio, confidence float64) (EffectiveLengths, error) {
	if !openUnit(ratio, 1) {
		return EffectiveLengths{}, invalid("ratio %g: expected it in (0,1)", ratio)
	}
	if err := checkGrid(lengths, templates, draws, confidence); err != nil {
		return EffectiveLengths{}, err
	}
	all := make([]int, len(templates))
	for i := range all {
		all[i] = i
	}
	g := grid{lengths, templates, ratio}
	reference, candidate := g.positions(all)
	r := EffectiveLengths{Reference: reference, Candidate: candidate, Steps: candidate - reference}
	var references, candidates, steps []int
	for _, draw := range draws {
		f, c := g.positions(draw)
		references, candidates, steps = append(references, f), append(candidates, c), append(steps, c-f)
	}
	r.ReferenceLimits = limits(references, confidence)
	r.CandidateLimits = limits(candidates, confidence)
	r.StepsLimits = limits(steps, confidence)
	return r, nil
}

func checkGrid(lengths []float64, templates []LengthTemplate, draws [][]int, confidence float64) error {
	switch {
	case !openUnit(confidence, 1):
		return invalid("confidence %g: expected it in (0,1)", confidence)
	case len(templates) == 0 || len(lengths) == 0 || len(draws) == 0:
		return empty("%d templates, %d lengths, %d draws", len(templates), len(lengths), len(draws))
	case !slices.IsSorted(lengths) || !finite(lengths...) || lengths[0] <= 0 || len(slices.Compact(slices.Clone(lengths))) < len(lengths):
		return invalid("lengths %v: expected them over 0 and rising", lengths)
	}
	for i, t := range templates {
		if len(t.Reference) != len(lengths) || len(t.Candidate) != len(lengths) {
			return invalid("template %d has %d and %d outcomes: expected %d", i, len(t.Reference), len(t.Candidate), len(lengths))
		}
	}
	return checkDraws(draws, len(templates))
}

func checkDraws(draws [][]int, clusters int) error {
	for _, draw := range draws {
		if len(draw) == 0 || slices.Min(draw) < 0 || slices.Max(draw) >= clusters {
			return invalid("draw %v: expected numbers in 0..%d", draw, clusters-1)
		}
	}
	return nil
}

type grid struct {
	lengths   []float64
	templates []LengthTemplate
	ratio     float64
}

// positions are the effective lengths of both models on the drawn templates.
func (g grid) positions(draw []int) (reference, candidate int) {
	return g.position(draw, func(t LengthTemplate) []Outcome { return t.Reference }),
		g.position(draw, func(t LengthTemplate) []Outcome { return t.Candidate })
}

func (g grid) position(draw []int, side func(LengthTemplate) []Outcome) int {
	points := make([]LengthPoint, len(g.lengths))
	for i, length := range g.lengths {
		points[i].Length = length
		for _, t := range draw {
			switch side(g.templates[t])[i] {
			case Pass:
				points[i].Passes++
				points[i].Total++
			case Fail:
				points[i].Total++
			}
		}
	}
	curve, err := FitLengthCurve(points, nil, g.ratio)
	if err != nil || curve.EffectiveLength == nil {
		return -1
	}
	return slices.Index(g.lengths, *curve.EffectiveLength)
}

// limits are quantiles by the inverse of the distribution of v, which are
// values of v.
func limits(v []int, confidence float64) Range {
	v = slices.Sorted(slices.Values(v))
	at := func(p float64) int {
		// The slack keeps B·p at the whole number that it is meant to be.
		i := int(math.Ceil(float64(len(v))*p-1e-9)) - 1
		return v[min(max(i, 0), len(v)-1)]
	}
	return Range{at((1 - confidence) / 2), at((1 + confidence) / 2)}
}
