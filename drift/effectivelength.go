package drift

import (
	"iter"
	"math"
	"slices"
)

// LengthTemplate is one template, asked at every length of a grid; the
// outcomes are in the order of the lengths.
type LengthTemplate struct{ Reference, Candidate []Outcome }

// Range is a pair of limits on a grid, both included.
type Range struct {
	Low  int `json:"low"`
	High int `json:"high"`
}

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
	g := grid{lengths: lengths, ratio: ratio}
	for _, t := range templates {
		g.reference = append(g.reference, counted(t.Reference))
		g.candidate = append(g.candidate, counted(t.Candidate))
	}
	return g.bootstrap(slices.Values(draws), confidence), nil
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

// grid holds what each template or cluster shows at each of the lengths.
type grid struct {
	lengths              []float64
	reference, candidate [][]passCount // by template, then by length
	ratio                float64
}

type passCount struct{ passes, total int }

func counted(outcomes []Outcome) []passCount {
	counts := make([]passCount, len(outcomes))
	for i, o := range outcomes {
		counts[i].add(o)
	}
	return counts
}

func (c *passCount) add(o Outcome) {
	switch o {
	case Pass:
		c.passes++
		c.total++
	case Fail:
		c.total++
	}
}

func (g grid) bootstrap(draws iter.Seq[[]int], confidence float64) EffectiveLengths {
	all := make([]int, len(g.reference))
	for i := range all {
		all[i] = i
	}
	reference, candidate := g.position(g.reference, all), g.position(g.candidate, all)
	r := EffectiveLengths{Reference: reference, Candidate: candidate, Steps: candidate - reference}
	var references, candidates, steps []int
	for draw := range draws {
		f, c := g.position(g.reference, draw), g.position(g.candidate, draw)
		references, candidates, steps = append(references, f), append(candidates, c), append(steps, c-f)
	}
	r.ReferenceLimits = limits(references, confidence)
	r.CandidateLimits = limits(candidates, confidence)
	r.StepsLimits = limits(steps, confidence)
	return r
}

// points are the pass rates of one model over drawn templates.
func (g grid) points(side [][]passCount, draw []int) []LengthPoint {
	points := make([]LengthPoint, len(g.lengths))
	for i, length := range g.lengths {
		points[i].Length = length
	}
	for _, t := range draw {
		for i, c := range side[t] {
			points[i].Passes += c.passes
			points[i].Total += c.total
		}
	}
	return points
}

// position is the effective length of one model as a place on the grid.
func (g grid) position(side [][]passCount, draw []int) int {
	curve, err := FitLengthCurve(g.points(side, draw), nil, g.ratio)
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
