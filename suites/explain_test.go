package suites

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/google/go-cmp/cmp"
)

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
		"    want       any of [\"May\"]\n    full       pass: \"May\"\n    q4         fail: \"June\\x1b[31m\\u202e\" (wrong)")
	want := `drops by 20 points
probes/c.yaml:3: a.b.c
  pairs      50 in 10 clusters, 1 left out without an answer
  flips      11 lost, 1 gained
  full       90.0 % [80.0, 95.0] of 50
  q4         70.0 % [60.0, 80.0] of 50
  change     −20.0 points [−30.0, −10.0] at 95 %; accepted down to −5.0`
	if diff := cmp.Diff(want, head); diff != "" {
		t.Errorf("explain (-want +got):\n%s", diff)
	}
}

func TestExplainShowsWhatIsUndefined(t *testing.T) {
	got := explain(&drift.Audit{Reference: drift.Model{Name: "full"}}, drift.Comparison{Candidate: "q4"})
	for _, line := range []string{"full       ?", "q4         ?", "change     ?;"} {
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
