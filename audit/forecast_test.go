package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/google/go-cmp/cmp"
)

// A plan is what a run then does.
func TestAForecastCountsTheCallsThatARunMakes(t *testing.T) {
	for name, probe := range map[string]string{
		"cases":         singlesProbe,
		"one question":  "probe: edge.same.call\naxes: {n: {count: 50}}\nprompt: \"Say number 7\"\nwant: {numeric: 7}\n",
		"samples":       strings.Replace(singlesProbe, "cluster:", "samples: 3\nsampling: {temperature: 0.5}\ncluster:", 1),
		"turns":         "probe: edge.talk.turns\naxes: {n: {count: 30}}\nturns:\n  - {user: \"Say number {{n}}\"}\n  - {user: \"Again {{n}}\", want: {numeric: \"{{n}}\"}}\n",
		"smoke is less": singlesProbe,
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(auditText, "floor: 0", "floor: 7", 1)
			full, small := &fake{answer: number}, &fake{answer: number}
			s := newSetup(t, text, probe, map[string]*fake{"full": full, "small": small})
			f, err := s.plan.Forecast(audit.PlannedFlips, "2026-01-02")
			if err != nil {
				t.Fatal(err)
			}
			s.run(t)
			if got := []int{f.Models[0].Calls, f.Models[1].Calls}; !cmp.Equal(got, []int{full.total, small.total}) {
				t.Errorf("%v calls planned, %d and %d made", got, full.total, small.total)
			}
		})
	}
}

func TestPricesAreForAMillionTokens(t *testing.T) {
	text := strings.Replace(auditText, "model: y}", "model: y, price: {input: 2, output: 10}}", 1)
	probe := "probe: edge.one.call\nsampling: {max_tokens: 100}\nprompt: \"one two three four\"\nwant: {any: [five]}\n"
	f, err := newSetup(t, text, probe, nil).plan.Forecast(audit.PlannedFlips, "2026-01-02")
	if err != nil {
		t.Fatal(err)
	}
	small := f.Models[1]
	// 4 tokens in and at most 100 out: (4·2 + 100·10)/10⁶.
	if small.InputTokens != 4 || small.OutputTokens != 100 || small.Cost == nil || *small.Cost != 0.001008 {
		t.Errorf("%+v, want 4 and 100 tokens for 0.001008", small)
	}
	if f.Models[0].Cost != nil {
		t.Errorf("the reference costs %v, want unknown without a price", *f.Models[0].Cost)
	}
}

func TestAForecastNamesWhatCannotPass(t *testing.T) {
	few := strings.Replace(singlesProbe, "count: 200", "count: 20", 1)
	for name, tt := range map[string]struct {
		text    string
		blocked bool
	}{
		"blocks":          {auditText, true},
		"waived":          {auditText + "policy: {waivers: [{probe: \"edge.*\", owner: ana, until: 2026-01-02, why: known}]}\n", false},
		"waiver expired":  {auditText + "policy: {waivers: [{probe: \"edge.*\", owner: ana, until: 2026-01-01, why: known}]}\n", true},
		"within a budget": {auditText + "policy: {inconclusive: warn, max_inconclusive: 3}\n", false},
		"over a budget":   {auditText + "policy: {inconclusive: warn, max_inconclusive: 2}\n", true},
		"warns":           {auditText + "policy: {inconclusive: warn}\n", false},
		"advisory":        {auditText + "policy: {tiers: {advisory: [\"edge.*\"]}}\n", false},
		"for information": {strings.Replace(auditText, "model: y}", "model: y, expect: any}", 1), false},
		"smoke":           {auditText + "size: smoke\n", false},
	} {
		f, err := newSetup(t, tt.text, few, nil).plan.Forecast(audit.PlannedFlips, "2026-01-02")
		if err != nil {
			t.Fatal(err)
		}
		if f.Blocked != tt.blocked || len(f.Warnings) == 0 {
			t.Errorf("%s: blocked %v with warnings %q, want %v with some", name, f.Blocked, f.Warnings, tt.blocked)
		}
	}
	plan := newSetup(t, auditText, few, nil).plan
	lines, err := plan.CannotPass()
	if err != nil {
		t.Fatal(err)
	}
	want := "edge.echo.single (half=low): 20 cases in 20 clusters cannot pass a margin of 10 points, however the answers fall: add 5"
	if !strings.Contains(strings.Join(lines, "\n"), want) {
		t.Errorf("lines %q lack %q", lines, want)
	}
}

func TestSelectingPartOfAControlLeavesItForInformation(t *testing.T) {
	text := strings.Replace(auditText, "model: y}", "model: y}\n  - {name: harsh, provider: openai, model: z, expect: blocked}\n  - {name: other, provider: openai, model: z}", 1)
	all := func(audit.MandatoryID) bool { return true }
	for name, tt := range map[string]struct {
		keep func(audit.ComparisonID) bool
		want []string
	}{
		"all":        {func(audit.ComparisonID) bool { return true }, []string{"small pass", "harsh blocked", "other pass"}},
		"one group":  {func(id audit.ComparisonID) bool { return id.Group == "half=low" }, []string{"small pass", "harsh any", "other pass"}},
		"one leaves": {func(id audit.ComparisonID) bool { return id.Candidate != "other" }, []string{"small pass", "harsh blocked"}},
	} {
		plan := newSetup(t, text, singlesProbe, nil).plan
		file := plan.File()
		if err := plan.Select(tt.keep, all); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range plan.File().Candidates {
			got = append(got, m.Name+" "+string(m.Expect))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if file.Candidates[1].Expect != drift.ExpectBlocked || len(file.Candidates) != 3 {
			t.Errorf("%s: the file that the plan was made of changed", name)
		}
	}
}

// What planted damage answers in the model's place takes no call, and costs
// nothing: the plan says so, and so does the run.
func TestCasesThatPlantedDamageAnswersTakeNoCall(t *testing.T) {
	for name, tt := range map[string]struct {
		damage string
		calls  int
	}{
		"constant": {"constant, answer: blue", 0},
		"drop":     {"drop, group: half=low", 30},
		"none":     {"none", 60},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(auditText, "model: y}", "model: y}\n  - {name: damaged, provider: planted, of: full, damage: "+tt.damage+", expect: any}", 1)
			text = strings.Replace(text, "model: x}", "model: x, price: {input: 2, output: 10}}", 1)
			probe := fmt.Sprintf(probeText, 30, "number")
			s := newSetup(t, text, probe, map[string]*fake{"full": {answer: number}, "small": {answer: number}, "damaged": {answer: number}})
			f, err := s.plan.Forecast(audit.PlannedFlips, "2026-01-02")
			if err != nil {
				t.Fatal(err)
			}
			planned := f.Models[2]
			if planned.Cases != 60 || planned.Calls != tt.calls || (planned.InputTokens == 0) != (tt.calls == 0) || (*planned.Cost == 0) != (tt.calls == 0) {
				t.Errorf("planned %+v for %g, want 60 cases and %d calls", planned, *planned.Cost, tt.calls)
			}
			if ran := s.run(t).Candidates[1]; ran.Calls != tt.calls || ran.Reused != 0 {
				t.Errorf("the run names %d calls and %d found, want %d and none", ran.Calls, ran.Reused, tt.calls)
			}
		})
	}
}
