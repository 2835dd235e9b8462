package reporters

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/drift"
)

func TestATerminalTableFitsItsWidthAndLeavesOutTheMiddleOfLongNames(t *testing.T) {
	long := comparison("q4", -33, -43.2, -23.1)
	long.Probe, long.Group, long.N, long.Verdict, long.Gated = "minority.stereotype.qa_disambiguated", "person.origin=unusual", 12_345, drift.VerdictFail, true
	wide := long
	wide.Group, wide.Verdict, wide.Advisory = "script="+strings.Repeat("漢字", 20), drift.VerdictUninformative, true
	short := comparison("q4", 0, -1, 1)
	short.Verdict = drift.VerdictPass
	lines := terminalGrid(&drift.Audit{}, []drift.Comparison{long, wide, short}, 98).lines()
	for _, l := range lines {
		if width(l) > 98 {
			t.Errorf("%d cells, want at most 98: %s", width(l), l)
		}
	}
	if want := "minority.stereot … n.origin=unusual  12,345  −33.0 [−43.2, −23.1]       5  fail"; lines[1] != want {
		t.Errorf("got\n%q, want\n%q", lines[1], want)
	}
	if !strings.HasPrefix(lines[3], "edge.a.b  ") {
		t.Errorf("got %q, want the short name whole", lines[3])
	}
}

func TestAShortVerdictSaysWhatMostBearsOnIt(t *testing.T) {
	gated := func(v drift.Verdict) drift.Comparison { return drift.Comparison{Gated: true, Verdict: v} }
	worse, collapsed, waived, expired, advisory := gated("pass"), gated("fail"), gated("fail"), gated("fail"), gated("fail")
	worse.Worse, collapsed.Collapsed, advisory.Advisory, advisory.Gated = true, true, true, false
	waived.Waived, waived.Collapsed, expired.Waived = &drift.Waiver{}, true, &drift.Waiver{Expired: true}
	a := &drift.Audit{Policy: drift.Policy{Inconclusive: "warn"}}
	tests := map[string]drift.Comparison{
		"pass": gated("pass"), "pass, worse": worse, "fail, collapsed": collapsed, "fail, waived": waived, "fail": expired,
		"fail, advisory": advisory, "inconclusive, warning": gated("inconclusive"),
	}
	for want, c := range tests {
		if got := shortVerdict(a, c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAnAuditWithoutATitleHasNothingInItsPlace(t *testing.T) {
	a := &drift.Audit{Version: "v1", Gate: drift.Gate{Passed: true}}
	if got, _, _ := strings.Cut(string(summary(a, palette{})), "\n"); got != "Gambit v1" {
		t.Errorf("the summary starts with %q", got)
	}
	markdown, err := renderMarkdown(a)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, _ := strings.Cut(string(markdown), "\n"); got != "# Gate passed" {
		t.Errorf("the Markdown starts with %q", got)
	}
}

func TestWhatIsInconclusiveForAnotherReasonThanItsIntervalIsNamed(t *testing.T) {
	open := func(group, reason string) drift.Comparison {
		return drift.Comparison{Probe: "edge.a.b", Group: group, Verdict: drift.VerdictInconclusive, Reason: reason}
	}
	failed := open("x=0", "not_confirmed")
	failed.Verdict = drift.VerdictFail
	got := unsettled([]drift.Comparison{
		open("x=1", "not_confirmed"), open("x=2", "interval_contains_margin"), open("x=3", "coverage"), open("", "not_confirmed"), failed,
	})
	want := []string{"inconclusive as not_confirmed: edge.a.b x=1; edge.a.b", "inconclusive as coverage: edge.a.b x=3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNextStepsSayHowManyTemplatesWouldSettleWhat(t *testing.T) {
	open := func(n, clusters, need int) drift.Comparison {
		return drift.Comparison{Probe: "nuance.rules.exception", Verdict: drift.VerdictInconclusive, N: n, Clusters: clusters, NeedNoDrop: &need}
	}
	advisory, planless, passed := open(90, 90, 5), open(90, 90, 0), open(90, 90, 5)
	advisory.Advisory, planless.NeedNoDrop, passed.Verdict = true, nil, drift.VerdictPass
	grouped := open(90, 90, 1)
	grouped.Group = "applies=rule"
	got := nextSteps([]drift.Comparison{open(100, 20, 58), grouped, open(90, 90, 0), advisory, planless, passed})
	want := []string{
		// 58 cases at 100/20 = 5 a template are 11.6 templates.
		"12 more templates (≈58 cases) would settle nuance.rules.exception (power 80 % at this rate of flips, if there is no true drop)",
		"≈1 more case would settle nuance.rules.exception applies=rule (power 80 % at this rate of flips, if there is no true drop)",
		"a new run of this size is likely to settle nuance.rules.exception",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	many := nextSteps([]drift.Comparison{grouped, grouped, grouped, grouped, grouped, grouped, grouped})
	if len(many) != maxSteps+1 || many[maxSteps] != "and 2 more: see the other formats" {
		t.Errorf("got %q, want %d and how many more", many, maxSteps)
	}
}

func TestColoursAreForTerminalsAlone(t *testing.T) {
	c := comparison("q4", -20, -30, -10)
	c.Verdict, c.Gated = drift.VerdictFail, true
	a := &drift.Audit{Candidates: []drift.Model{{Name: "q4", Expect: drift.ExpectPass}}, Comparisons: []drift.Comparison{c}}
	a.Gate.Reasons = []string{"edge.a.b fails"}
	plain, err := renderConsole(a)
	if err != nil {
		t.Fatal(err)
	}
	var colourful bytes.Buffer
	if err := WriteTerminal(&colourful, a); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(plain, []byte("\x1b")) {
		t.Error("the plain summary has colours")
	}
	for _, want := range []string{"5  \x1b[1;31mfail\x1b[0m\n", "\x1b[1;31mGATE NOT PASSED\x1b[0m: edge.a.b fails"} {
		if !strings.Contains(colourful.String(), want) {
			t.Errorf("the summary for a terminal lacks %q:\n%q", want, colourful.String())
		}
	}
	bare := strings.NewReplacer(terminal.pass, "", terminal.fail, "", terminal.open, "", terminal.reset, "").Replace(colourful.String())
	if diff := cmp.Diff(string(plain), bare); diff != "" {
		t.Errorf("without its colours it differs (-plain +terminal):\n%s", diff)
	}
}
