package drift_test

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

func TestTheGateIsAsShutAsTheBaselineKeepsIt(t *testing.T) {
	open, shut, unanswered := drift.Gate{Passed: true}, drift.Gate{Status: 1, Reasons: []string{"own"}}, drift.Gate{Status: 3, Reasons: []string{"none"}}
	for name, tt := range map[string]struct {
		audit, baseline drift.Gate
		status, reasons int
	}{
		"both open":                  {open, open, 0, 0},
		"the baseline shuts":         {open, shut, 1, 1},
		"the audit shuts":            {shut, open, 1, 1},
		"nothing was compared":       {open, unanswered, 3, 1},
		"a fail outweighs no answer": {unanswered, shut, 1, 2},
		"in either":                  {shut, unanswered, 1, 2},
	} {
		a := drift.Audit{Gate: tt.audit}
		a.HoldAgainst(&drift.BaselineAudit{Baseline: "then", Gate: tt.baseline})
		if a.Gate.Status != tt.status || a.Gate.Passed != (tt.status == 0) || len(a.Gate.Reasons) != tt.reasons {
			t.Errorf("%s: gate %+v, want status %d for %d reasons", name, a.Gate, tt.status, tt.reasons)
		}
		if !tt.baseline.Passed && !strings.HasPrefix(a.Gate.Reasons[len(a.Gate.Reasons)-1], "against the baseline then: ") {
			t.Errorf("%s: reasons %q do not name the baseline", name, a.Gate.Reasons)
		}
	}
}

func TestSmokeSizeShowsNothingByItself(t *testing.T) {
	for name, tt := range map[string]struct {
		gate            drift.Gate
		status, reasons int
	}{
		"nothing found":    {drift.Gate{Passed: true}, 1, 1},
		"breakage":         {drift.Gate{Status: 1, Reasons: []string{"own"}}, 1, 1},
		"nothing to judge": {drift.Gate{Status: 3, Reasons: []string{"none"}}, 3, 1},
	} {
		b := drift.BaselineAudit{Gate: tt.gate}
		b.ShutForSmoke()
		if b.Gate.Passed || b.Gate.Status != tt.status || len(b.Gate.Reasons) != tt.reasons {
			t.Errorf("%s: gate %+v, want status %d for %d reasons", name, b.Gate, tt.status, tt.reasons)
		}
	}
}

func TestWeightsAreTheSameChangedOrUnknown(t *testing.T) {
	for want, m := range map[string]drift.BaselineModel{
		"same": {Then: "a", Now: "a"}, "changed": {Then: "a", Now: "b"}, "unknown": {Then: "a"},
	} {
		if got := m.Weights(); got != want {
			t.Errorf("weights of %+v are %s, want %s", m, got, want)
		}
	}
}

func TestSelfFlipsLeaveOutWhatIsUndecided(t *testing.T) {
	if r := drift.SelfFlips(pairsOf(drift.Table{Excluded: 3})); r != nil {
		t.Errorf("without a decided pair the rate is %+v, want nil", r)
	}
	if r := drift.SelfFlips(pairsOf(drift.Table{BothPass: 6, Loss: 1, Gain: 1, Excluded: 3})); r.N != 8 || r.Share != 0.25 {
		t.Errorf("rate %+v, want 2 of 8", r)
	}
}
