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
	// Judge is the judge model that scored the pairs; nil where rules did.
	Judge *JudgeOptions
	// Spared is how many cases, beside the pairs, were not asked because
	// [Standing.Settled] said that none could change the verdict.
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
	c.ReferenceShares, c.CandidateShares = shares(pairs)
	var l ledger
	for p := range decided(pairs) {
		l.add(p)
	}
	t := l.table()
	c.N, c.Excluded = t.N(), len(pairs)-t.N()
	c.BothPass, c.Loss, c.Gain, c.BothFail = t.BothPass, t.Loss, t.Gain, t.BothFail
	if c.N == 0 {
		c.decide(VerdictInconclusive, "no_data", fmt.Sprintf(
			"none of %s cases was answered by both models: see the errors of the run, then run it again", Count(len(pairs))))
		c.correct(pairs, o)
		return c, nil
	}
	c.ChangeParsed = changeParsed(pairs)
	c.rule(c.measure(&l, o), o)
	c.correct(pairs, o)
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
	gateTest
	// planned is the number of independent cases that the pairs are worth at
	// the planned design effect, which does not move with the answers.
	planned float64
	// constant is the change that every sampled case shows alike. A mean
	// without spread gives no interval, so the outcomes by majority are judged.
	constant float64
}

// measure fills in the numbers that a ledger of the decided pairs holds; there
// must be one.
func (c *Comparison) measure(l *ledger, o CompareOptions) evidence {
	t := l.tango()
	c.useTango(t)
	c.Reference, c.CandidateRate = l.plainRate(referenceOf), l.plainRate(candidateOf)
	c.FlipRate = share(c.Loss+c.Gain, c.N)
	e := evidence{gateTest: t.gate(o.Margin, o.Alpha), planned: float64(c.N) / plannedEffect(t.mean.MeanSize)}
	switch mean := l.mean(changeOf); {
	case !l.sampled || mean.SE == nil:
	case *mean.SE == 0:
		e.constant = mean.Estimate
	default:
		t = l.sampledTango()
		c.useTango(t)
		c.MidP = nil
		e.gateTest = t.gate(o.Margin, o.Alpha)
	}
	c.GateInterval, c.PInferior, c.Worse = e.interval, e.inferior, e.worse
	return e
}

func (c *Comparison) useTango(t clusteredTango) {
	c.Clusters = t.mean.Clusters
	c.Change, c.Interval, c.Method = &t.mean.Estimate, t.interval(reportConfidence), t.method()
	c.DesignEffect, c.DesignSource = &t.effect, t.source
	if t.mean.MeanSize > 1 {
		return
	}
	c.DesignSource = "none"
	if mc, err := McNemar(float64(c.Loss), float64(c.Gain)); err == nil {
		c.MidP = &mc.MidP
	}
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
