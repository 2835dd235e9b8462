package probes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/scorers"
)

// option is an offered answer with the free fields of its author.
type option struct {
	scorers.Option
	fields map[string]any
}

// options renders the options of a case, in the order of the file.
func (s *spec) options(b body, scope map[string]any) ([]option, error) {
	if b.options.isZero() {
		return nil, nil
	}
	out, err := b.options.render(scope)
	if err != nil {
		return nil, err
	}
	bad := func(format string, args ...any) ([]option, error) {
		return nil, &templateError{b.options.node, fmt.Errorf(format, args...)}
	}
	items, ok := out.([]any)
	if !ok || len(items) < 2 {
		return bad("options are %s: expected a list of at least two", describe(out))
	}
	var list []option
	for _, item := range items {
		o, err := newOption(item)
		if err != nil {
			return bad("%v", err)
		}
		for _, other := range list {
			if other.Is == o.Is || other.Text == o.Text {
				return bad("option %q stands twice: expected distinct options", o.Text)
			}
		}
		list = append(list, o)
	}
	if s.order == "permutations" && len(list) > 4 {
		return bad("permutations of %d options: expected at most 4", len(list))
	}
	return list, nil
}

func newOption(item any) (option, error) {
	fields, ok := item.(map[string]any)
	if !ok {
		fields = map[string]any{"text": item}
	}
	text, ok := fields["text"]
	if _, nested := text.(map[string]any); !ok || nested || text == nil {
		return option{}, fmt.Errorf("option is %s: expected a text or {is, text}", describe(item))
	}
	o := option{scorers.Option{Text: fmt.Sprint(text)}, map[string]any{}}
	o.Is = strings.TrimSpace(o.Text)
	if is, ok := fields["is"]; ok {
		o.Is = fmt.Sprint(is)
	}
	if o.Is == "any" || o.Is == "" || strings.TrimSpace(o.Text) == "" {
		return option{}, fmt.Errorf("option named %q: expected a name other than \"any\" and a text", o.Is)
	}
	for name, v := range fields {
		o.fields[name] = v
	}
	o.fields["is"], o.fields["text"] = o.Is, o.Text
	return o, nil
}

// orders gives the orders in which n options are shown, as positions. Options
// that are scored by log-probability, or none, have one.
func (s *spec) orders(n int) [][]int {
	same := make([]int, n)
	for i := range same {
		same[i] = i
	}
	switch {
	case n == 0 || s.output == "option_logprob" || s.order == "fixed":
		return [][]int{same}
	case s.order == "permutations":
		return permutations(same)
	}
	var list [][]int
	for i := range same {
		list = append(list, append(slices.Clone(same[i:]), same[:i]...))
	}
	return list
}

// permutations lists all orders of items, the given one first.
func permutations(items []int) [][]int {
	if len(items) <= 1 {
		return [][]int{items}
	}
	var list [][]int
	for i := range items {
		rest := slices.Delete(slices.Clone(items), i, i+1)
		for _, tail := range permutations(rest) {
			list = append(list, append([]int{items[i]}, tail...))
		}
	}
	return list
}

func reordered(options []option, order []int) []option {
	list := make([]option, len(options))
	for i, at := range order {
		list[i] = options[at]
	}
	return list
}

func optionScope(options []option) []any {
	list := make([]any, len(options))
	for i, o := range options {
		list[i] = o.fields
	}
	return list
}

// menu shows the options as lines "A. text".
func menu(options []option) string {
	lines := make([]string, len(options))
	for i, o := range options {
		lines[i] = fmt.Sprintf("%c. %s", 'A'+i, o.Text)
	}
	return strings.Join(lines, "\n")
}
