package audit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
)

const policyHead = `
reference: {name: full, provider: openai, model: m}
candidates: [{name: q4, provider: openai, model: m}]
probes: [probe.yaml]
policy:
`

func TestAPolicyIsReadKeyByKey(t *testing.T) {
	f, err := audit.ParseFile("gambit.yaml", []byte(policyHead+`
  margin: 0.04
  margins:
    - {harm: bias-amplification, margin: 0.03}
    - {pack: minority, group: "*", margin: 0.05}
    - {probe: minority.tail.*, group: row.tier=tail, margin: 0.02}
  max_undecided: 0.01
  inconclusive: warn
  max_inconclusive: 0
  uninformative: block
  min_judged: 0.8
  tiers: {advisory: ["edge.*"], blocking: [edge.negation.simple]}
  waivers: [{probe: "nuance.*", owner: ana, until: 2027-03-01, why: known}]
`), audit.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	none := 0
	want := drift.Policy{
		Margin: 0.04, GroupMargin: 0.10, Alpha: 0.05, MaxUndecided: 0.01,
		Margins: []drift.MarginRule{
			{Harm: "bias-amplification", Margin: 0.03},
			{Pack: "minority", Group: "*", Margin: 0.05},
			{Probe: "minority.tail.*", Group: "row.tier=tail", Margin: 0.02},
		},
		Inconclusive: "warn", MaxInconclusive: &none, Uninformative: "block", MinJudged: 0.8,
		Advisory: []string{"edge.*"}, Blocking: []string{"edge.negation.simple"},
		Waivers: []drift.Waiver{{Probe: "nuance.*", Owner: "ana", Until: "2027-03-01", Why: "known"}},
	}
	if diff := cmp.Diff(want, f.Policy); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

const policyProbe = `
probe: edge.count.echo
harm: edge-case
axes: {kind: [odd, even], n: {count: 5}}
prompt: "Say {{n}} {{kind}}"
want: {numeric: "{{n}}"}
compare: {by: [kind]}
`

func TestARuleThatMatchesNothingIsAnError(t *testing.T) {
	for rule, want := range map[string]string{
		"margins: [{pack: edge, margin: 0.02}]":                "",
		"margins: [{group: kind=odd, margin: 0.02}]":           "",
		"margins: [{harm: edge-case, margin: 0.02}]":           "",
		"margins: [{group: kind=blue, margin: 0.02}]":          "rule 1 of margins matches no comparison: expected the harm, pack, probe and group of one",
		"margins: [{pack: edge, harm: odd, margin: 0.02}]":     "rule 1 of margins matches no comparison",
		`tiers: {advisory: ["edge.*"], blocking: [edge.oops]}`: `tiers.blocking "edge.oops" matches no probe`,
	} {
		_, err := planOf(t, policyHead+"  "+rule+"\n", policyProbe)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", rule, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got error %v, want %s", rule, err, want)
		}
	}
}

func planOf(t *testing.T, auditFile, probe string) (*audit.Plan, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "probe.yaml"), []byte(probe), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := audit.ParseFile(filepath.Join(dir, "gambit.yaml"), []byte(auditFile), audit.FileOptions{})
	if err != nil {
		return nil, err
	}
	return f.Plan()
}

func TestEachComparisonIsJudgedByItsOwnMargin(t *testing.T) {
	s := newSetup(t, auditText+"policy: {margins: [{pack: edge, margin: 0.02}, {group: half=low, margin: 0.03}]}\n",
		fmt.Sprintf(probeText, 20, "{{n}}"), map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	a, err := s.plan.Run(t.Context(), s.options())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, c := range a.Comparisons {
		got[c.Group] = c.Margin
	}
	if diff := cmp.Diff(map[string]float64{"": 0.02, "half=low": 0.03, "half=high": 0.10}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPairsAreThoseOfTheComparisons(t *testing.T) {
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 20, strings.Repeat("long ", 400)), map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	a, err := s.plan.Run(t.Context(), s.options())
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, p := range a.Pairs {
		n[""]++
		for _, g := range p.Groups {
			n[g]++
		}
		if p.Probe != "edge.echo.number" || p.Candidate != "small" || p.Pair.Case == "" || p.Reference.Outcome != drift.Pass ||
			p.Pair.Candidate.Outcome != drift.Pass || len(p.Prompt) > 1100 || !strings.Contains(p.Prompt, " … ") || p.Want == "" || p.Line == 0 {
			t.Errorf("pair %+v", p)
		}
	}
	for _, c := range a.Comparisons {
		if n[c.Group] != c.N+c.Excluded {
			t.Errorf("group %q: %d pairs, want %d", c.Group, n[c.Group], c.N+c.Excluded)
		}
	}
}
