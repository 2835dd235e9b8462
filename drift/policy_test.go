package drift_test

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

func TestTheLastMarginThatMatchesCounts(t *testing.T) {
	p := drift.Policy{Margin: 0.05, GroupMargin: 0.10, Margins: []drift.MarginRule{
		{Harm: "bias-amplification", Margin: 0.04},
		{Pack: "minority", Margin: 0.03},
		{Probe: "minority.tail.*", Margin: 0.02},
		{Pack: "minority", Group: "*", Margin: 0.08},
		{Probe: "minority.tail.facts", Group: "row.tier=tail", Margin: 0.01},
		{Harm: "edge-case", Pack: "minority", Margin: 0.2},
	}}
	tests := map[string]struct {
		probe, pack, harm, group string
		want                     float64
	}{
		"none matches":                      {"edge.dates.leap", "edge", "edge-case", "", 0.05},
		"none for a group":                  {"edge.dates.leap", "edge", "edge-case", "kind=odd", 0.10},
		"by harm":                           {"nuance.bias.tone", "nuance", "bias-amplification", "", 0.04},
		"a pack after a harm":               {"minority.head.facts", "minority", "bias-amplification", "", 0.03},
		"a probe after a pack":              {"minority.tail.facts", "minority", "bias-amplification", "", 0.02},
		"any group":                         {"minority.tail.facts", "minority", "bias-amplification", "row.tier=head", 0.08},
		"one group":                         {"minority.tail.facts", "minority", "bias-amplification", "row.tier=tail", 0.01},
		"all that is named":                 {"minority.odd.cases", "minority", "edge-case", "", 0.2},
		"no rule for all is one for groups": {"nuance.bias.tone", "nuance", "bias-amplification", "kind=odd", 0.10},
	}
	for name, test := range tests {
		if got := p.MarginOf(test.probe, test.pack, test.harm, test.group); got != test.want {
			t.Errorf("%s: margin %g, want %g", name, got, test.want)
		}
	}
}

func TestBlockingTakesProbesOutOfTheAdvisoryTier(t *testing.T) {
	p := drift.Policy{Advisory: []string{"edge.*"}, Blocking: []string{"edge.negation.*"}}
	for probe, want := range map[string]bool{"edge.dates.leap": true, "edge.negation.simple": false, "nuance.irony.labels": false} {
		if got := p.IsAdvisory(probe); got != want {
			t.Errorf("%s: advisory %t, want %t", probe, got, want)
		}
	}
}

// verdicts is an audit of one gated candidate whose comparisons end as told.
func verdicts(p drift.Policy, size string, list ...drift.Verdict) *drift.Audit {
	a := &drift.Audit{Size: size, Policy: p, Candidates: []drift.Model{{Name: "q4", Expect: drift.ExpectPass}}}
	a.Policy.Alpha = 0.05
	for _, v := range list {
		a.Comparisons = append(a.Comparisons, drift.Comparison{Probe: "edge.dates.leap", Candidate: "q4", Verdict: v, Reason: "x"})
	}
	return a
}

func TestTooManyThatCameToNothingKeepTheGateShut(t *testing.T) {
	const pass, open, blind = drift.VerdictPass, drift.VerdictInconclusive, drift.VerdictUninformative
	one := 1
	warn := drift.Policy{Inconclusive: "warn", Uninformative: "warn"}
	budget, floor := warn, warn
	budget.MaxInconclusive, floor.MinJudged = &one, 0.6
	tests := map[string]struct {
		audit *drift.Audit
		want  string // reason; empty for an open gate
	}{
		"no bound":            {verdicts(warn, "standard", pass, open, open), ""},
		"within the budget":   {verdicts(budget, "standard", pass, open), ""},
		"over the budget":     {verdicts(budget, "standard", pass, open, open), "q4: 2 comparisons are inconclusive, at most 1 may be: ask more cases"},
		"at the floor":        {verdicts(floor, "standard", pass, pass, pass, open, blind), ""},
		"below the floor":     {verdicts(floor, "standard", pass, pass, open, blind), "q4: 2 of 4 comparisons came to pass or fail, at least 60.0 % must: ask more cases, or a stronger reference"},
		"smoke decides never": {verdicts(budget, "smoke", open, open, open), ""},
	}
	for name, test := range tests {
		if err := drift.Judge(test.audit, "2026-06-01"); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(test.audit.Gate.Reasons, "\n"); got != test.want {
			t.Errorf("%s: reasons %q, want %q", name, got, test.want)
		}
	}
}

func TestAnExpiredWaiverBlocksAndIsNamed(t *testing.T) {
	p := drift.Policy{Inconclusive: "block", Waivers: []drift.Waiver{{Probe: "edge.*", Owner: "ana", Until: "2026-05-31", Why: "soon mended"}}}
	for day, passed := range map[string]bool{"2026-05-31": true, "2026-06-01": false} {
		a := verdicts(p, "standard", drift.VerdictPass, drift.VerdictFail)
		if err := drift.Judge(a, day); err != nil {
			t.Fatal(err)
		}
		named := strings.Contains(strings.Join(a.Warnings, "\n"), "the waiver of edge.* (ana) expired on 2026-05-31")
		if a.Gate.Passed != passed || named == passed {
			t.Errorf("on %s: passed %t, named %t, want %t and %t", day, a.Gate.Passed, named, passed, !passed)
		}
	}
}
