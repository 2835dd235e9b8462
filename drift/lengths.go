package drift

import (
	"cmp"
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
	for _, length := range slices.Sorted(keys(at)) {
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
	all := make([]int, len(g.reference))
	for i := range all {
		all[i] = i
	}
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
	a.Steps, a.StepsLimits = &r.Steps, &r.StepsLimits
	a.Curves[0].limit(tested, r.ReferenceLimits)
	a.Curves[1].limit(tested, r.CandidateLimits)
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

// newGrid counts passes by cluster and length.
func newGrid(lengths []float64, cases []Located) grid {
	g := grid{lengths: lengths, ratio: EffectiveRatio}
	var clusters clustering
	for _, c := range cases {
		i, ok := slices.BinarySearch(lengths, c.At)
		if !ok || !c.decided() {
			continue
		}
		k := clusters.add(c.Cluster)
		if k == len(g.reference) {
			g.reference = append(g.reference, make([]passCount, len(lengths)))
			g.candidate = append(g.candidate, make([]passCount, len(lengths)))
		}
		g.reference[k][i].add(c.Reference.Outcome)
		g.candidate[k][i].add(c.Candidate.Outcome)
	}
	return g
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
	return &SlopeChange{Estimate: s.Slope, Interval: s.Interval, P: studentP(s.Slope/s.SE, s.Clusters-1), Clusters: s.Clusters}
}

// AnalyseDepths makes a heat map of pass rates by length and depth in [0,1].
// Lengths are nil where there is no such axis. It is nil where no pair is
// decided or a depth lies outside its range.
func AnalyseDepths(cases []Located, lengths []float64, b Bootstrapped) *DepthAnalysis {
	cells := map[depthKey]*ledger{}
	var edges []depthEdge
	for i, c := range cases {
		if !(c.At >= 0 && c.At <= 1) {
			return nil
		}
		if !c.decided() {
			continue
		}
		key := depthKey{depth: c.At}
		if lengths != nil {
			key.length = lengths[i]
		}
		if cells[key] == nil {
			cells[key] = &ledger{}
		}
		cells[key].add(c.Pair)
		edges = append(edges, depthEdge{c.Pair, c.At < 1.0/depthBins || c.At >= 1-1.0/depthBins})
	}
	if len(cells) == 0 {
		return nil
	}
	a := &DepthAnalysis{}
	for _, key := range slices.SortedFunc(keys(cells), depthKey.compare) {
		a.Cells = append(a.Cells, key.cell(cells[key], lengths != nil))
	}
	a.MiddleGap = middleGap(edges, b)
	return a
}

// depthBins are how many bins of equal width the depths fall into: the first
// and the last are the ends of a text.
const depthBins = 5

type depthKey struct{ length, depth float64 }

func (k depthKey) compare(o depthKey) int {
	return cmp.Or(cmp.Compare(k.length, o.length), cmp.Compare(k.depth, o.depth))
}

func (k depthKey) cell(l *ledger, byLength bool) DepthCell {
	c := DepthCell{Depth: k.depth, N: l.mean(changedShares).N}
	if byLength {
		c.Length = &k.length
	}
	c.Reference = pointer(l.mean(referenceShares).Estimate)
	c.Candidate = pointer(l.mean(candidateShares).Estimate)
	c.Change = pointer(l.mean(changedShares).Estimate)
	return c
}

type depthEdge struct {
	*Pair
	edge bool
}

// middleGap is the pass rate at the ends less that in between, as in
// [ProfileDepth].
func middleGap(cases []depthEdge, b Bootstrapped) Change {
	s := newSums(4)
	for _, c := range cases {
		at := 2
		if c.edge {
			at = 0
		}
		for side, share := range [2]float64{c.Reference.passShare(), c.Candidate.passShare()} {
			s.add(c.Cluster, side, at, share)
			s.add(c.Cluster, side, at+1, 1)
		}
	}
	gap := func(v []float64) (float64, bool) {
		if v[1] == 0 || v[3] == 0 {
			return 0, false
		}
		return v[0]/v[1] - v[2]/v[3], true
	}
	return s.change(gap, b, "middle gap").Change
}
