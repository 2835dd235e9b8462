package reporters

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gambit-audit/gambit/drift"
)

// finding is one thing about a release candidate that did not pass: a
// comparison or a mandatory case.
type finding struct {
	probe     string
	candidate string
	title     string // what it is about
	text      string // what happened, and why it counts as it does
	file      string
	line      int
	state     state
	harm      float64 // its order among findings of one state, the worst first
	key       string  // names it in every run
	flip      *drift.Flip
	// uninformative marks a verdict that says nothing of the candidate.
	uninformative bool
}

// findings are those of the release candidates, the worst first: what blocks,
// then what is only shown. Controls and candidates for information have none,
// since nobody has to mend them.
func findings(a *drift.Audit) []finding {
	var list []finding
	for _, c := range a.Comparisons {
		if c.Verdict != drift.VerdictPass && released(a, c.Candidate) {
			list = append(list, comparisonFinding(a, c))
		}
	}
	for _, m := range a.Mandatory {
		if m.Observation.Outcome != drift.Pass && released(a, m.Candidate) {
			list = append(list, mandatoryFinding(m))
		}
	}
	slices.SortStableFunc(list, func(x, y finding) int {
		return cmp.Or(cmp.Compare(y.state, x.state), cmp.Compare(x.harm, y.harm))
	})
	return list
}

// released tells whether a candidate is one that the gate lets pass or not.
func released(a *drift.Audit, candidate string) bool {
	return slices.ContainsFunc(a.Candidates, func(m drift.Model) bool {
		return m.Name == candidate && m.Expect != drift.ExpectAny && m.Expect != drift.ExpectBlocked
	})
}

func comparisonFinding(a *drift.Audit, c drift.Comparison) finding {
	s := stand(a, c)
	f := finding{
		probe: c.Probe, candidate: c.Candidate,
		title: fmt.Sprintf("%s on %s, %s: %s", name(c.Probe), name(c.Candidate), group(c), reasoned(c)),
		text:  sentence(c.Because), file: c.File, line: c.Line, state: s.state, harm: harm(c),
		key:           fmt.Sprintf("%q %q %q", c.Probe, c.Candidate, c.Group),
		uninformative: c.Verdict == drift.VerdictUninformative,
	}
	if s.note != "" {
		f.text += "; " + s.note
	}
	if len(c.Flips) > 0 {
		f.flip = &c.Flips[0]
	}
	return f
}

func mandatoryFinding(m drift.Mandatory) finding {
	s := standMandatory(m)
	f := finding{
		probe: m.Probe, candidate: m.Candidate,
		title: fmt.Sprintf("mandatory case %s on %s: %s", name(m.Case), name(m.Candidate), outcome(m.Observation)),
		text:  fmt.Sprintf("asked %s, want %s, got %s", quote(m.Prompt), quote(m.Want), reply(m.Observation)),
		file:  m.File, line: m.Line, state: s.state,
		harm: -1, // nothing is lost in part: the case had to pass
		key:  fmt.Sprintf("mandatory %q %q", m.Case, m.Candidate),
	}
	if s.note != "" {
		f.text += "; " + s.note
	}
	return f
}

// blocks tells whether a finding keeps the gate shut.
func (f finding) blocks() bool { return f.state == failed || f.state == errored }

// distrust says why a pass of this run means nothing, empty where it does: the
// gate let known damage through, or stopped what has none.
func distrust(a *drift.Audit) string {
	if a.Controls != nil && !a.Controls.Passed {
		return "the gate did not do on specimens what it must, so its verdicts are not to be trusted"
	}
	if missed := missedControl(a); missed != "" {
		return fmt.Sprintf("the audit did not see the known damage of %s, so its passes mean nothing", name(missed))
	}
	return ""
}
