package probes

import (
	"slices"
	"strconv"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/scorers"
)

// Bundled tells whether the cases of a bundle have one outcome together.
func (p *Probe) Bundled() bool { return p.Relation != "" && p.Relation != "paired" }

// Units lists what has one outcome, a case or the cases of a bundle, in a group
// or, for "", in all of the probe. They are in case order.
func (p *Probe) Units(group string) [][]*Case {
	cases := p.Cases()
	var list [][]*Case
	at := map[string]int{} // bundles
	for i, c := range cases {
		if group != "" && !slices.Contains(c.Groups, group) {
			continue
		}
		if !p.Bundled() {
			list = append(list, cases[i:i+1:i+1])
			continue
		}
		i, ok := at[c.Bundle]
		if !ok {
			i = len(list)
			at[c.Bundle], list = i, append(list, nil)
		}
		list[i] = append(list[i], c)
	}
	return list
}

// Baseline is the pass rate in [0,1] over units of the best answer that does
// not look at the question: always the same option text, in text always the
// same place, or a guess. It is nil where no options are offered, where any
// answer is right, and for relations that a constant answer meets by itself.
func Baseline(units [][]*Case, relation string) *float64 {
	b, ok := newBlind(units, relation, map[*Case]map[string]bool{})
	if !ok {
		return nil
	}
	best := b.guessed()
	for answer := range b.answers {
		best = max(best, b.rate(answer))
	}
	return &best
}

// blind is what answers come to that do not look at the question.
type blind struct {
	units    [][]*Case
	relation string
	right    map[*Case]map[string]bool // by option text and by place
	answers  map[string]bool           // all that are in right
}

// newBlind is false where no answer can be called blind; see [Baseline]. It
// adds the cases that right has not yet.
func newBlind(units [][]*Case, relation string, right map[*Case]map[string]bool) (blind, bool) {
	b := blind{units, relation, right, map[string]bool{}}
	if len(units) == 0 || relation == "invariant" || relation == "rising" || relation == "falling" {
		return b, false
	}
	anyRight := true // in every case
	for _, u := range units {
		for _, c := range u {
			if len(c.Options) == 0 || len(c.Steps) != 1 {
				return b, false
			}
			if right[c] == nil {
				right[c] = optionsRight(c)
			}
			for answer, right := range b.right[c] {
				b.answers[answer] = true
				anyRight = anyRight && right
			}
		}
	}
	return b, !anyRight
}

// rate is the share of units that one answer passes.
func (b blind) rate(answer string) float64 {
	sum := 0.0
	for _, u := range b.units {
		sum += b.chance(u, func(c *Case) float64 { return truth(b.right[c][answer]) })
	}
	return sum / float64(len(b.units))
}

// guessed is the expected share of units that a uniform guess passes: one for
// each case, or, where the cases of a bundle offer the same options, one for
// the whole bundle, which passes more often.
func (b blind) guessed() float64 {
	sum := 0.0
	for _, u := range b.units {
		each := b.chance(u, func(c *Case) float64 {
			right := 0.0
			for _, o := range c.Options {
				right += truth(b.right[c][textAnswer+o.Text])
			}
			return right / float64(len(c.Options))
		})
		steady := 0.0
		for _, o := range u[0].Options {
			steady += b.chance(u, func(c *Case) float64 { return truth(b.right[c][textAnswer+o.Text]) })
		}
		sum += max(each, steady/float64(len(u[0].Options)))
	}
	return sum / float64(len(b.units))
}

// chance is the probability that a unit passes, given that of its cases, which
// are independent.
func (b blind) chance(unit []*Case, of func(*Case) float64) float64 {
	p := of(unit[0])
	if b.relation == "all" {
		for _, c := range unit[1:] {
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

// The names of blind answers begin so.
const (
	textAnswer  = "text "
	placeAnswer = "place "
)

// optionsRight tells of every option of a case, by its text and, where a menu
// is shown, by its place, whether it is right.
func optionsRight(c *Case) map[string]bool {
	step := c.Steps[0]
	out := map[string]bool{}
	for i, option := range c.Options {
		a := c.Taking(i)
		a.Question = step.question()
		right := step.Want.Score(a).Outcome == drift.Pass
		out[textAnswer+option.Text] = right
		if !c.OptionLogprob {
			out[placeAnswer+strconv.Itoa(i)] = right
		}
	}
	return out
}

// Taking is the answer that takes the option of that index, by its letter or
// its log-probability.
func (c *Case) Taking(i int) scorers.Answer {
	a := scorers.Answer{Options: c.Options}
	if !c.OptionLogprob {
		a.Text = string(rune('A' + i))
		return a
	}
	a.OptionLogprobs = make([]float64, len(c.Options))
	for j := range a.OptionLogprobs {
		a.OptionLogprobs[j] = -10
	}
	a.OptionLogprobs[i] = -1
	return a
}
