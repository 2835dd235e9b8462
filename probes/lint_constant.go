package probes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/scorers"
)

// dontKnow is an answer that a model gives to anything.
const dontKnow = "I do not know."

// constants looks for answers that pass without a look at the question: in far
// more than their share of a group, or as often as the guard demands.
func (l linter) constants() {
	p := l.probe
	if p.Relation == "invariant" || p.Relation == "rising" || p.Relation == "falling" {
		return // kept by every constant answer, which is what the guard is for
	}
	for _, group := range p.groups() {
		units := p.Units(group)
		c := commonestConstant(units, p.Relation)
		if group == "guard" && p.GuardAtLeast != nil && c.rate >= *p.GuardAtLeast {
			l.warn([]string{"guard"}, "%s passes %s of the guard, which asks for %s: expected a floor above it, or other cases",
				c, percent(c.rate), percent(*p.GuardAtLeast))
			continue
		}
		if c.unbalanced(len(units)) {
			l.warn([]string{"want", "turns", "cases"}, "%s passes %s of %s (n=%d), where its share is %s: expected answers in balance, or a model that says nothing else passes",
				c, percent(c.rate), named(group), len(units), percent(c.share))
		}
	}
}

// constant is an answer that is given whatever is asked.
type constant struct {
	name        string
	rate, share float64 // of units that it passes, and that it would in balance
}

func (c constant) String() string { return "the constant answer " + c.name }

// unbalanced tells whether the answer is right more than halfway from its share
// to always, which n units show not to be chance.
func (c constant) unbalanced(n int) bool {
	if c.rate < (1+c.share)/2 {
		return false
	}
	w, err := drift.Wilson(c.rate*float64(n), float64(n), 0.95)
	return err == nil && w.Low > c.share
}

// commonestConstant is the constant answer that passes the most units; of
// equals the first by name.
func commonestConstant(units [][]*Case, relation string) constant {
	var best constant
	if b, ok := newBlind(units, relation); ok {
		share := b.guessed()
		for _, answer := range sortedKeys(b.answers) {
			if rate := b.rate(answer); rate > best.rate {
				best = constant{optionName(answer), rate, share}
			}
		}
		return best
	}
	if slices.ContainsFunc(units, func(u []*Case) bool { return len(u[0].Options) > 0 }) {
		return best
	}
	wants := map[string]bool{}
	for _, u := range units {
		wants[u[0].Want] = true
	}
	share := 1 / float64(max(2, len(wants)))
	for _, text := range append(commonTexts(units), dontKnow) {
		if rate := passRate(units, text); rate > best.rate {
			best = constant{fmt.Sprintf("%q", text), rate, share}
		}
	}
	return best
}

// optionName tells a text from a place; see [optionsRight].
func optionName(answer string) string {
	kind, name, _ := strings.Cut(answer, " ")
	if kind == "place" {
		return fmt.Sprintf("of the option in place %s (from 0)", name)
	}
	return fmt.Sprintf("%q", name)
}

// commonTexts are the texts that the wants of at least half of the units name,
// in order of the alphabet: no other can be right in far more.
func commonTexts(units [][]*Case) []string {
	count := map[string]int{}
	for _, u := range units {
		var want any
		if json.Unmarshal([]byte(u[0].Want), &want) != nil {
			continue
		}
		seen := map[string]bool{}
		leaves(want, func(text string) { seen[text] = true })
		for text := range seen {
			count[text]++
		}
	}
	return slices.DeleteFunc(sortedKeys(count), func(text string) bool { return 2*count[text] < len(units) })
}

// leaves calls use for the texts and numbers in a value of JSON.
func leaves(value any, use func(string)) {
	switch value := value.(type) {
	case string:
		use(value)
	case float64:
		use(fmt.Sprint(value))
	case []any:
		for _, item := range value {
			leaves(item, use)
		}
	case map[string]any:
		for _, item := range value {
			leaves(item, use)
		}
	}
}

// passRate is the share of units in which one text passes every case.
func passRate(units [][]*Case, text string) float64 {
	n := 0
	for _, u := range units {
		if !slices.ContainsFunc(u, func(c *Case) bool { return !passes(c, func(Step) string { return text }) }) {
			n++
		}
	}
	return float64(n) / float64(len(units))
}

// passes tells whether a case passes where each judged turn is answered so.
func passes(c *Case, answer func(Step) string) bool {
	for _, step := range c.Steps {
		if step.Want == nil {
			continue
		}
		a := scorers.Answer{Text: answer(step), Question: step.question(), Options: c.Options}
		if step.Want.Score(a).Outcome != drift.Pass {
			return false
		}
	}
	return true
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
