package suites

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/google/go-cmp/cmp"
)

func TestRefusalIsBounded(t *testing.T) {
	g := drift.Gate{Reasons: strings.Fields(strings.Repeat("reason ", maxReasons+2))}
	lines := strings.Split(refusal(g), "\n")
	if got, want := len(lines), 1+maxReasons+1; got != want {
		t.Errorf("%d lines, want %d: a head, the reasons and how many more", got, want)
	}
	if got, want := lines[len(lines)-1], "  and 2 more"; got != want {
		t.Errorf("last line %q, want %q", got, want)
	}
}

func TestAnnotationsAreForWhatBlocksAndEscaped(t *testing.T) {
	a := &drift.Audit{
		Comparisons: []drift.Comparison{
			{Probe: "a.b.c", Candidate: "q4", Group: "tier=a,b", File: "p/c.yaml", Line: 3, Gated: true,
				Verdict: drift.VerdictFail, Because: "drops 5 %\n::warning::"},
			{Probe: "a.b.c", Candidate: "q2", File: "p/c.yaml", Line: 3, Verdict: drift.VerdictFail, Because: "for information"},
		},
		Mandatory: []drift.Mandatory{
			{Case: "a.b.c/1", Candidate: "q4", File: "p/c.yaml", Line: 9, Gated: true, Observation: drift.Observation{Outcome: drift.Fail}},
		},
	}
	var out bytes.Buffer
	annotate(&out, a)
	want := "::error file=p/c.yaml,line=3,title=a.b.c on q4%2C tier=a%2Cb::drops 5 %25%0A::warning::\n" +
		"::error file=p/c.yaml,line=9,title=a.b.c/1::mandatory case on q4: fail\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}
