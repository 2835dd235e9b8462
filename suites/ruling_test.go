package suites

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/google/go-cmp/cmp"
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
	if got := judgeControl(drift.CandidateVerdict{Blocked: true}); got != (ruling{}) {
		t.Errorf("a blocked control gives %+v, want green", got)
	}
	got := judgeControl(drift.CandidateVerdict{Candidate: "q2", Verdict: drift.VerdictInconclusive, Because: "nothing confirmed"})
	if got.state != red || !strings.HasPrefix(got.text, `MISSED CONTROL: "q2"`) {
		t.Errorf("a control that is inconclusive gives %+v, want a missed control", got)
	}
}

func TestExplainShowsNumbersAndTheWorstFlips(t *testing.T) {
	flip := drift.Flip{
		Case: "a.b.c/1", Line: 9, Prompt: "Which month?", Want: `any of ["May"]`,
		Reference: drift.Observation{Outcome: drift.Pass, Text: "May"},
		Candidate: drift.Observation{Outcome: drift.Fail, Reason: "wrong", Text: "June\x1b[31m\u202e"},
	}
	c := drift.Comparison{
		Probe: "a.b.c", Candidate: "q4", File: "probes/c.yaml", Line: 3, Because: "drops by 20 points",
		N: 50, Clusters: 10, Excluded: 1, Loss: 11, Gain: 1, Margin: 0.05,
		Reference:     &drift.Rate{Share: 0.9, N: 50, Interval: drift.Interval{Low: 0.8, High: 0.95}},
		CandidateRate: &drift.Rate{Share: 0.7, N: 50, Interval: drift.Interval{Low: 0.6, High: 0.8}},
		Change:        new(-0.2), Interval: &drift.Interval{Low: -0.3, High: -0.1, Confidence: 0.95},
		Flips: []drift.Flip{flip, flip, flip, flip},
	}
	got := explain(&drift.Audit{Reference: drift.Model{Name: "full"}}, c)
	if n := strings.Count(got, "asked"); n != maxFlips {
		t.Errorf("%d flips are shown, want %d", n, maxFlips)
	}
	head, _, _ := strings.Cut(got, "\n\n  a.b.c/1 (probes/c.yaml:9)\n    asked      \"Which month?\"\n"+
		"    want       \"any of [\\\"May\\\"]\"\n    full       pass: \"May\"\n    q4         fail: \"June\\x1b[31m\\u202e\" (wrong)")
	want := `drops by 20 points
probes/c.yaml:3: a.b.c
  pairs      50 in 10 clusters, 1 left out without an answer
  flips      11 lost, 1 gained
  full       0.900 [0.800, 0.950] of 50
  q4         0.700 [0.600, 0.800] of 50
  change     -0.200 [-0.300, -0.100] at 95 %, accepted down to -0.05`
	if diff := cmp.Diff(want, head); diff != "" {
		t.Errorf("explain (-want +got):\n%s", diff)
	}
}

func TestExplainShowsWhatIsUndefined(t *testing.T) {
	got := explain(&drift.Audit{Reference: drift.Model{Name: "full"}}, drift.Comparison{Candidate: "q4"})
	for _, line := range []string{"full       ?", "q4         ?", "change     ?,"} {
		if !strings.Contains(got, line) {
			t.Errorf("explain lacks %q:\n%s", line, got)
		}
	}
}

func TestQuoteLeavesOutTheMiddle(t *testing.T) {
	got := quote(strings.Repeat("a", 500) + "\n" + strings.Repeat("ö", 500))
	want := `"` + strings.Repeat("a", 80) + `" … "` + strings.Repeat("ö", 80) + `"`
	if got != want {
		t.Errorf("quote = %s, want %s", got, want)
	}
}
