package drift

import (
	"iter"
	"math"
	"slices"
)

// Range is a pair of limits on a grid, both included.
type Range struct {
	Low  int `json:"low"`
	High int `json:"high"`
}

// effectiveLengths are the effective lengths of both models as positions on
// the grid of tested lengths, from 0; -1 is none.
type effectiveLengths struct {
	reference, candidate             int
	referenceLimits, candidateLimits Range
	// steps is how many lengths the candidate gains; negative is harm.
	steps       int
	stepsLimits Range
}

// grid holds what each cluster shows at each of the tested lengths. It does not
// interpolate: an effective length is one of them.
type grid struct {
	lengths              []float64     // rising, over 0
	reference, candidate [][]passCount // by cluster, then by length
}

type passCount struct{ passes, total int }

func (c *passCount) add(o Outcome) {
	switch o {
	case Pass:
		c.passes++
		c.total++
	case Fail:
		c.total++
	}
}

// newGrid counts the passes of decided pairs by cluster and length.
func newGrid(lengths []float64, cases []Located) grid {
	g := grid{lengths: lengths}
	var clusters numbering
	for _, c := range cases {
		i, ok := slices.BinarySearch(lengths, c.At)
		if !ok || !c.decided() {
			continue
		}
		k := clusters.of(c.Cluster)
		if k == len(g.reference) {
			g.reference = append(g.reference, make([]passCount, len(lengths)))
			g.candidate = append(g.candidate, make([]passCount, len(lengths)))
		}
		g.reference[k][i].add(c.Reference.Outcome)
		g.candidate[k][i].add(c.Candidate.Outcome)
	}
	return g
}

// all are the numbers of all clusters.
func (g grid) all() []int {
	all := make([]int, len(g.reference))
	for i := range all {
		all[i] = i
	}
	return all
}

// bootstrap resamples clusters, each with all its lengths.
func (g grid) bootstrap(draws iter.Seq[[]int], confidence float64) effectiveLengths {
	reference, candidate := g.position(g.reference, g.all()), g.position(g.candidate, g.all())
	r := effectiveLengths{reference: reference, candidate: candidate, steps: candidate - reference}
	var references, candidates, steps []int
	for draw := range draws {
		f, c := g.position(g.reference, draw), g.position(g.candidate, draw)
		references, candidates, steps = append(references, f), append(candidates, c), append(steps, c-f)
	}
	r.referenceLimits = limits(references, confidence)
	r.candidateLimits = limits(candidates, confidence)
	r.stepsLimits = limits(steps, confidence)
	return r
}

// points are the pass rates of one model over drawn clusters.
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
	curve, err := FitLengthCurve(g.points(side, draw), nil, EffectiveRatio)
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
