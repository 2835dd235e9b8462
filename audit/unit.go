package audit

import (
	"math"
	"slices"
	"strconv"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// unit is what has one outcome: a case, or a bundle of cases.
type unit struct {
	id    string
	cases []*probes.Case
}

// units lists the units of a probe in a group, in case order.
func units(probe *probes.Probe, group string) []unit {
	var list []unit
	for _, cases := range probe.Units(group) {
		u := unit{cases[0].ID, cases}
		if probe.Bundled() {
			u.id = cases[0].Bundle
		}
		list = append(list, u)
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

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
