package reporters

import (
	"fmt"

	"github.com/gambit-audit/gambit/drift"
)

// state is how a verdict, once it is there, counts for the gate.
type state int

const (
	passed  state = iota
	skipped       // shown, without a say
	errored       // blocks the release for want of answers
	failed        // blocks the release
)

// standing is a state with the words for it.
type standing struct {
	state state
	// note says why a verdict counts in another way than it reads; empty
	// where there is nothing to say.
	note string
}

// reasonCoverage is the Reason of a comparison with too many unanswered cases.
const reasonCoverage = "coverage"

// stand tells how a comparison counts: under a waiver, in the advisory tier and
// for candidates that are not gated, no verdict blocks.
func stand(a *drift.Audit, c drift.Comparison) standing {
	switch {
	case c.Verdict == drift.VerdictPass:
		return standing{state: passed}
	case c.Waived != nil && !c.Waived.Expired:
		return standing{skipped, waiver(*c.Waived)}
	case c.Advisory:
		return standing{skipped, "advisory"}
	case !c.Gated:
		return standing{skipped, "for information"}
	case c.Reason == reasonCoverage:
		return standing{errored, "too few answers to judge"}
	case c.Verdict == drift.VerdictFail:
		return standing{state: failed}
	case c.Verdict == drift.VerdictUninformative:
		return blocksUnless(a.Policy.Uninformative == "warn", "a warning by policy")
	case a.Size == "smoke":
		return standing{skipped, "smoke size passes no release"}
	}
	return blocksUnless(a.Policy.Inconclusive == "warn", "a warning by policy")
}

func blocksUnless(excused bool, note string) standing {
	if excused {
		return standing{skipped, note}
	}
	return standing{state: failed}
}

// standMandatory tells how a case that every candidate must pass counts.
func standMandatory(m drift.Mandatory) standing {
	switch {
	case m.Observation.Outcome == drift.Pass:
		return standing{state: passed}
	case !m.Gated:
		return standing{skipped, "for information"}
	case m.Observation.Outcome == drift.Undecided:
		return standing{errored, "no answer"}
	}
	return standing{state: failed}
}

// waiver says who waives until when, and why.
func waiver(w drift.Waiver) string {
	if w.Expired {
		return fmt.Sprintf("the waiver of %s expired after %s", name(w.Owner), name(w.Until))
	}
	return fmt.Sprintf("waived by %s until %s: %s", name(w.Owner), name(w.Until), sentence(w.Why))
}
