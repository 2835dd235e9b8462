package suites

import (
	"fmt"

	"github.com/gambit-audit/gambit/drift"
)

// ruling is what one spec reports.
type ruling struct {
	state state
	// text says why a spec is red or skipped; empty where it is green.
	text string
}

type state int

const (
	green state = iota
	red
	skipped
)

// judge rules on one comparison. What blocks the release is red; what is not
// passed and does not block is skipped with its verdict, so that it is never
// read as passed.
func judge(a *drift.Audit, c drift.Comparison) ruling {
	switch {
	case c.Verdict == drift.VerdictPass:
		return ruling{}
	case a.Blocks(&c):
		return ruling{red, heading(c) + explain(a, c)}
	case c.Waived != nil && !c.Waived.Expired:
		w := c.Waived
		return ruling{skipped, fmt.Sprintf("WAIVED by %s until %s (%s): %s: %s", w.Owner, w.Until, w.Why, c.Verdict, c.Because)}
	case c.Advisory:
		return ruling{skipped, fmt.Sprintf("ADVISORY: %s: %s", c.Verdict, c.Because)}
	case !c.Gated:
		return ruling{skipped, fmt.Sprintf("INFORMATION: %s: %s", c.Verdict, c.Because)}
	case a.Size == "smoke":
		return ruling{skipped, heading(c) + c.Because + " (smoke size passes no release)"}
	}
	return ruling{skipped, heading(c) + c.Because}
}

// heading tells a verdict that is no fail, and trouble that is no verdict.
func heading(c drift.Comparison) string {
	switch {
	case c.Reason == "no_data" || c.Reason == "coverage":
		return "ERROR: too few answers to judge: "
	case c.Verdict == drift.VerdictInconclusive:
		return "INCONCLUSIVE: "
	case c.Verdict == drift.VerdictUninformative:
		return "UNINFORMATIVE: "
	}
	return ""
}

// judgeMandatory rules on one case that every candidate must pass.
func judgeMandatory(m drift.Mandatory) ruling {
	if m.Observation.Outcome == drift.Pass {
		return ruling{}
	}
	if !m.Gated {
		return ruling{skipped, fmt.Sprintf("INFORMATION: %s: %s", m.Observation.Outcome, m.Observation.Detail)}
	}
	if m.Observation.Outcome == drift.Undecided {
		return ruling{red, fmt.Sprintf("ERROR: no answer to a mandatory case: %s: %s", m.Observation.Reason, m.Observation.Detail)}
	}
	return ruling{red, explainMandatory(m)}
}

// judgeControl rules on a candidate with known damage.
func judgeControl(v drift.CandidateVerdict) ruling {
	switch {
	case v.Blocked:
		return ruling{}
	case v.Met:
		return ruling{skipped, v.Because}
	}
	return ruling{red, v.Because}
}
