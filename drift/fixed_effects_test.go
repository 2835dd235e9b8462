package drift_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// The expected numbers are fixed effects that statsmodels 0.15 (MixedLM, REML)
// fits to these logits: by random intercepts of the scenarios, and, to the same
// eight digits, by random intercepts and slopes of gender.
func TestDifferencesToTheBaseAreTheFixedEffectsOfAMixedModel(t *testing.T) {
	type person struct{ age, gender, race string }
	var people []person
	for _, age := range []string{"40", "60", "80"} {
		for _, gender := range []string{"female", "male"} {
			for _, race := range []string{"Black", "white"} {
				people = append(people, person{age, gender, race})
			}
		}
	}
	effect := map[string]float64{"40": 0.2, "80": -0.5, "female": 0.35, "Black": 0.6}
	logit := func(s, i int, p person) float64 {
		y := 0.3*float64(s) - 0.9*float64(s%2) + effect[p.age] + effect[p.gender]*(1+0.2*float64(s)) + effect[p.race]
		return math.Round(1e4*(y+float64((7*s+5*i+s*i)%11-5)*0.08)) / 1e4
	}
	for _, c := range []struct {
		name, base string
		of         func(person) string
		want       map[string]float64
	}{
		{"age", "60", func(p person) string { return p.age }, map[string]float64{"40": 0.07333333, "80": -0.63}},
		{"gender", "male", func(p person) string { return p.gender }, map[string]float64{"female": 0.59611111}},
		{"race", "white", func(p person) string { return p.race }, map[string]float64{"Black": 0.68444444}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var cases []drift.GroupCase
			for s := range 6 {
				for i, p := range people {
					counts := []drift.GroupCount{
						{Group: "all", Hits: logit(s, i, p), Total: 1}, {Group: c.of(p), Hits: logit(s, i, p), Total: 1},
					}
					cases = append(cases, drift.GroupCase{Cluster: strconv.Itoa(s), Reference: counts, Candidate: counts})
				}
			}
			m := drift.MeasureRateOver(c.base, "logprob_gap", "all", cases, drift.Bootstrapped{Seed: 1})
			got := map[string]float64{}
			for _, part := range m.Parts {
				if part.Reference != nil {
					got[part.Name] = *part.Reference
				}
			}
			for group, want := range c.want {
				if x, ok := got[group+" less "+c.base]; !ok || math.Abs(x-want) > 1e-8 {
					t.Errorf("%s less %s is %v (there: %v), want %v", group, c.base, x, ok, want)
				}
			}
			if _, twice := got["all less "+c.base]; twice {
				t.Error("all people are no group to compare with the base")
			}
		})
	}
}
