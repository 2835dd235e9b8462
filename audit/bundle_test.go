package audit

import (
	"slices"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// bundleOf gives a unit and what was observed of its members.
func bundleOf(members ...drift.Observation) (unit, func(*probes.Case) drift.Observation) {
	u := unit{cases: make([]*probes.Case, len(members))}
	for i := range members {
		u.cases[i] = &probes.Case{}
	}
	return u, func(c *probes.Case) drift.Observation { return members[slices.Index(u.cases, c)] }
}

func answer(text string) drift.Observation {
	return drift.Observation{Outcome: drift.Pass, Answer: text, Passes: 1, Samples: 1}
}

func TestOnlyFiniteNumbersRise(t *testing.T) {
	for _, tt := range []struct {
		members []string
		want    drift.Outcome
		reason  string
	}{
		{[]string{"9", "10"}, drift.Pass, ""}, // as numbers, not as texts
		{[]string{"1", "3", "2"}, drift.Fail, drift.ReasonWrong},
		{[]string{"1", "inf"}, drift.Fail, drift.ReasonUnparsed},
		{[]string{"nan", "nan"}, drift.Fail, drift.ReasonUnparsed},
	} {
		var members []drift.Observation
		for _, text := range tt.members {
			members = append(members, answer(text))
		}
		u, of := bundleOf(members...)
		if got := u.observe("rising", of); got.Outcome != tt.want || got.Reason != tt.reason {
			t.Errorf("%q: got %s (%s), want %s (%s)", tt.members, got.Outcome, got.Reason, tt.want, tt.reason)
		}
	}
}

func TestABundleIsMarkedWhereAnyMemberIs(t *testing.T) {
	cut, refused := answer("2"), answer("3")
	cut.Cut, refused.Refused = true, true
	u, of := bundleOf(answer("1"), cut, refused)
	for _, relation := range []string{"all", "invariant", "rising"} {
		if got := u.observe(relation, of); !got.Cut || !got.Refused {
			t.Errorf("%s: cut %v, refused %v, want both", relation, got.Cut, got.Refused)
		}
	}
}

func TestPairedCasesStayUnits(t *testing.T) {
	probe, err := probes.Parse("probe.yaml", []byte(`
probe: edge.order.pair
axes: {g: [x, y], form: [1]}
prompt: "Say {{g}} {{form}}."
want: {em: "{{g}}"}
compare: {by: [g]}
bundle: {over: [g], relation: paired}
`), probes.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := units(probe, ""); len(got) != 2 || got[0].id != "edge.order.pair/x-1" || got[1].id != "edge.order.pair/y-1" {
		t.Errorf("paired: %d units, want the 2 cases in order", len(got))
	}
	if got := units(probe, "g=y"); len(got) != 1 || got[0].id != "edge.order.pair/y-1" {
		t.Errorf("group g=b: %d units, want the one of y alone", len(got))
	}
	probe.Relation = "all"
	if got := units(probe, ""); len(got) != 1 || len(got[0].cases) != 2 {
		t.Errorf("all: %d units, want the bundle", len(got))
	}
}
