package drift

import (
	"strings"
	"testing"
)

func TestTheControlsLineSaysWhatWasChecked(t *testing.T) {
	met := []CandidateVerdict{{Candidate: "twin", Expect: ExpectPass, Met: true}, {Candidate: "ternary", Expect: ExpectBlocked, Met: true}}
	for _, c := range []struct {
		name       string
		controls   *Controls
		off        bool
		candidates []CandidateVerdict
		want       string
	}{
		{"off", nil, true, nil, "controls: probes not checked: add a candidate with `provider: planted` and `expect: blocked`; gate not checked on specimens (controls: off)"},
		{"no evidence", nil, false, nil, "; gate not checked on specimens (no evidence of them beside "},
		{"gate alone", &Controls{Passed: true, Candidates: met}, false, []CandidateVerdict{{Candidate: "q4", Expect: ExpectPass}},
			"controls: gate checked (passed twin; blocked ternary); probes not checked: add"},
		{"planted damage found", &Controls{Passed: true, Candidates: met}, false, []CandidateVerdict{{Candidate: "forgetful", Expect: ExpectBlocked, Met: true}},
			"probes checked (they found the known damage of forgetful)"},
		{"planted damage missed", &Controls{Passed: true, Candidates: met}, false, []CandidateVerdict{
			{Candidate: "a", Expect: ExpectBlocked, Met: true}, {Candidate: "b", Expect: ExpectBlocked}},
			"probes MISSED known damage"},
		{"gate broken", &Controls{Candidates: met}, false, nil, "gate NOT TO BE TRUSTED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := &Audit{Controls: c.controls, ControlsOff: c.off, Gate: Gate{Candidates: c.candidates}}
			if got := a.ControlsLine(); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q in it", got, c.want)
			}
		})
	}
}

// An audit that would pass does not where its controls misbehaved.
func TestMissedControlsShutTheGate(t *testing.T) {
	for _, passed := range []bool{true, false} {
		a := &Audit{
			Policy:      Policy{Alpha: 0.05},
			Candidates:  []Model{{Name: "q4", Expect: ExpectPass}},
			Comparisons: []Comparison{{Probe: "edge.a.b", Candidate: "q4", Verdict: VerdictPass, Reason: "noninferior", N: 300}},
			Controls:    &Controls{Passed: passed, Reasons: []string{"missed control: ternary"}},
		}
		if err := Judge(a, "2026-11-25"); err != nil {
			t.Fatal(err)
		}
		if a.Gate.Passed != passed {
			t.Errorf("controls passed %v: the gate is %v, because %q", passed, a.Gate.Passed, a.Gate.Reasons)
		}
		if !passed && (a.Gate.Status != 1 || !strings.Contains(a.Gate.Reasons[0], "missed control: ternary")) {
			t.Errorf("gate %+v: want status 1 and the reason", a.Gate)
		}
	}
}
