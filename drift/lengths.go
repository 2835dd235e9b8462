package drift

import (
	"maps"
	"math"
	"slices"
)

// Located is a pair with where it stands on an axis of numbers, such as a
// length in tokens.
type Located struct {
	*Pair
	At float64
}

// AnalyseLengths compares the pass rates over the values of one axis, all over
// 0. The effective lengths are resampled by cluster, so a cluster should hold
// all lengths. It is nil where fewer than two lengths have a decided pair.
func AnalyseLengths(axis string, models [2]string, cases []Located, b Bootstrapped) *LengthAnalysis {
	at := map[float64]*lengthCell{}
	for _, c := range cases {
		if !(c.At > 0) || math.IsInf(c.At, 0) {
			return nil
		}
		if at[c.At] == nil {
			at[c.At] = &lengthCell{}
		}
		at[c.At].add(c.Pair)
	}
	a := &LengthAnalysis{Axis: axis}
	var tested []float64
	for _, length := range slices.Sorted(maps.Keys(at)) {
		a.Points = append(a.Points, at[length].point(length))
		if len(at[length].cells) > 0 {
			tested = append(tested, length)
		}
	}
	if len(tested) < 2 {
		return nil
	}
	a.curves(models, tested, cases, b)
	a.Slope = slopeOver(cases, math.Log2)
	return a
}

type lengthCell struct {
	ledger
	excluded int
}

func (c *lengthCell) add(p *Pair) {
	if !p.decided() {
		c.excluded++
		return
	}
	c.ledger.add(p)
}

func (c *lengthCell) point(length float64) LengthCell {
	r := c.rateChange()
	p := LengthCell{Length: length, Excluded: c.excluded, Reference: r.Reference, Candidate: r.Candidate, Change: r.Change, Interval: r.Interval}
	if r.Reference != nil {
		p.N = r.Reference.N
	}
	return p
}

// curves fits both models and draws their effective lengths anew.
func (a *LengthAnalysis) curves(models [2]string, tested []float64, cases []Located, b Bootstrapped) {
	g := newGrid(tested, cases)
	all := g.all()
	reference, err := FitLengthCurve(g.points(g.reference, all), nil, EffectiveRatio)
	if err != nil {
		return
	}
	candidate, err := FitLengthCurve(g.points(g.candidate, all), nil, EffectiveRatio)
	if err != nil {
		return
	}
	same, err := FitLengthCurve(g.points(g.candidate, all), &reference.Base, EffectiveRatio)
	if err != nil {
		return
	}
	a.Curves = []ModelLength{modelLength(models[0], reference, reference), modelLength(models[1], candidate, same)}
	if len(g.reference) < 2 || reference.Base <= 0 {
		return
	}
	r := g.bootstrap(b.draws(len(g.reference), "length "+a.Axis), reportConfidence)
	a.Confidence = reportConfidence
	a.Steps, a.StepsLimits = &r.steps, &r.stepsLimits
	a.Curves[0].limit(tested, r.referenceLimits)
	a.Curves[1].limit(tested, r.candidateLimits)
}

func modelLength(model string, c, same LengthCurve) ModelLength {
	return ModelLength{
		Model: model, Fitted: c.Fitted, Base: c.Base, Threshold: c.Threshold, EffectiveLength: c.EffectiveLength,
		CrossingLength: c.CrossingLength, Censored: c.Censored, SameThreshold: same.EffectiveLength, MeanAccuracy: c.MeanAccuracy,
	}
}

func (m *ModelLength) limit(tested []float64, r Range) {
	m.HasLimits = true
	if r.Low >= 0 {
		m.Low = &tested[r.Low]
	}
	if r.High >= 0 {
		m.High = &tested[r.High]
	}
}

// slopeOver is the change per unit of scale(At); nil where there is no line to
// fit, or no spread around it.
func slopeOver(cases []Located, scale func(float64) float64) *SlopeChange {
	var x, y []float64
	var clusters []string
	for _, c := range cases {
		if c.decided() {
			x, y, clusters = append(x, scale(c.At)), append(y, c.change()), append(clusters, c.Cluster)
		}
	}
	s, err := ClusterSlope(x, y, clusters, reportConfidence)
	if err != nil || s.SE < rounding {
		return nil
	}
	return &SlopeChange{Estimate: s.Slope, Interval: s.Interval, P: twoSided(s.Slope/s.SE, s.Clusters-1), Clusters: s.Clusters}
}
