package drift

import (
	"fmt"
	"iter"
)

// CompareOptions are what a comparison is judged by.
type CompareOptions struct {
	Margin       float64 // accepted drop in (0,1)
	Alpha        float64 // one-sided level in (0,0.5)
	MaxUndecided float64 // accepted share of undecided pairs in [0,1)
	// Baseline is the pass rate in [0,1] of the best answer that does not look
	// at the question, a constant or a guess; nil where there is none.
	Baseline *float64
	// GuardAtLeast is the pass rate in [0,1] that the reference must reach on
	// the guard's cases for the probe to mean anything; nil for no guard.
	GuardAtLeast *float64
	// GuardRate is the reference's pass rate on the guard's cases; nil where
	// it answered none of them. It is read only with GuardAtLeast.
	GuardRate *float64
	// Smoke marks a size that finds breakage and passes nothing.
	Smoke bool
	// Spared is how many cases, beside the pairs, were not asked because
	// [Settled] said that none could change the verdict.
	Spared int
}

func (o CompareOptions) check() error {
	if err := checkGate(o.Margin, o.Alpha); err != nil {
		return err
	}
	if !(o.MaxUndecided >= 0 && o.MaxUndecided < 1) {
		return invalid("max undecided %g: expected it in [0,1)", o.MaxUndecided)
	}
	for _, rate := range []*float64{o.Baseline, o.GuardAtLeast, o.GuardRate} {
		if rate != nil && !(*rate >= 0 && *rate <= 1) {
			return invalid("pass rate %g: expected it in [0,1]", *rate)
		}
	}
	return nil
}

// reportConfidence is that of the intervals in reports.
const reportConfidence = 0.95

// Compare judges pairs. A verdict of fail is provisional until [Judge] has
// confirmed it among all comparisons of the candidate. The caller fills in
// what the comparison is about (Probe, Candidate, Group, File, Line) and the
// flips to show. Only options outside their range are an error.
func Compare(pairs []Pair, o CompareOptions) (Comparison, error) {
	if err := o.check(); err != nil {
		return Comparison{}, err
	}
	c := Comparison{Margin: o.Margin, Baseline: o.Baseline, Spared: o.Spared}
	t := NewTable(pairs)
	c.N, c.Excluded = t.N(), t.Excluded
	c.BothPass, c.Loss, c.Gain, c.BothFail = t.BothPass, t.Loss, t.Gain, t.BothFail
	c.ReferenceShares, c.CandidateShares = shares(pairs)
	if c.N == 0 {
		c.decide(VerdictInconclusive, "no_data", fmt.Sprintf(
			"none of %s cases was answered by both models: see the errors of the run, then run it again", count(len(pairs))))
		return c, nil
	}
	e, err := c.measure(pairs, o)
	if err != nil {
		return Comparison{}, err
	}
	c.rule(e, o)
	return c, nil
}

// shares counts the marks of both models over all pairs.
func shares(pairs []Pair) (reference, candidate Shares) {
	for i := range pairs {
		reference.add(&pairs[i].Reference)
		candidate.add(&pairs[i].Candidate)
	}
	return reference, candidate
}

func (s *Shares) add(o *Observation) {
	if !o.decided() {
		s.Undecided++
	}
	if o.Reason == ReasonUnparsed {
		s.Unparsed++
	}
	if o.Cut {
		s.Cut++
	}
	if o.Refused {
		s.Refused++
	}
}

// evidence is what a verdict rests on beside the numbers of its comparison.
type evidence struct {
	NITest
	// planned is the number of independent cases that the pairs are worth at
	// the planned design effect, which does not move with the answers.
	planned float64
	// constant is the change that every sampled case shows alike. A mean
	// without spread gives no interval, so the outcomes by majority are judged.
	constant float64
}

// measure fills in every number; at least one pair must be decided.
func (c *Comparison) measure(pairs []Pair, o CompareOptions) (evidence, error) {
	report, err := TangoClustered(pairs, reportConfidence)
	if err != nil {
		return evidence{}, err
	}
	c.Clusters = report.Clusters
	c.useTango(report)
	c.Reference = rate(pairs, func(p *Pair) float64 { return p.Reference.passShare() })
	c.CandidateRate = rate(pairs, func(p *Pair) float64 { return p.Candidate.passShare() })
	c.FlipRate = share(c.Loss+c.Gain, c.N)
	c.ChangeParsed = changeParsed(pairs)
	e := evidence{NITest: report.gate(o), planned: float64(c.N) / plannedEffect(report.MeanSize)}
	if mean, ok := sampledMean(pairs); ok && *mean.SE > 0 {
		c.useMean(mean)
		e.NITest = meanNoninferiority(mean, o.Margin, o.Alpha)
	} else if ok {
		e.constant = mean.Estimate
	}
	c.GateInterval, c.PInferior, c.Worse = e.Interval, e.PInferior, e.Worse
	return e, nil
}

func (c *Comparison) useTango(r ClusteredTango) {
	c.Change, c.Interval, c.Method = &r.Estimate, r.Interval, "tango"
	c.DesignEffect, c.DesignSource = &r.DesignEffect, r.DesignSource
	if r.MeanSize > 1 {
		c.Method = "tango_clustered"
		return
	}
	c.DesignSource = "none"
	if mc, err := McNemar(float64(c.Loss), float64(c.Gain)); err == nil {
		c.MidP = &mc.MidP
	}
}

// gate is the non-inferiority test on the clustered counts.
func (r ClusteredTango) gate(o CompareOptions) NITest {
	if r.Clusters < 2 {
		return NITest{Verdict: VerdictInconclusive, Reason: "one_cluster"}
	}
	return noninferiority(r.b, r.c, r.n, o.Margin, o.Alpha, r.degrees)
}

// decided ranges over the pairs that both models answered. It hands out
// pointers: a pair is large, and audits have many.
func decided(pairs []Pair) iter.Seq[*Pair] {
	return func(yield func(*Pair) bool) {
		for i := range pairs {
			if p := &pairs[i]; p.decided() && !yield(p) {
				return
			}
		}
	}
}

// rate is one model's pass rate; a case that was sampled several times counts
// with its share of passes.
func rate(pairs []Pair, passes func(*Pair) float64) *Rate {
	n, sum := 0, 0.0
	for p := range decided(pairs) {
		n++
		sum += passes(p)
	}
	w, err := Wilson(sum, float64(n), reportConfidence)
	if err != nil {
		return nil
	}
	return &Rate{Share: w.Estimate, N: n, Interval: w.Interval}
}

// share is k of n independent cases; nil where there are none.
func share(k, n int) *Rate {
	w, err := Wilson(float64(k), float64(n), reportConfidence)
	if err != nil {
		return nil
	}
	return &Rate{Share: w.Estimate, N: n, Interval: w.Interval}
}

// changeParsed is the change over the pairs that both models answered in a
// form that could be read, so that lost format is told from lost knowledge.
func changeParsed(pairs []Pair) *float64 {
	n, change := 0, 0.0
	for p := range decided(pairs) {
		if p.Reference.Reason != ReasonUnparsed && p.Candidate.Reason != ReasonUnparsed {
			n++
			change += p.change()
		}
	}
	if n == 0 {
		return nil
	}
	return pointer(change / float64(n))
}

// sampledMean is the clustered mean of the differences in passes per sample.
// It is not ok where no case was sampled several times, or with one cluster.
func sampledMean(pairs []Pair) (ClusterEstimate, bool) {
	sampled := false
	for p := range decided(pairs) {
		sampled = sampled || p.Reference.Samples > 1 || p.Candidate.Samples > 1
	}
	if !sampled {
		return ClusterEstimate{}, false
	}
	var d []float64
	var clusters clustering
	for p := range decided(pairs) {
		d = append(d, p.change())
		clusters.add(p.Cluster)
	}
	mean, err := clusterMean(d, clusters, reportConfidence)
	return mean, err == nil && mean.SE != nil
}

// useMean shows the mean of sampled cases.
func (c *Comparison) useMean(mean ClusterEstimate) {
	c.Change, c.Interval, c.Method, c.MidP = &mean.Estimate, withinRange(*mean.Interval), "cluster_mean", nil
	if mean.DesignEffect != nil {
		c.DesignEffect, c.DesignSource = mean.DesignEffect, "estimated"
	}
}

// withinRange cuts an interval to [-1,1], where the change of a share lies.
func withinRange(i Interval) *Interval {
	return &Interval{max(i.Low, -1), min(i.High, 1), i.Confidence}
}
