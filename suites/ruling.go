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

// judge rules on one comparison. What can block a release is red where it
// does; what cannot is skipped with its verdict, so that it is never read as
// passed.
func judge(a *drift.Audit, c drift.Comparison) ruling {
	if c.Verdict == drift.VerdictPass {
		return ruling{}
	}
	switch {
	case c.Waived != nil && !c.Waived.Expired:
		w := c.Waived
		return ruling{skipped, fmt.Sprintf("WAIVED by %s until %s (%s): %s: %s", w.Owner, w.Until, w.Why, c.Verdict, c.Because)}
	case c.Advisory:
		return ruling{skipped, fmt.Sprintf("ADVISORY: %s: %s", c.Verdict, c.Because)}
	case !c.Gated:
		return ruling{skipped, fmt.Sprintf("INFORMATION: %s: %s", c.Verdict, c.Because)}
	case c.Reason == reasonCoverage:
		return ruling{red, "ERROR: too few answers to judge: " + explain(a, c)}
	case c.Verdict == drift.VerdictFail:
		return ruling{red, explain(a, c)}
	case c.Verdict == drift.VerdictUninformative:
		return blockOr(a.Policy.Uninformative, "UNINFORMATIVE: ", a, c)
	}
	if a.Size == "smoke" {
		return ruling{skipped, "INCONCLUSIVE: " + c.Because + " (smoke size passes no release)"}
	}
	return blockOr(a.Policy.Inconclusive, "INCONCLUSIVE: ", a, c)
}

// reasonCoverage is the Reason of a comparison with too many unanswered cases.
const reasonCoverage = "coverage"

// blockOr is red under "block" and skipped under "warn".
func blockOr(policy, prefix string, a *drift.Audit, c drift.Comparison) ruling {
	if policy == "warn" {
		return ruling{skipped, prefix + c.Because}
	}
	return ruling{red, prefix + explain(a, c)}
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
	if v.Blocked {
		return ruling{}
	}
	return ruling{red, fmt.Sprintf("MISSED CONTROL: %q was not blocked, so this audit cannot be trusted to block: %s", v.Candidate, v.Because)}
}
