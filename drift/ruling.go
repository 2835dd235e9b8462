package drift

import "fmt"

// rule turns the evidence into a verdict. Few answers may be the easy ones or
// the hard ones, so they show nothing; next to that a shown drop goes first,
// and a pass has to earn its way past size and the reference's ability.
func (c *Comparison) rule(e evidence, o CompareOptions) {
	c.Collapsed = c.collapsed(e, o)
	switch {
	case c.lowCoverage(o.MaxUndecided):
		c.decide(VerdictInconclusive, "coverage", c.coverage(o))
	case o.guardFails():
		c.decide(VerdictUninformative, "guard", guardText(o))
	case e.verdict == VerdictFail:
		c.decide(VerdictFail, "inferior", fmt.Sprintf("a drop beyond %s is shown: %s", points(c.Margin), c.changeText()))
	case e.reason == "one_cluster":
		c.decide(VerdictInconclusive, "one_cluster",
			fmt.Sprintf("all cases (n=%s) are one cluster, which says nothing about others: add cases of other clusters", Count(c.N)))
	case c.outlook(o).tooSmall():
		c.plan(o)
		c.decide(VerdictInconclusive, "too_few", c.tooFew(o))
	case c.unable(e, o):
		c.decide(VerdictUninformative, "baseline", c.inability(o))
	case e.verdict == VerdictPass && e.constant <= -o.Margin:
		c.decide(VerdictInconclusive, "no_spread", fmt.Sprintf(
			"every case moved by the same %s, which gives no interval: sample each case more often", signed(e.constant)))
	case e.verdict == VerdictPass && o.Smoke:
		c.decide(VerdictInconclusive, "smoke", "smoke size finds breakage only and passes nothing: run size standard")
	case e.verdict == VerdictPass:
		c.decide(VerdictPass, "noninferior", fmt.Sprintf("a drop of %s or more is ruled out: %s", points(c.Margin), c.changeText()))
	default:
		c.plan(o)
		c.decide(VerdictInconclusive, "interval_contains_margin", fmt.Sprintf(
			"a drop of %s is neither shown nor ruled out: %s; a decision takes %s if there is no true drop, %s at the drop seen",
			points(c.Margin), c.changeText(), further(c.NeedNoDrop), further(c.NeedAtDrop)))
	}
}

func (c *Comparison) decide(v Verdict, reason, because string) {
	c.Verdict, c.Reason, c.Because = v, reason, because
}

// guardFails tells whether the reference cannot do what the guard asks for.
func (o CompareOptions) guardFails() bool {
	return o.GuardAtLeast != nil && (o.GuardRate == nil || *o.GuardRate < *o.GuardAtLeast)
}

// lowCoverage tells whether too many pairs are undecided. That also bounds how
// far apart the two models' shares of undecided cases are, which is never more.
// Cases that were spared are not missing.
func (c *Comparison) lowCoverage(maxUndecided float64) bool {
	return float64(c.Excluded) > maxUndecided*float64(c.N+c.Excluded+c.Spared)
}

func (c *Comparison) coverage(o CompareOptions) string {
	return fmt.Sprintf("coverage: only %s of %s cases answered by both models (undecided: reference %s, candidate %s), at most %s may be missing: see the errors of the run, then run it again",
		Count(c.N), Count(c.N+c.Excluded), Count(c.ReferenceShares.Undecided), Count(c.CandidateShares.Undecided), percent(o.MaxUndecided))
}

func guardText(o CompareOptions) string {
	floor := percent(*o.GuardAtLeast)
	if o.GuardRate == nil {
		return fmt.Sprintf("the reference answered none of the guard's cases, so nothing shows that it reaches their floor of %s", floor)
	}
	return fmt.Sprintf("the reference passes %s of the guard's cases, below their floor of %s: it cannot do the task",
		percent(*o.GuardRate), floor)
}

// outlook is the size of the comparison with the design effect that it showed.
func (c *Comparison) outlook(o CompareOptions) outlook {
	return outlook{n: c.N, clusters: c.Clusters, effect: c.spread(), margin: o.Margin, alpha: o.Alpha}
}

// spread is the design effect, of at least 1: how many cases are worth one
// independent case.
func (c *Comparison) spread() float64 { return max(1, *c.DesignEffect) }

func (c *Comparison) tooFew(o CompareOptions) string {
	missing := c.outlook(o).addToPass()
	text := fmt.Sprintf("%s cases can never pass a margin of %s", Count(c.N), points(o.Margin))
	if c.spread() > 1 {
		text += fmt.Sprintf(" (correlated, worth %.1f independent ones)", float64(c.N)/c.spread())
	}
	return text + fmt.Sprintf(": need at least %s, with not one flip; add %s", Count(c.N+missing), Count(missing))
}

// unable tells whether a pass would mean nothing: the reference is within
// noise of a constant answer, or so near to it that a candidate which lost
// everything would stay inside the margin.
func (c *Comparison) unable(e evidence, o CompareOptions) bool {
	base := value(o.Baseline)
	return withinNoise(c.Reference.Share, e.planned, base) || c.Reference.Share-base <= o.Margin
}

// withinNoise tells whether the one-sided 95 % lower limit of a pass rate over
// n independent cases does not clear base.
func withinNoise(share, n, base float64) bool {
	w, err := Wilson(min(share*n, n), n, 0.90)
	return err != nil || w.Low <= base
}

func (c *Comparison) inability(o CompareOptions) string {
	against := "so little that losing all of it would stay inside the margin of " + points(o.Margin)
	if o.Baseline != nil {
		against = fmt.Sprintf("where an answer that does not look at the question passes %s and the margin is %s", percent(*o.Baseline), points(o.Margin))
	}
	return fmt.Sprintf("the reference passes %s (n=%s), %s: a pass here would mean nothing; ask a stronger reference, or leave the probe out",
		percent(c.Reference.Share), Count(c.N), against)
}

// collapsed tells whether the candidate is within noise of a constant answer
// and the reference is not.
func (c *Comparison) collapsed(e evidence, o CompareOptions) bool {
	base := value(o.Baseline)
	return withinNoise(c.CandidateRate.Share, e.planned, base) && !withinNoise(c.Reference.Share, e.planned, base)
}

// plan fills in the further cases that a decision needs.
func (c *Comparison) plan(o CompareOptions) {
	need, err := CasesNeeded(float64(c.Loss), float64(c.Gain), float64(c.N), o.Margin, o.Alpha, c.spread())
	if err != nil {
		return
	}
	more := func(total *int) *int {
		if total == nil {
			return nil
		}
		return pointer(max(0, *total-c.N))
	}
	c.NeedNoDrop, c.NeedAtDrop = more(need.IfNoDrop), more(need.AtEstimate)
}

// further says how many more cases a decision takes. No more means that a new
// run of the same size is likely to decide.
func further(cases *int) string {
	switch {
	case cases == nil:
		return "more cases than can be planned"
	case *cases == 0:
		return "a new run of this size"
	}
	return "≈" + Count(*cases) + " more cases"
}

// changeText is the change with its interval, e.g.
// "97.1 % → 95.0 %, −2.1 points [−4.0, −0.2], n=340".
func (c *Comparison) changeText() string {
	text := fmt.Sprintf("%s → %s, %s", percent(c.Reference.Share), percent(c.CandidateRate.Share), signed(*c.Change))
	if c.Interval != nil {
		text += fmt.Sprintf(" [%s, %s]", bare(c.Interval.Low), bare(c.Interval.High))
	}
	text = fmt.Sprintf("%s, n=%s", text, Count(c.N))
	if c.Spared > 0 {
		text += fmt.Sprintf(" of %s, the others not asked since no answer to them could change the verdict", Count(c.N+c.Excluded+c.Spared))
	}
	return text
}

func value(p *float64) float64 {
	if p == nil {
		return 0
	}
	return *p
}
