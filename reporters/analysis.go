package reporters

import (
	"fmt"

	"github.com/gambit-audit/gambit/drift"
)

// maxObserved bounds what a summary shows beside the verdicts of a candidate.
const maxObserved = 10

// beside is said before what describes a candidate and never gates.
const beside = "beside the verdicts (describes, never gates):"

// observed tells in lines what the analyses of a candidate show beside its
// verdicts: declared measures, effective lengths that shrank, and exploratory
// findings that are notable.
func observed(a *drift.Audit, candidate string) []string {
	var lines []string
	for _, n := range a.Analyses {
		if n.Candidate == candidate {
			lines = append(lines, measuredLines(n)...)
			lines = append(lines, shrunkLines(n)...)
		}
	}
	lines = append(lines, notableLines(a, candidate)...)
	if len(lines) <= maxObserved {
		return lines
	}
	return append(lines[:maxObserved], fmt.Sprintf("%s more: see the other formats", count(len(lines)-maxObserved)))
}

func measuredLines(n drift.Analysis) []string {
	var lines []string
	for _, m := range n.Measures {
		text := fmt.Sprintf("%s: %s %s → %s, change %s (n=%s)",
			name(n.Probe), name(m.Name), three(m.Reference), three(m.Change.Candidate), measured(m), count(m.N))
		if m.Undefined != "" || m.Margin != nil {
			text += ", " + marginStanding(m)
		}
		lines = append(lines, text)
	}
	return lines
}

func shrunkLines(n drift.Analysis) []string {
	var lines []string
	for _, l := range n.Lengths {
		if l.Steps == nil || *l.Steps >= 0 || l.StepsLimits == nil || len(l.Curves) != 2 {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: effective %s %s → %s, %s steps [%s, %s] on the tested ones",
			name(n.Probe), name(l.Axis), effective(l.Curves[0]), effective(l.Curves[1]),
			signedCount(*l.Steps), signedCount(l.StepsLimits.Low), signedCount(l.StepsLimits.High)))
	}
	return lines
}

// effective is an effective length; none of the tested ones may be long enough.
func effective(c drift.ModelLength) string {
	if c.EffectiveLength == nil {
		return "none"
	}
	text := fmt.Sprintf("%g", *c.EffectiveLength)
	if c.Censored == drift.CensoredAtLeastLongest {
		return "at least " + text
	}
	return text
}

func signedCount(n int) string {
	if n <= 0 {
		return count(n)
	}
	return "+" + count(n)
}

func notableLines(a *drift.Audit, candidate string) []string {
	var lines []string
	for _, f := range a.Findings {
		if f.Notable && f.Candidate == candidate {
			lines = append(lines, fmt.Sprintf("%s: exploratory, %s %s: %s %s, adjusted p %s among %s findings (n=%s)",
				name(f.Probe), name(f.Kind), name(f.What), estimated(f.Kind), found(f), probability(f.PAdjusted), count(f.Family), count(f.N)))
		}
	}
	return lines
}

// estimated says what the estimate of a finding of some kind is.
func estimated(kind string) string {
	switch kind {
	case "slice":
		return "change beyond the other groups"
	case "group":
		return "change beyond its base"
	case "gap":
		return "change of the gap between groups"
	case "slope":
		return "change for each doubling"
	case "sets":
		return "change of the inconsistent sets"
	}
	return "change"
}

// found is the estimate of a finding: points for shares of passes, and as it is
// for a measure, which has a unit of its own.
func found(f drift.Finding) string {
	if f.Kind == "measure" {
		return measured(drift.Measure{Change: drift.Change{Change: &f.Estimate, Interval: f.Interval}})
	}
	if f.Interval == nil {
		return signed(100*f.Estimate) + " points"
	}
	text := moved(&f.Estimate, f.Interval) + " points"
	if f.Interval.Low < -1 || f.Interval.High > 1 {
		text += " (a difference of two changes, so within ±200)"
	}
	return text
}
