package probes_test

import (
	"math"
	"testing"

	"github.com/gambit-audit/gambit/probes"
)

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
			p, err := probes.Parse("probe.yaml", []byte("probe: edge.a.b\n"+tt.probe), probes.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got := probes.Baseline(p.Units(""), p.Relation)
			switch {
			case got == nil && tt.want >= 0, got != nil && math.Abs(*got-tt.want) > 1e-9:
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
