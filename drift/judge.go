package drift

import (
	"fmt"
	"slices"
	"strings"
)

// Judge confirms the provisional fails of every candidate by Holm's method,
// applies waivers and the advisory tier, and fills in the gate. Today is the
// day of the run as YYYY-MM-DD, against which waivers expire. Only a policy
// without a level is an error.
func Judge(a *Audit, today string) error {
	if !openUnit(a.Policy.Alpha, 0.5) {
		return invalid("alpha %g of the policy: expected it in (0,0.5)", a.Policy.Alpha)
	}
	a.expireWaivers(today)
	for i := range a.Comparisons {
		a.place(&a.Comparisons[i])
	}
	for _, m := range a.Candidates {
		if err := a.confirm(m.Name); err != nil {
			return err
		}
	}
	for i := range a.Comparisons {
		a.waive(&a.Comparisons[i])
	}
	a.Gate = Gate{}
	why := a.Controls.unmet()
	for _, m := range a.Candidates {
		v, unmet := a.candidate(m)
		a.Gate.Candidates = append(a.Gate.Candidates, v)
		why = append(why, unmet...)
	}
	if len(a.Candidates) == 0 || len(a.Comparisons) == 0 {
		why = append(why, reason{text: "no comparison was made: check the probes and the filters"})
	}
	a.Gate.conclude(why)
	return nil
}

// reason says why the gate stays shut.
type reason struct {
	text string
	// unanswered marks want of answers, which says nothing of the candidate.
	unanswered bool
}

// conclude opens the gate where there is no reason against it. The status is 3
// where nothing but missing answers keeps it shut.
func (g *Gate) conclude(why []reason) {
	g.Passed, g.Status = len(why) == 0, 0
	if !g.Passed {
		g.Status = 3
	}
	for _, r := range why {
		g.Reasons = append(g.Reasons, r.text)
		if !r.unanswered {
			g.Status = 1
		}
	}
}

func (a *Audit) expireWaivers(today string) {
	a.Policy.Waivers = slices.Clone(a.Policy.Waivers)
	for i := range a.Policy.Waivers {
		w := &a.Policy.Waivers[i]
		w.Expired = w.Until < today
		if w.Expired {
			a.Warnings = append(a.Warnings, fmt.Sprintf("the waiver of %s (%s) expired on %s and no longer holds: renew it or mend the drop",
				w.Probe, w.Owner, w.Until))
		}
	}
}

// place says whether a comparison can block the release.
func (a *Audit) place(c *Comparison) {
	c.Advisory = a.Policy.IsAdvisory(c.Probe) || c.advises()
	expect := a.expects(c.Candidate)
	c.Gated = !c.Advisory && expect != ExpectBlocked && expect != ExpectAny
}

// waive attaches the waiver of a comparison that would block without it. One
// that has expired is attached too, to be seen, but excuses nothing.
func (a *Audit) waive(c *Comparison) {
	if c.Waived = nil; !a.Blocks(c) {
		return
	}
	for _, w := range a.Policy.Waivers {
		if !MatchesProbe(w.Probe, c.Probe) {
			continue
		}
		c.Waived = &w
		if !w.Expired {
			return
		}
	}
}

// IsAdvisory tells whether a probe is reported and never blocks.
func (p Policy) IsAdvisory(probe string) bool {
	matches := func(glob string) bool { return MatchesProbe(glob, probe) }
	return slices.ContainsFunc(p.Advisory, matches) && !slices.ContainsFunc(p.Blocking, matches)
}

// MarginOf is the drop that is accepted of a group of a probe, or of all its
// cases where group is empty.
func (p Policy) MarginOf(probe, pack, harm, group string) float64 {
	margin := p.Margin
	if group != "" {
		margin = p.GroupMargin
	}
	for _, r := range p.Margins {
		if r.Matches(probe, pack, harm, group) {
			margin = r.Margin
		}
	}
	return margin
}

// Matches tells whether the rule is for a group of a probe, or for all its cases
// where group is empty.
func (r MarginRule) Matches(probe, pack, harm, group string) bool {
	return (r.Harm == "" || r.Harm == harm) &&
		(r.Pack == "" || r.Pack == pack) &&
		(r.Probe == "" || MatchesProbe(r.Probe, probe)) &&
		(r.Group == "") == (group == "") && (r.Group == group || MatchesProbe(r.Group, group))
}

// MatchesProbe tells whether an id, or the name of a group, matches a pattern, in
// which * stands for any text, a slash included, and nothing else is special.
func MatchesProbe(glob, id string) bool {
	parts := strings.Split(glob, "*")
	rest, ok := strings.CutPrefix(id, parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.HasSuffix(rest, parts[last])
}

func (a *Audit) expects(candidate string) Expect {
	for _, m := range a.Candidates {
		if m.Name == candidate {
			return m.Expect
		}
	}
	return ExpectAny
}

// of gives the comparisons of one candidate that count: all but advisory ones.
func (a *Audit) of(candidate string) []*Comparison {
	var list []*Comparison
	for i := range a.Comparisons {
		if c := &a.Comparisons[i]; c.Candidate == candidate && !c.Advisory {
			list = append(list, c)
		}
	}
	return list
}

// confirm lets a provisional fail stand only where it survives Holm over the
// family of all comparisons of the candidate that count. An advisory
// comparison is confirmed by itself.
func (a *Audit) confirm(candidate string) error {
	family := a.of(candidate)
	var tested []*Comparison
	var p []float64
	for _, c := range family {
		c.Family = len(family)
		if c.PInferior != nil && !c.unanswered() {
			tested, p = append(tested, c), append(p, *c.PInferior)
		}
	}
	// A comparison that cannot be judged counts with p = 1, so that the family
	// stays the one that was fixed before the run.
	for len(p) < len(family) {
		p = append(p, 1)
	}
	adjusted, err := Holm(p)
	if err != nil {
		return fmt.Errorf("candidate %s: %w", candidate, err)
	}
	for i, c := range tested {
		c.PAdjusted = &adjusted[i]
		if c.Verdict == VerdictFail && adjusted[i] >= a.Policy.Alpha {
			c.decide(VerdictInconclusive, "not_confirmed", fmt.Sprintf(
				"a drop beyond %s shows by itself (p=%.3g) but not among %d comparisons (Holm p=%.3g): %s; ask more cases",
				points(c.Margin), *c.PInferior, c.Family, adjusted[i], c.changeText()))
		}
	}
	return nil
}

// candidate judges all comparisons of one candidate against what is expected,
// and says why it is not met.
func (a *Audit) candidate(m Model) (CandidateVerdict, []reason) {
	v := CandidateVerdict{Candidate: m.Name, Expect: m.Expect}
	family := a.of(m.Name)
	for _, c := range family {
		v.count(c)
	}
	v.Verdict = v.overall(len(family))
	var unmet []reason
	switch m.Expect {
	case ExpectAny:
		v.Because = v.tally() + ", for information"
	case ExpectBlocked:
		v.Because, unmet = v.control(family, a.Size == "smoke")
	default:
		v.Because, unmet = v.tally(), a.gated(m, family)
	}
	v.Met = len(unmet) == 0
	return v, unmet
}

func (v *CandidateVerdict) count(c *Comparison) {
	switch c.Verdict {
	case VerdictPass:
		v.Pass++
	case VerdictFail:
		v.Fail++
		v.Blocked = true
	case VerdictInconclusive:
		v.Inconclusive++
	case VerdictUninformative:
		v.Uninformative++
	}
}

// overall: any fail fails, else any inconclusive is inconclusive. Nothing but
// uninformative comparisons, or none at all, is never a pass.
func (v *CandidateVerdict) overall(comparisons int) Verdict {
	switch {
	case v.Fail > 0:
		return VerdictFail
	case v.Inconclusive > 0 || comparisons == 0:
		return VerdictInconclusive
	case v.Pass == 0:
		return VerdictUninformative
	}
	return VerdictPass
}

func (v *CandidateVerdict) tally() string {
	return fmt.Sprintf("%d pass, %d fail, %d inconclusive, %d uninformative", v.Pass, v.Fail, v.Inconclusive, v.Uninformative)
}

// control judges a candidate with known damage. Smoke size passes nothing, so
// that there is no pass which a missed control would make worthless.
func (v *CandidateVerdict) control(family []*Comparison, smoke bool) (because string, unmet []reason) {
	answered := slices.ContainsFunc(family, func(c *Comparison) bool { return !c.unanswered() })
	switch {
	case v.Blocked:
		return fmt.Sprintf("blocked, as known damage must be, by %d of %d comparisons", v.Fail, len(family)), nil
	case smoke && answered:
		return fmt.Sprintf("smoke size has too few cases to hold a control to it (%s)", v.tally()), nil
	}
	missed := reason{
		text:       fmt.Sprintf("missed control: the audit could not see known damage in %s; do not trust its passes (%s)", v.Candidate, v.tally()),
		unanswered: len(family) > 0 && !answered,
	}
	return missed.text, []reason{missed}
}

// gated gives all that keeps a release candidate from its release.
func (a *Audit) gated(m Model, family []*Comparison) []reason {
	var unmet []reason
	for _, c := range family {
		if a.Blocks(c) {
			unmet = append(unmet, reason{fmt.Sprintf("%s: %s: %s", c.Name(), c.Verdict, c.Because), c.unanswered()})
		}
	}
	for _, c := range a.Mandatory {
		if c.Candidate == m.Name && c.Gated && c.Observation.Outcome != Pass {
			unmet = append(unmet, c.unmet())
		}
	}
	for _, pack := range blindPacks(family) {
		unmet = append(unmet, reason{text: fmt.Sprintf(
			"pack %s on %s: every probe was uninformative: the reference cannot do them, so nothing was observed", pack, m.Name)})
	}
	if len(family) == 0 {
		return append(unmet, reason{text: fmt.Sprintf("%s: no comparison was made that counts", m.Name)})
	}
	return append(unmet, a.undecided(m.Name, family)...)
}

// undecided says where too many comparisons of a candidate came to no verdict,
// though each of them is accepted. Smoke size decides nothing, and says so.
func (a *Audit) undecided(candidate string, family []*Comparison) []reason {
	if a.Size == "smoke" {
		return nil
	}
	inconclusive, judged := 0, 0
	for _, c := range family {
		switch c.Verdict {
		case VerdictInconclusive:
			inconclusive++
		case VerdictPass, VerdictFail:
			judged++
		}
	}
	var unmet []reason
	if most := a.Policy.MaxInconclusive; most != nil && inconclusive > *most {
		unmet = append(unmet, reason{text: fmt.Sprintf("%s: %d comparisons are inconclusive, at most %d may be: ask more cases",
			candidate, inconclusive, *most)})
	}
	if float64(judged) < a.Policy.MinJudged*float64(len(family)) {
		unmet = append(unmet, reason{text: fmt.Sprintf("%s: %d of %d comparisons came to pass or fail, at least %s must: ask more cases, or a stronger reference",
			candidate, judged, len(family), percent(a.Policy.MinJudged))})
	}
	return unmet
}

// unmet says that a mandatory case was not passed.
func (m Mandatory) unmet() reason {
	text := fmt.Sprintf("mandatory case %s on %s: %s", m.Case, m.Candidate, m.Observation.Outcome)
	if m.Observation.Detail != "" {
		text += ": " + m.Observation.Detail
	}
	return reason{text, !m.Observation.decided()}
}

// Blocks tells whether a judged comparison keeps the gate shut. Want of answers
// does so whatever the policy, since nothing observed is never a pass.
func (a *Audit) Blocks(c *Comparison) bool {
	switch {
	case !c.Gated, c.Waived != nil && !c.Waived.Expired:
		return false
	case c.Verdict == VerdictFail, c.unanswered():
		return true
	case c.Verdict == VerdictInconclusive:
		// Smoke size cannot pass, and says so; it blocks on breakage alone.
		return a.Policy.Inconclusive != "warn" && a.Size != "smoke"
	case c.Verdict == VerdictUninformative:
		return a.Policy.Uninformative == "block"
	}
	return false
}

// unanswered tells whether a verdict is for want of answers.
func (c *Comparison) unanswered() bool { return c.Reason == "coverage" || c.Reason == "no_data" }

// blindPacks names the packs in which every comparison was uninformative.
func blindPacks(family []*Comparison) []string {
	var packs []string
	informative := map[string]bool{}
	for _, c := range family {
		pack, _, _ := strings.Cut(c.Probe, ".")
		if !slices.Contains(packs, pack) {
			packs = append(packs, pack)
		}
		informative[pack] = informative[pack] || c.Verdict != VerdictUninformative
	}
	return slices.DeleteFunc(packs, func(pack string) bool { return informative[pack] })
}

// Name is the probe, the candidate and the group, for people.
func (c *Comparison) Name() string {
	if c.Group == "" {
		return fmt.Sprintf("%s on %s", c.Probe, c.Candidate)
	}
	return fmt.Sprintf("%s on %s, %s", c.Probe, c.Candidate, c.Group)
}
