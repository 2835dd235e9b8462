package drift

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Judge confirms the provisional fails of every candidate by Holm's method,
// applies waivers and the advisory tier, and fills in the gate. Today is the
// day of the run as YYYY-MM-DD, against which waivers expire.
func Judge(a *Audit, today string) error {
	a.expireWaivers(today)
	for i := range a.Comparisons {
		a.place(&a.Comparisons[i])
	}
	for _, m := range a.Candidates {
		if err := a.confirm(m.Name); err != nil {
			return err
		}
	}
	a.Gate = Gate{Passed: true}
	for _, m := range a.Candidates {
		v := a.candidate(m)
		a.Gate.Candidates = append(a.Gate.Candidates, v)
		a.Gate.Passed = a.Gate.Passed && v.Met
	}
	if len(a.Comparisons)+len(a.Mandatory) == 0 {
		a.Gate.Passed = false
		a.Gate.Reasons = append(a.Gate.Reasons, "no comparison was made: check the probes and the filters")
	}
	a.Gate.Status = a.status()
	return nil
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
	c.Advisory = matchesAny(a.Policy.Advisory, c.Probe)
	c.Gated = !c.Advisory && a.expects(c.Candidate) == ExpectPass
	for i := range a.Policy.Waivers {
		w := a.Policy.Waivers[i]
		if c.Gated && !w.Expired && matchesAny([]string{w.Probe}, c.Probe) {
			c.Waived = &w
			return
		}
	}
}

func matchesAny(globs []string, id string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool {
		ok, err := path.Match(glob, id)
		return err == nil && ok
	})
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
		if c.PInferior != nil {
			tested, p = append(tested, c), append(p, *c.PInferior)
		}
	}
	// A comparison without a test counts with p = 1, so that the family stays
	// the one that was fixed before the run.
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

// candidate judges all comparisons of one candidate against what is expected.
func (a *Audit) candidate(m Model) CandidateVerdict {
	v := CandidateVerdict{Candidate: m.Name, Expect: m.Expect, Verdict: VerdictPass}
	family := a.of(m.Name)
	for _, c := range family {
		v.count(c)
	}
	v.Verdict = v.overall(len(family))
	switch m.Expect {
	case ExpectBlocked:
		a.control(&v, len(family))
	case ExpectPass:
		a.gated(&v, m, family)
	default:
		v.Met = true
		v.Because = v.tally() + ", for information"
	}
	return v
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

// control judges a candidate with known damage.
func (a *Audit) control(v *CandidateVerdict, family int) {
	v.Met = v.Blocked
	if v.Met {
		v.Because = fmt.Sprintf("blocked, as known damage must be, by %d of %d comparisons", v.Fail, family)
		return
	}
	v.Because = fmt.Sprintf("missed control: the audit could not see the known damage of %s (%s); do not trust its passes",
		v.Candidate, v.tally())
	a.Gate.Reasons = append(a.Gate.Reasons, v.Because)
}

// gated judges a release candidate.
func (a *Audit) gated(v *CandidateVerdict, m Model, family []*Comparison) {
	var reasons []string
	for _, c := range family {
		if a.Blocks(c) {
			reasons = append(reasons, fmt.Sprintf("%s: %s: %s", c.Name(), c.Verdict, c.Because))
		}
	}
	for _, c := range a.Mandatory {
		if c.Candidate == m.Name && c.Gated && c.Observation.Outcome != Pass {
			reasons = append(reasons, fmt.Sprintf("mandatory case %s on %s: %s", c.Case, c.Candidate, c.Observation.Outcome))
		}
	}
	reasons = append(reasons, a.blindPacks(m.Name, family)...)
	if len(family) == 0 && !a.hasMandatory(m.Name) {
		reasons = append(reasons, fmt.Sprintf("%s: no comparison was made that counts", m.Name))
	}
	v.Met = len(reasons) == 0
	v.Because = v.tally()
	a.Gate.Reasons = append(a.Gate.Reasons, reasons...)
}

func (a *Audit) hasMandatory(candidate string) bool {
	return slices.ContainsFunc(a.Mandatory, func(m Mandatory) bool { return m.Candidate == candidate })
}

// Blocks tells whether a judged comparison keeps the gate shut.
func (a *Audit) Blocks(c *Comparison) bool {
	if !c.Gated || c.Waived != nil {
		return false
	}
	switch c.Verdict {
	case VerdictFail:
		return true
	case VerdictInconclusive:
		// Smoke size cannot pass, and says so; it blocks on breakage alone.
		return a.Policy.Inconclusive == "block" && a.Size != "smoke"
	case VerdictUninformative:
		return a.Policy.Uninformative == "block"
	}
	return false
}

// blindPacks names the packs in which every comparison was uninformative.
func (a *Audit) blindPacks(candidate string, family []*Comparison) []string {
	seen, informative := []string{}, map[string]bool{}
	for _, c := range family {
		pack, _, _ := strings.Cut(c.Probe, ".")
		if !slices.Contains(seen, pack) {
			seen = append(seen, pack)
		}
		if c.Verdict != VerdictUninformative {
			informative[pack] = true
		}
	}
	var reasons []string
	for _, pack := range seen {
		if !informative[pack] {
			reasons = append(reasons, fmt.Sprintf("pack %s on %s: every probe was uninformative: the reference cannot do them, so nothing was observed",
				pack, candidate))
		}
	}
	return reasons
}

// Name is the probe, the candidate and the group, for people.
func (c *Comparison) Name() string {
	if c.Group == "" {
		return fmt.Sprintf("%s on %s", c.Probe, c.Candidate)
	}
	return fmt.Sprintf("%s on %s, %s", c.Probe, c.Candidate, c.Group)
}

// status is 0 for a passed gate; 3 where nothing but missing answers keeps it
// shut; else 1.
func (a *Audit) status() int {
	if a.Gate.Passed {
		return 0
	}
	missing, other := false, false
	for i := range a.Comparisons {
		c := &a.Comparisons[i]
		lost := c.Reason == "coverage" || c.Reason == "no_data"
		missing = missing || lost
		other = other || (a.Blocks(c) && !lost)
	}
	for _, m := range a.Mandatory {
		other = other || (m.Gated && m.Observation.Outcome == Fail)
	}
	if missing && !other {
		return 3
	}
	return 1
}
