package drift

import (
	"fmt"
	"slices"
	"strings"
)

// Controls is what an audit of specimens, made beside the user's own, showed of
// the gate: copies without harm must pass it, known damage must not.
type Controls struct {
	// Title says what the specimens are.
	Title string `json:"title"`
	// Candidates are the specimens, quiet ones with expect pass.
	Candidates  []CandidateVerdict `json:"candidates"`
	Comparisons int                `json:"comparisons"`
	Passed      bool               `json:"passed"`
	// Reasons say why they did not pass; empty where they did.
	Reasons []string `json:"reasons,omitempty"`
}

// NewControls sums up a judged audit of specimens.
func NewControls(a *Audit) *Controls {
	return &Controls{
		Title: a.Title, Candidates: a.Gate.Candidates, Comparisons: len(a.Comparisons),
		Passed: a.Gate.Passed, Reasons: a.Gate.Reasons,
	}
}

// unmet says that the controls misbehaved; nil where there are none or they did
// not.
func (c *Controls) unmet() []reason {
	if c == nil || c.Passed {
		return nil
	}
	return []reason{{text: "controls: the gate did not do on specimens what it must, so its verdicts are not to be trusted: " +
		strings.Join(c.Reasons, "; ")}}
}

// ControlsLine says in one line what was checked of the gate, and what of the
// probes.
func (a *Audit) ControlsLine() string {
	checked := a.probesLine()
	switch {
	case a.Controls != nil:
		return "controls: " + a.Controls.gateLine() + "; " + checked
	case a.ControlsOff:
		return "controls: " + checked + "; gate not checked on specimens (controls: off)"
	}
	return "controls: " + checked + "; gate not checked on specimens (no evidence of them beside that of the run: a new run makes it)"
}

func (c *Controls) gateLine() string {
	if !c.Passed {
		return "gate NOT TO BE TRUSTED, see the reasons"
	}
	var quiet, damaged []string
	for _, v := range c.Candidates {
		if v.Expect == ExpectBlocked {
			damaged = append(damaged, v.Candidate)
		} else {
			quiet = append(quiet, v.Candidate)
		}
	}
	return fmt.Sprintf("gate checked (passed %s; blocked %s)", strings.Join(quiet, ", "), strings.Join(damaged, ", "))
}

// probesLine tells which known damage to the user's own model the probes found:
// planted damage, or a candidate that is expected to be blocked.
func (a *Audit) probesLine() string {
	var found []string
	for _, v := range a.Gate.Candidates {
		if v.Expect == ExpectBlocked && v.Met {
			found = append(found, v.Candidate)
		}
	}
	missed := slices.ContainsFunc(a.Gate.Candidates, func(v CandidateVerdict) bool { return v.Expect == ExpectBlocked && !v.Met })
	switch {
	case missed:
		return "probes MISSED known damage, see the reasons"
	case len(found) > 0:
		return fmt.Sprintf("probes checked (they found the known damage of %s)", strings.Join(found, ", "))
	}
	return "probes not checked: add a candidate with `provider: planted` and `expect: blocked`"
}
