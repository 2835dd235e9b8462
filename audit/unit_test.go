package audit

import (
	"math"
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

func TestBaseline(t *testing.T) {
	for _, tt := range []struct {
		name, probe string
		want        float64 // -1: none
	}{
		{"no options", "prompt: x\nwant: {any: [y]}\n", -1},
		{"any answer is right", "options: [cat, dog]\nprompt: \"{{menu}}\"\nwant: {choice: any}\n", -1},
		// three rotations: always A is right once of three, always "a" always
		{"one right text", "options: [cat, dog, fox]\nprompt: \"{{menu}}\"\nwant: {choice: cat}\n", 1},
		{"half yes, half no", "axes: {q: [{id: 1, a: \"yes\"}, {id: 2, a: \"no\"}]}\noptions: [\"yes\", \"no\"]\nprompt: \"{{q.id}} {{menu}}\"\nwant: {choice: \"{{q.a}}\"}\n", 0.5},
		// the name `right` says nothing to a model: its text is another in each case
		{"other texts in each case", "axes: {q: [1, 2, 3, 4, 5, 6, 7, 8]}\noptions: [{is: right, text: \" {{q}}\"}, {is: wrong, text: \" {{q + 100}}\"}]\noutput: option_logprob\nprompt: \"Say {{q}}:\"\nwant: {choice: right}\n", 0.5},
		// both members of a bundle right by guessing: 1/2 * 1/2
		{"bundles", "axes: {q: [1, 2], e: [{id: p, a: \"yes\"}, {id: n, a: \"no\"}]}\noptions: [\"yes\", \"no\"]\norder: fixed\nprompt: \"{{q}}{{e.id}} {{menu}}\"\nwant: {choice: \"{{e.a}}\"}\nbundle: {over: [e], relation: all}\n", 0.25},
		// one guess may serve all three members, whose options are the same
		{"bundles that one guess passes", "axes: {q: [1, 2, 3, 4, 5, 6, 7, 8], e: [x, y, z]}\noptions: [{is: right, text: \" {{q}}\"}, {is: wrong, text: \" {{q + 100}}\"}]\noutput: option_logprob\nprompt: \"{{e}} Say {{q}}:\"\nwant: {choice: right}\nbundle: {over: [e], relation: all}\n", 0.5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := load(t, "probe: edge.a.b\n"+tt.probe)
			got := probes.Baseline(p.Units(""), p.Relation)
			switch {
			case got == nil && tt.want >= 0, got != nil && math.Abs(*got-tt.want) > 1e-9:
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
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
