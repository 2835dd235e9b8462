package probes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/scorers"
)

// dontKnow is an answer that a model gives to anything.
const dontKnow = "I do not know."

// constants looks for answers that pass without a look at the question: as
// often as the guard demands, or in far more than their share of a group. Where
// a guard finds a constant answer out, it may pass elsewhere: that nothing can
// be known is the right answer to many a question about stereotypes.
func (l linter) constants() {
	if l.probe.Relation == "invariant" || l.probe.Relation == "rising" || l.probe.Relation == "falling" {
		return // kept by every constant answer, which is what the guard is for
	}
	if l.onForm() {
		return // a text about nothing keeps many a rule on form
	}
	c := newConstants(l.probe)
	reported := ""
	for _, group := range l.probe.groups() {
		units := l.probe.Units(group)
		best := c.best(units)
		if best.rate == 0 {
			continue
		}
		found := l.probe.GuardAtLeast != nil && c.rate(l.probe.Units("guard"), best.answer) < *l.probe.GuardAtLeast
		switch {
		case found || best.answer == reported:
		case group == "guard":
			l.warn([]string{"guard"}, "the constant answer %s passes %s of the guard, which asks for %s: expected a floor above it, or cases with other answers",
				best.name, percent(best.rate), percent(*l.probe.GuardAtLeast))
		case best.unbalanced(len(units)):
			if group == "" {
				reported = best.answer
			}
			l.warn([]string{"want", "turns", "cases"}, "the constant answer %s passes %s of %s (n=%d), where its share is %s: expected answers in balance, or a guard that it fails",
				best.name, percent(best.rate), named(group), len(units), percent(best.share))
		}
	}
}

// onForm tells whether nothing but the form of the answers is wanted.
func (l linter) onForm() bool {
	return !slices.ContainsFunc(l.probe.Cases(), func(c *Case) bool {
		return !strings.HasPrefix(c.Want, `{"constraints":`)
	})
}

// constant is an answer that is given whatever is asked.
type constant struct {
	answer      string  // as [optionsRight] names it; of a probe without options the text
	name        string  // for a reader
	rate, share float64 // of units that it passes, and that it would in balance
}

// optionName names an answer of [optionsRight].
func optionName(answer string) string {
	if at, ok := strings.CutPrefix(answer, placeAnswer); ok {
		i, _ := strconv.Atoi(at) // it was made by Itoa
		return fmt.Sprintf("%q (that place)", string(rune('A'+i)))
	}
	return strconv.Quote(strings.TrimPrefix(answer, textAnswer))
}

// unbalanced tells whether the answer is right more than halfway from its share
// to always, which n units show not to be chance.
func (c constant) unbalanced(n int) bool {
	if c.rate < (1+c.share)/2 {
		return false
	}
	w, err := drift.Wilson(c.rate*float64(n), float64(n), 0.95)
	return err == nil && w.Low > c.share
}

// constants are the constant answers of one probe.
type constants struct {
	relation string
	options  bool                      // they take options
	right    map[*Case]map[string]bool // what is known of answers
}

func newConstants(p *Probe) constants {
	offers := func(c *Case) bool { return len(c.Options) > 0 }
	return constants{p.Relation, slices.ContainsFunc(p.Cases(), offers), map[*Case]map[string]bool{}}
}

// best is the constant answer that passes the most units; of equals the first
// by name.
func (c constants) best(units [][]*Case) constant {
	var best constant
	for _, x := range c.all(units) {
		if x.rate > best.rate {
			best = x
		}
	}
	return best
}

func (c constants) all(units [][]*Case) []constant {
	var list []constant
	if c.options {
		b, ok := newBlind(units, c.relation, c.right)
		if !ok {
			return nil
		}
		share := b.guessed()
		for _, answer := range sortedKeys(b.answers) {
			list = append(list, constant{answer, optionName(answer), b.rate(answer), share})
		}
		return list
	}
	wants := map[string]bool{}
	for _, u := range units {
		wants[u[0].Want] = true
	}
	share := 1 / float64(max(2, len(wants)))
	for _, text := range append(commonTexts(units), dontKnow) {
		list = append(list, constant{text, strconv.Quote(text), c.rate(units, text), share})
	}
	return list
}

// rate is the share of units in which one answer passes every case.
func (c constants) rate(units [][]*Case, answer string) float64 {
	if c.options {
		b, _ := newBlind(units, c.relation, c.right)
		return b.rate(answer)
	}
	n := 0
	for _, u := range units {
		if !slices.ContainsFunc(u, func(k *Case) bool { return !c.passes(k, answer) }) {
			n++
		}
	}
	return float64(n) / float64(len(units))
}

// passes tells whether a text passes a case, and remembers it.
func (c constants) passes(k *Case, text string) bool {
	known := c.right[k]
	if known == nil {
		known = map[string]bool{}
		c.right[k] = known
	}
	right, ok := known[text]
	if !ok {
		right = passes(k, func(Step) string { return text })
		known[text] = right
	}
	return right
}

// commonTexts are the texts that the wants of at least half of the units name,
// in order of the alphabet: no other can be right in far more.
func commonTexts(units [][]*Case) []string {
	count := map[string]int{}
	for _, u := range units {
		seen := map[string]bool{}
		leaves(wanted(u[0]), func(text string) { seen[text] = true })
		for text := range seen {
			count[text]++
		}
	}
	return slices.DeleteFunc(sortedKeys(count), func(text string) bool { return 2*count[text] < len(units) })
}

func wanted(c *Case) (want any) {
	_ = json.Unmarshal([]byte(c.Want), &want) // it was made by Marshal
	return want
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
