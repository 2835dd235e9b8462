package audit

import (
	"math"
	"slices"
	"strconv"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
)

// unit is what has one outcome: a case, or a bundle of cases.
type unit struct {
	id    string
	cases []*probes.Case
}

// bundled tells whether the cases of a probe are judged in bundles.
func bundled(probe *probes.Probe) bool { return probe.Relation != "" && probe.Relation != "paired" }

// units lists the units of a probe in a group, in case order.
func units(probe *probes.Probe, group string) []unit {
	bundled := bundled(probe)
	var list []unit
	at := map[string]int{}
	for _, c := range probe.Cases {
		if group != "" && !slices.Contains(c.Groups, group) {
			continue
		}
		id := c.ID
		if bundled {
			id = c.Bundle
		}
		i, ok := at[id]
		if !ok {
			i = len(list)
			at[id] = i
			list = append(list, unit{id: id})
		}
		list[i].cases = append(list[i].cases, c)
	}
	return list
}

// observe joins the observations of a unit's cases by the bundle's relation. A
// member without an answer leaves the bundle undecided.
func (u unit) observe(relation string, of func(*probes.Case) drift.Observation) drift.Observation {
	first := of(u.cases[0])
	if relation == "" || relation == "paired" {
		return first
	}
	members := make([]drift.Observation, len(u.cases))
	for i, c := range u.cases {
		members[i] = of(c)
		if members[i].Outcome == drift.Undecided {
			return members[i]
		}
	}
	o := join(relation, members)
	o.Cut = slices.ContainsFunc(members, func(m drift.Observation) bool { return m.Cut })
	o.Refused = slices.ContainsFunc(members, func(m drift.Observation) bool { return m.Refused })
	return o
}

// join judges answered members, in their order, by the relation.
func join(relation string, members []drift.Observation) drift.Observation {
	switch relation {
	case "all":
		return allPass(members)
	case "invariant":
		return holds(members, invariant(members), "the answers of the bundle differ")
	case "rising":
		return monotone(members, 1)
	}
	return monotone(members, -1)
}

func allPass(members []drift.Observation) drift.Observation {
	for _, m := range members {
		if m.Outcome != drift.Pass {
			m.Passes, m.Samples = 0, 1
			return m
		}
	}
	o := members[0]
	o.Passes, o.Samples = 1, 1
	return o
}

// holds is a pass where ok; a member that could not be parsed is a fail of its
// own kind.
func holds(members []drift.Observation, ok bool, otherwise string) drift.Observation {
	for _, m := range members {
		if m.Reason == drift.ReasonUnparsed {
			m.Passes, m.Samples = 0, 1
			return m
		}
	}
	o := drift.Observation{Outcome: drift.Pass, Passes: 1, Samples: 1, Text: members[0].Text, Answer: members[0].Answer}
	if !ok {
		o.Outcome, o.Passes, o.Reason, o.Detail = drift.Fail, 0, drift.ReasonWrong, otherwise+": "+answers(members)
	}
	return o
}

func answers(members []drift.Observation) string {
	text := ""
	for i, m := range members {
		if i > 0 {
			text += " / "
		}
		text += m.Answer
	}
	return text
}

func invariant(members []drift.Observation) bool {
	return !slices.ContainsFunc(members, func(m drift.Observation) bool { return m.Answer != members[0].Answer })
}

// monotone holds where the numbers never turn back and the last lies beyond
// the first, in the direction of sign.
func monotone(members []drift.Observation, sign float64) drift.Observation {
	numbers := make([]float64, len(members))
	for i, m := range members {
		x, err := strconv.ParseFloat(m.Answer, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonUnparsed, Samples: 1, Text: m.Text,
				Detail: "want a number in every member of the bundle, got " + strconv.Quote(m.Answer)}
		}
		numbers[i] = sign * x
	}
	ok := slices.IsSorted(numbers) && numbers[len(numbers)-1] > numbers[0]
	return holds(members, ok, "the numbers of the bundle do not follow the order")
}

// baseline is the pass rate over units of the best answer that does not look at
// the question: always the same option text, in text always the same place, or
// a guess. It is nil where no options are offered, where any answer is right,
// and for relations that a constant answer meets by itself.
func baseline(list []unit, relation string) *float64 {
	if len(list) == 0 || relation == "invariant" || relation == "rising" || relation == "falling" {
		return nil
	}
	blind := map[*probes.Case]map[string]bool{}
	answers := map[string]bool{}
	anyRight := true
	for _, u := range list {
		for _, c := range u.cases {
			if len(c.Options) == 0 || len(c.Steps) != 1 {
				return nil
			}
			blind[c] = blindAnswers(c)
			for answer, right := range blind[c] {
				answers[answer] = true
				anyRight = anyRight && right
			}
		}
	}
	if anyRight {
		return nil
	}
	best := guessed(list, blind, relation)
	for answer := range answers {
		rate := 0.0
		for _, u := range list {
			rate += u.chance(relation, func(c *probes.Case) float64 { return truth(blind[c][answer]) })
		}
		best = max(best, rate)
	}
	best /= float64(len(list))
	return &best
}

// guessed is the expected number of units that a uniform guess passes: one for
// each case, or, where the cases of a bundle offer the same options, one for
// the whole bundle, which passes more often.
func guessed(list []unit, blind map[*probes.Case]map[string]bool, relation string) float64 {
	sum := 0.0
	for _, u := range list {
		each := u.chance(relation, func(c *probes.Case) float64 {
			right := 0.0
			for _, o := range c.Options {
				right += truth(blind[c]["text "+o.Text])
			}
			return right / float64(len(c.Options))
		})
		steady := 0.0
		for _, o := range u.cases[0].Options {
			steady += u.chance(relation, func(c *probes.Case) float64 { return truth(blind[c]["text "+o.Text]) })
		}
		sum += max(each, steady/float64(len(u.cases[0].Options)))
	}
	return sum
}

// chance is the probability that a unit passes, given that of its cases, which
// are independent.
func (u unit) chance(relation string, of func(*probes.Case) float64) float64 {
	p := of(u.cases[0])
	if relation == "all" {
		for _, c := range u.cases[1:] {
			p *= of(c)
		}
	}
	return p
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// blindAnswers tells of every option of a case, by its text and, where a menu
// is shown, by its place, whether it is right.
func blindAnswers(c *probes.Case) map[string]bool {
	out := map[string]bool{}
	for i, option := range c.Options {
		right := scoreCase(c, []*models.Response{chosen(c.Options, i, c.OptionLogprob)}).Outcome == drift.Pass
		out["text "+option.Text] = right
		if !c.OptionLogprob {
			out["place "+strconv.Itoa(i)] = right
		}
	}
	return out
}

func chosen(options []scorers.Option, i int, logprob bool) *models.Response {
	if !logprob {
		return &models.Response{Text: string(rune('A' + i)), Finish: "stop"}
	}
	r := &models.Response{OptionLogprobs: make([]float64, len(options))}
	for j := range options {
		r.OptionLogprobs[j] = -10
	}
	r.OptionLogprobs[i] = -1
	return r
}
