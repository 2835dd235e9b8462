package scorers

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/strictyaml"
)

var _ = register("choice", newChoice,
	"the chosen option, by letter, by text or by log-probability; `any` accepts each")

// choice asks which option the answer takes. See [recognise] for the rule.
type choice struct {
	right []string // names of right options; nil where any will do
}

var _ Scorer = choice{}

func newChoice(arg any, ctx Context) (Scorer, error) {
	if len(ctx.Options) == 0 {
		return nil, errors.New("expected a case with options, got one without")
	}
	if a, b, found := newMenu(ctx.Options).alike(); found {
		return nil, fmt.Errorf("options %q and %q read alike: expected options that differ in more than case, space and punctuation", a, b)
	}
	if arg == "any" {
		return choice{}, nil
	}
	right, err := readNames(arg)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(ctx.Options))
	for i, option := range ctx.Options {
		names[i] = option.Is
	}
	for _, name := range right {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("unknown option %q: %sexpected one of %s, any", name, strictyaml.DidYouMean(name, names), strings.Join(names, ", "))
		}
	}
	return choice{right}, nil
}

// readNames reads one option name or a list of them; a name may look like a
// number or be true or false.
func readNames(arg any) ([]string, error) {
	list, ok := arg.([]any)
	if !ok {
		list = []any{arg}
	}
	plain := make([]any, len(list))
	for i, item := range list {
		plain[i] = item
		if b, isBool := item.(bool); isBool {
			plain[i] = fmt.Sprint(b)
		}
	}
	names, err := readTexts(plain)
	if err != nil {
		return nil, expected("the name of an option, a list of names, or any", arg)
	}
	return names, nil
}

func (s choice) Score(a Answer) Result {
	chosen, why := recognise(a)
	if chosen == nil {
		return unparsed("%s", why)
	}
	r := passed()
	if s.right != nil && !slices.Contains(s.right, chosen.Is) {
		r = wrong("want %s, got %s", strings.Join(s.right, " or "), chosen.Is)
	}
	r.Parsed = chosen.Is
	return r
}

// recognise returns the option that an answer takes, or nil and why there is
// none. With log-probabilities it is the option with the highest; a tie of
// the highest, or a value that is no number, is no choice. For a text see
// [menu.read].
func recognise(a Answer) (chosen *Option, why string) {
	if len(a.Options) == 0 {
		return nil, "no options were offered"
	}
	var found []int
	if a.OptionLogprobs != nil {
		if found, why = likeliest(a.OptionLogprobs, len(a.Options)); why != "" {
			return nil, why
		}
	} else {
		found = newMenu(a.Options).read(a.Text)
	}
	switch len(found) {
	case 0:
		return nil, "no option in " + quote(a.Text)
	case 1:
		return &a.Options[found[0]], ""
	}
	names := make([]string, len(found))
	for i, index := range found {
		names[i] = a.Options[index].Is
	}
	return nil, fmt.Sprintf("not one option but %s in %s", strings.Join(names, ", "), quote(a.Text))
}

// likeliest returns the index of every option with the highest summed
// log-probability, or why they cannot be compared.
func likeliest(logprobs []float64, options int) (best []int, why string) {
	if len(logprobs) != options {
		return nil, fmt.Sprintf("want %d log-probabilities, got %d", options, len(logprobs))
	}
	for i, p := range logprobs {
		if math.IsNaN(p) || math.IsInf(p, 1) {
			return nil, fmt.Sprintf("log-probability %d is %v", i+1, p)
		}
	}
	highest := slices.Max(logprobs)
	for i, p := range logprobs {
		if p == highest {
			best = append(best, i)
		}
	}
	return best, ""
}
