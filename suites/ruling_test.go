package suites

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

func TestJudgeComparison(t *testing.T) {
	waiver := drift.Waiver{Owner: "ana", Until: "2027-03-01", Why: "known"}
	tests := map[string]struct {
		policy drift.Policy
		size   string
		c      drift.Comparison
		want   state
		prefix string
	}{
		"pass is green": {
			c: drift.Comparison{Verdict: drift.VerdictPass, Gated: true}, want: green},
		"fail is red": {
			c: drift.Comparison{Verdict: drift.VerdictFail, Gated: true, Because: "drops"}, want: red, prefix: "drops\n"},
		"fail is red under warn too": {
			policy: drift.Policy{Inconclusive: "warn", Uninformative: "warn"},
			c:      drift.Comparison{Verdict: drift.VerdictFail, Gated: true, Because: "drops"}, want: red, prefix: "drops\n"},
		"fail is red at smoke size": {
			size: "smoke", c: drift.Comparison{Verdict: drift.VerdictFail, Gated: true, Because: "drops"}, want: red, prefix: "drops\n"},
		"inconclusive blocks unless told to warn": {
			policy: drift.Policy{Inconclusive: "block"},
			c:      drift.Comparison{Verdict: drift.VerdictInconclusive, Gated: true, Because: "few"}, want: red, prefix: "INCONCLUSIVE: few\n"},
		"inconclusive warns where told to": {
			policy: drift.Policy{Inconclusive: "warn"},
			c:      drift.Comparison{Verdict: drift.VerdictInconclusive, Gated: true, Because: "few"}, want: skipped, prefix: "INCONCLUSIVE: few"},
		"inconclusive warns at smoke size, which passes no release": {
			policy: drift.Policy{Inconclusive: "block"}, size: "smoke",
			c:    drift.Comparison{Verdict: drift.VerdictInconclusive, Gated: true, Because: "few"},
			want: skipped, prefix: "INCONCLUSIVE: few (smoke size passes no release)"},
		"unanswered cases are an error even where inconclusive warns": {
			policy: drift.Policy{Inconclusive: "warn"},
			c:      drift.Comparison{Verdict: drift.VerdictInconclusive, Reason: "coverage", Gated: true, Because: "9 of 20"},
			want:   red, prefix: "ERROR: too few answers to judge: 9 of 20\n"},
		"no answers at all are an error": {
			policy: drift.Policy{Inconclusive: "warn"},
			c:      drift.Comparison{Verdict: drift.VerdictInconclusive, Reason: "no_data", Gated: true, Because: "none of 20"},
			want:   red, prefix: "ERROR: too few answers to judge: none of 20\n"},
		"uninformative has a policy of its own": {
			policy: drift.Policy{Inconclusive: "block", Uninformative: "warn"},
			c:      drift.Comparison{Verdict: drift.VerdictUninformative, Gated: true, Because: "at chance"},
			want:   skipped, prefix: "UNINFORMATIVE: at chance"},
		"uninformative blocks where told to": {
			policy: drift.Policy{Inconclusive: "warn", Uninformative: "block"},
			c:      drift.Comparison{Verdict: drift.VerdictUninformative, Gated: true, Because: "at chance"},
			want:   red, prefix: "UNINFORMATIVE: at chance\n"},
		"a waived fail is skipped with the waiver": {
			c:    drift.Comparison{Verdict: drift.VerdictFail, Gated: true, Because: "drops", Waived: &waiver},
			want: skipped, prefix: "WAIVED by ana until 2027-03-01 (known): fail: drops"},
		"an expired waiver waives nothing": {
			c:    drift.Comparison{Verdict: drift.VerdictFail, Gated: true, Because: "drops", Waived: &drift.Waiver{Expired: true}},
			want: red, prefix: "drops\n"},
		"an advisory fail is skipped": {
			c:    drift.Comparison{Verdict: drift.VerdictFail, Advisory: true, Because: "drops"},
			want: skipped, prefix: "ADVISORY: fail: drops"},
		"a fail of a control is information": {
			c:    drift.Comparison{Verdict: drift.VerdictFail, Because: "drops"},
			want: skipped, prefix: "INFORMATION: fail: drops"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := judge(&drift.Audit{Policy: tt.policy, Size: tt.size}, tt.c)
			if got.state != tt.want || !strings.HasPrefix(got.text, tt.prefix) || got.state == skipped && got.text != tt.prefix {
				t.Errorf("judge = %+v, want state %v and text %q", got, tt.want, tt.prefix)
			}
		})
	}
}

func TestJudgeMandatory(t *testing.T) {
	tests := map[string]struct {
		m      drift.Mandatory
		want   state
		prefix string
	}{
		"pass":              {drift.Mandatory{Gated: true, Observation: drift.Observation{Outcome: drift.Pass}}, green, ""},
		"fail":              {drift.Mandatory{Case: "p/a", Candidate: "q4", Gated: true, Observation: drift.Observation{Outcome: drift.Fail}}, red, "p/a: a mandatory case fails on q4\n"},
		"no answer":         {drift.Mandatory{Gated: true, Observation: drift.Observation{Outcome: drift.Undecided, Reason: "timeout"}}, red, "ERROR: no answer to a mandatory case: timeout"},
		"fail of a control": {drift.Mandatory{Observation: drift.Observation{Outcome: drift.Fail, Detail: "wrong"}}, skipped, "INFORMATION: fail: wrong"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := judgeMandatory(tt.m)
			if got.state != tt.want || !strings.HasPrefix(got.text, tt.prefix) {
				t.Errorf("judgeMandatory = %+v, want state %v and text %q", got, tt.want, tt.prefix)
			}
		})
	}
}

func TestJudgeControl(t *testing.T) {
	tests := map[string]struct {
		verdict drift.CandidateVerdict
		want    ruling
	}{
		"blocked is green":             {drift.CandidateVerdict{Blocked: true, Met: true}, ruling{}},
		"missed is red":                {drift.CandidateVerdict{Because: "missed control"}, ruling{red, "missed control"}},
		"smoke size has no such claim": {drift.CandidateVerdict{Met: true, Because: "too few cases"}, ruling{skipped, "too few cases"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := judgeControl(tt.verdict); got != tt.want {
				t.Errorf("judgeControl = %+v, want %+v", got, tt.want)
			}
		})
	}
}
