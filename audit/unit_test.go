package audit

import (
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

func load(t *testing.T, text string) *probes.Probe {
	t.Helper()
	p, err := probes.Parse("probe.yaml", []byte(text), probes.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBundlesHaveOneOutcome(t *testing.T) {
	pass := func(answer string) drift.Observation {
		return drift.Observation{Outcome: drift.Pass, Passes: 1, Samples: 1, Answer: answer}
	}
	fail := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Samples: 1, Answer: "b"}
	unparsed := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonUnparsed, Samples: 1}
	none := drift.Observation{Outcome: drift.Undecided, Reason: drift.ReasonError}
	for _, tt := range []struct {
		name, relation string
		members        []drift.Observation
		want           drift.Outcome
		reason         string
	}{
		{"all right", "all", []drift.Observation{pass("a"), pass("b")}, drift.Pass, ""},
		{"one wrong", "all", []drift.Observation{pass("a"), fail}, drift.Fail, drift.ReasonWrong},
		{"one unanswered", "all", []drift.Observation{fail, none}, drift.Undecided, drift.ReasonError},
		{"the same wrong answer is invariant", "invariant", []drift.Observation{fail, fail}, drift.Pass, ""},
		{"another answer is not", "invariant", []drift.Observation{pass("a"), fail}, drift.Fail, drift.ReasonWrong},
		{"an unparsed member", "invariant", []drift.Observation{unparsed, unparsed}, drift.Fail, drift.ReasonUnparsed},
		{"rising", "rising", []drift.Observation{pass("1"), pass("2"), pass("2")}, drift.Pass, ""},
		{"flat is not rising", "rising", []drift.Observation{pass("2"), pass("2")}, drift.Fail, drift.ReasonWrong},
		{"falling", "falling", []drift.Observation{pass("3"), pass("-1")}, drift.Pass, ""},
		{"no number", "falling", []drift.Observation{pass("3"), pass("few")}, drift.Fail, drift.ReasonUnparsed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := unit{cases: make([]*probes.Case, len(tt.members))}
			of := map[*probes.Case]drift.Observation{}
			for i, m := range tt.members {
				u.cases[i] = &probes.Case{}
				of[u.cases[i]] = m
			}
			got := u.observe(tt.relation, func(c *probes.Case) drift.Observation { return of[c] })
			if got.Outcome != tt.want || got.Reason != tt.reason {
				t.Errorf("got %s (%s), want %s (%s)", got.Outcome, got.Reason, tt.want, tt.reason)
			}
		})
	}
}
