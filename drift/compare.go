package drift

import (
	"fmt"
	"math"
)

// CompareOptions are what a comparison is judged by.
type CompareOptions struct {
	Margin       float64 // accepted drop in (0,1)
	Alpha        float64 // one-sided level in (0,0.5)
	MaxUndecided float64 // accepted share of undecided pairs in [0,1)
	// Baseline is the pass rate of the best constant answer; nil where none
	// can be right.
	Baseline *float64
	// GuardAtLeast is the pass rate that the reference must reach on the
	// guard's cases for the probe to mean anything, and GuardRate what it
	// reached; nil for no guard, or where none of them was answered.
	GuardAtLeast, GuardRate *float64
	// Smoke marks a size that finds breakage and passes nothing.
	Smoke bool
}

// reportConfidence is that of the intervals in reports.
const reportConfidence = 0.95

// Compare judges pairs. A verdict of fail is provisional until [Judge] has
// confirmed it among all comparisons of the candidate. The caller fills in
// what the comparison is about (Probe, Candidate, Group, File, Line).
func Compare(pairs []Pair, o CompareOptions) (Comparison, error) {
	if err := checkGate(o.Margin, o.Alpha); err != nil {
		return Comparison{}, err
	}
	c := Comparison{Margin: o.Margin, Baseline: o.Baseline}
	t := NewTable(pairs)
	c.N, c.Excluded = t.N(), t.Excluded
	c.BothPass, c.Loss, c.Gain, c.BothFail = t.BothPass, t.Loss, t.Gain, t.BothFail
	c.ReferenceShares, c.CandidateShares = shares(pairs)
	if c.N == 0 {
		c.decide(VerdictInconclusive, "no_data", fmt.Sprintf(
			"none of %s cases was answered by both models: see the errors of the run, then run it again", count(len(pairs))))
		return c, nil
	}
	test, err := c.measure(pairs, o)
	if err != nil {
		return Comparison{}, err
	}
	c.rule(test, len(pairs), o)
	return c, nil
}

// shares counts the marks of both models over all pairs.
func shares(pairs []Pair) (reference, candidate Shares) {
	mark := func(s *Shares, o Observation) {
		if o.Outcome == Undecided {
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
	for _, p := range pairs {
		mark(&reference, p.Reference)
		mark(&candidate, p.Candidate)
	}
	return reference, candidate
}

// measure fills in every number and gives the test that the verdict rests on.
func (c *Comparison) measure(pairs []Pair, o CompareOptions) (NITest, error) {
	decided := decidedPairs(pairs)
	report, err := TangoClustered(decided, reportConfidence)
	if err != nil {
		return NITest{}, err
	}
	c.Clusters = report.Clusters
	c.DesignEffect, c.DesignSource = pointer(report.DesignEffect), report.DesignSource
	c.Change, c.Interval, c.Method = pointer(report.Estimate), report.Interval, "tango"
	if report.DesignEffect > 1 || report.degrees > 0 {
		c.Method = "tango_clustered"
	}
	c.Reference, c.CandidateRate = rate(c.BothPass+c.Loss, c.N), rate(c.BothPass+c.Gain, c.N)
	if mc, err := McNemar(float64(c.Loss), float64(c.Gain)); err == nil {
		c.MidP = &mc.MidP
	}
	c.ChangeParsed = changeParsed(decided)
	test := report.gate(o)
	if mean, ok := c.sampledMean(decided); ok {
		c.useMean(mean)
		test = meanNoninferiority(mean, o.Margin, o.Alpha)
	}
	c.GateInterval, c.PInferior, c.Worse = test.Interval, test.PInferior, test.Worse
	return test, nil
}

// gate is the non-inferiority test on the clustered counts.
func (r ClusteredTango) gate(o CompareOptions) NITest {
	if r.Clusters < 2 {
		return NITest{Verdict: VerdictInconclusive, Reason: "one_cluster"}
	}
	return noninferiority(r.b, r.c, r.n, o.Margin, o.Alpha, r.degrees)
}

func decidedPairs(pairs []Pair) []Pair {
	var list []Pair
	for _, p := range pairs {
		if p.Reference.Outcome != Undecided && p.Candidate.Outcome != Undecided {
			list = append(list, p)
		}
	}
	return list
}

func rate(k, n int) *Rate {
	w, err := Wilson(float64(k), float64(n), reportConfidence)
	if err != nil {
		return nil
	}
	return &Rate{Share: w.Estimate, N: n, Interval: w.Interval}
}

// changeParsed is the change over the pairs that both models answered in a
// form that could be read, so that lost format is told from lost knowledge.
func changeParsed(decided []Pair) *float64 {
	var t Table
	for _, p := range decided {
		if p.Reference.Reason != ReasonUnparsed && p.Candidate.Reason != ReasonUnparsed {
			t.add(p.Reference.Outcome == Pass, p.Candidate.Outcome == Pass)
		}
	}
	return ratio(t.Gain-t.Loss, t.N())
}

// sampledMean is the clustered mean of the differences in passes per sample,
// where cases were asked several times. It is not ok where no case was, or
// where the differences do not vary: the table of majorities then stands.
func (c *Comparison) sampledMean(decided []Pair) (ClusterEstimate, bool) {
	var d []float64
	var cluster []string
	sampled := false
	for _, p := range decided {
		sampled = sampled || p.Reference.Samples > 1 || p.Candidate.Samples > 1
		d = append(d, p.Candidate.passShare()-p.Reference.passShare())
		cluster = append(cluster, p.Cluster)
	}
	if !sampled {
		return ClusterEstimate{}, false
	}
	mean, err := ClusterMean(d, cluster, reportConfidence)
	if err != nil || mean.SE == nil || *mean.SE == 0 {
		return ClusterEstimate{}, false
	}
	return mean, true
}

func (o Observation) passShare() float64 {
	if o.Samples > 0 {
		return float64(o.Passes) / float64(o.Samples)
	}
	if o.Outcome == Pass {
		return 1
	}
	return 0
}

func (c *Comparison) useMean(mean ClusterEstimate) {
	c.Change, c.Interval, c.Method = &mean.Estimate, mean.Interval, "cluster_mean"
	if mean.DesignEffect != nil {
		c.DesignEffect, c.DesignSource = mean.DesignEffect, "estimated"
	}
}

// rule turns the test into a verdict. A shown drop goes before everything; a
// pass has to earn its way past coverage, size and the reference's ability.
func (c *Comparison) rule(test NITest, pairs int, o CompareOptions) {
	guarded := o.GuardAtLeast != nil && value(o.GuardRate) < *o.GuardAtLeast
	switch {
	case c.coverageBroken(pairs, o):
		c.decide(VerdictInconclusive, "coverage", c.coverage(pairs, o))
	case guarded:
		c.decide(VerdictUninformative, "guard", fmt.Sprintf(
			"the reference passes %s of the guard's cases, below their floor of %s: it cannot do the task",
			percent(value(o.GuardRate)), percent(*o.GuardAtLeast)))
	case test.Verdict == VerdictFail:
		c.decide(VerdictFail, "inferior", fmt.Sprintf("a drop beyond %s is shown: %s", points(c.Margin), c.changeText()))
	case test.Reason == "one_cluster":
		c.decide(VerdictInconclusive, "one_cluster",
			"all cases are one cluster, which says nothing about others: add cases of other clusters")
	case c.tooFew(o):
		floor, _ := NIFloor(o.Margin, o.Alpha)
		c.decide(VerdictInconclusive, "too_few", fmt.Sprintf(
			"%s independent cases (n=%s, design effect %.2f) cannot pass a margin of %s: need at least %s, with not one flip",
			count(int(c.effective())), count(c.N), *c.DesignEffect, points(o.Margin), count(floor)))
		c.plan(o)
	case c.unable(o):
		c.decide(VerdictUninformative, "baseline", c.inability(o))
	case test.Verdict == VerdictPass && o.Smoke:
		c.decide(VerdictInconclusive, "smoke", "smoke size finds breakage and passes nothing: run size standard")
	case test.Verdict == VerdictPass:
		c.decide(VerdictPass, "noninferior", fmt.Sprintf("a drop of %s or more is ruled out: %s", points(c.Margin), c.changeText()))
	default:
		c.plan(o)
		c.decide(VerdictInconclusive, "interval_contains_margin", fmt.Sprintf(
			"a drop of %s is neither shown nor ruled out: %s; %s", points(c.Margin), c.changeText(), c.needText()))
	}
	c.Collapsed = c.collapsed(o)
}

func (c *Comparison) decide(v Verdict, reason, because string) {
	c.Verdict, c.Reason, c.Because = v, reason, because
}

// coverageBroken tells whether too many pairs are undecided, or many more on
// one side than on the other.
func (c *Comparison) coverageBroken(pairs int, o CompareOptions) bool {
	share := float64(c.Excluded) / float64(pairs)
	apart := math.Abs(float64(c.ReferenceShares.Undecided-c.CandidateShares.Undecided)) / float64(pairs)
	return share > o.MaxUndecided || apart > o.MaxUndecided
}

func (c *Comparison) coverage(pairs int, o CompareOptions) string {
	return fmt.Sprintf("coverage: only %s of %s cases were answered by both models (undecided: reference %s, candidate %s; accepted: %s): see the errors of the run, then run it again",
		count(c.N), count(pairs), count(c.ReferenceShares.Undecided), count(c.CandidateShares.Undecided), percent(o.MaxUndecided))
}

// effective is the number of independent cases that the pairs are worth.
func (c *Comparison) effective() float64 { return float64(c.N) / *c.DesignEffect }

// tooFew tells whether the comparison could not pass however the answers fell.
func (c *Comparison) tooFew(o CompareOptions) bool {
	floor, err := NIFloor(o.Margin, o.Alpha)
	return err == nil && c.effective() < float64(floor)
}

// unable tells whether a pass would mean nothing: the reference is within
// noise of a constant answer, or so near to it that a candidate which lost
// everything would stay inside the margin.
func (c *Comparison) unable(o CompareOptions) bool {
	base := value(o.Baseline)
	return c.withinNoise(c.Reference.Share, base) || c.Reference.Share-base <= o.Margin
}

// withinNoise tells whether the one-sided 95 % lower limit of a pass rate does
// not clear base, at the effective number of cases.
func (c *Comparison) withinNoise(share, base float64) bool {
	n := c.effective()
	w, err := Wilson(share*n, n, 0.90)
	return err != nil || w.Low <= base
}

func (c *Comparison) inability(o CompareOptions) string {
	what := "nothing"
	if o.Baseline != nil {
		what = "the best constant answer's " + percent(*o.Baseline)
	}
	return fmt.Sprintf("the reference passes %s (n=%s) against %s: a pass here would mean nothing; ask this of a stronger reference, or leave it out",
		percent(c.Reference.Share), count(c.N), what)
}

func (c *Comparison) collapsed(o CompareOptions) bool {
	return o.Baseline != nil && !c.unable(o) && c.withinNoise(c.CandidateRate.Share, *o.Baseline)
}

// plan fills in the further cases that a decision needs.
func (c *Comparison) plan(o CompareOptions) {
	need, err := CasesNeeded(float64(c.Loss), float64(c.Gain), float64(c.N), o.Margin, o.Alpha, max(1, *c.DesignEffect))
	if err != nil {
		return
	}
	c.NeedNoDrop, c.NeedAtDrop = c.further(need.IfNoDrop), c.further(need.AtEstimate)
}

func (c *Comparison) further(total *int) *int {
	if total == nil {
		return nil
	}
	return pointer(max(0, *total-c.N))
}

func (c *Comparison) needText() string {
	part := func(n *int) string {
		if n == nil {
			return "no number of cases would do"
		}
		return "≈" + count(*n) + " more cases"
	}
	return fmt.Sprintf("needs %s if there is no true drop, %s at the drop seen", part(c.NeedNoDrop), part(c.NeedAtDrop))
}

// changeText is the change with its interval, e.g.
// "97.1 % → 95.0 %, −2.1 points [−4.0, −0.2], n=340".
func (c *Comparison) changeText() string {
	text := fmt.Sprintf("%s → %s, %s", percent(c.Reference.Share), percent(c.CandidateRate.Share), signed(*c.Change))
	if c.Interval != nil {
		text += fmt.Sprintf(" [%s, %s]", bare(c.Interval.Low), bare(c.Interval.High))
	}
	return fmt.Sprintf("%s, n=%s", text, count(c.N))
}

func value(p *float64) float64 {
	if p == nil {
		return 0
	}
	return *p
}
