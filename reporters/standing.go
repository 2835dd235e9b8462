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

// stand tells how a comparison counts. Whether it blocks is the audit's word;
// only why it does not is told here.
func stand(a *drift.Audit, c drift.Comparison) standing {
	switch {
	case c.Verdict == drift.VerdictPass:
		return standing{state: passed}
	case a.Blocks(&c) && (c.Reason == "coverage" || c.Reason == "no_data"):
		return standing{errored, "too few answers to judge"}
	case a.Blocks(&c):
		return standing{state: failed}
	case c.Waived != nil:
		return standing{skipped, waiver(*c.Waived)}
	case c.Advisory:
		return standing{skipped, "advisory"}
	case !c.Gated:
		return standing{skipped, "for information"}
	case a.Size == "smoke":
		return standing{skipped, "smoke size passes no release"}
	}
	return standing{skipped, "a warning by policy"}
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
