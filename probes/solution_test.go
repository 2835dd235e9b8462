package probes_test

import (
	"encoding/json"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
)

// wantOf is what a judged turn wants, as the probe gives it.
func wantOf(c *probes.Case, step int) any {
	var want any
	if err := json.Unmarshal([]byte(c.Want), &want); err != nil {
		panic(err)
	}
	judged, before := 0, 0
	for i, s := range c.Steps {
		if s.Want != nil {
			judged++
			if i < step {
				before++
			}
		}
	}
	if judged == 1 {
		return want
	}
	return want.([]any)[before]
}

// solve gives an answer that has what is wanted.
func solve(c *probes.Case, want any, sample int) scorers.Answer {
	for i, o := range c.Options {
		if isRight(c, want, o.Is, sample) {
			if a := take(c, i); c.OptionLogprob || strings.Contains(c.Steps[len(c.Steps)-1].User(), "\nA. ") {
				return a
			}
			return says(c, o.Text)
		}
	}
	s := solution{}
	s.add(want)
	return says(c, s.text())
}

// isRight tells whether an option is the one to take; of a distribution the
// samples take their turns.
func isRight(c *probes.Case, want any, option string, sample int) bool {
	m, _ := want.(map[string]any)
	switch value := m["choice"].(type) {
	case nil:
	case []any:
		return slices.Contains(value, any(option))
	default:
		return fmt.Sprint(value) == option || value == "any"
	}
	o, ok := c.Steps[0].Want.(scorers.Opinion)
	if !ok {
		return false
	}
	at, upTo := (float64(sample)+0.5)/float64(c.Samples), 0.0
	for i, share := range o.Shares {
		if upTo += share; at < upTo {
			return c.Options[i].Is == option
		}
	}
	return false
}

// solution collects what an answer must have.
type solution struct {
	lines             []string // each a line of its own, in this order
	words             []string // in the text of the constraints
	start, end        string
	sentences, length int
	capitals          bool
	formal            bool // some constraint is on the text
}

func (s *solution) add(want any) {
	switch want := want.(type) {
	case []any:
		for _, item := range want {
			s.add(item)
		}
	case map[string]any:
		for _, name := range sortedNames(want) {
			s.scorer(name, want[name])
		}
	}
}

func (s *solution) scorer(name string, arg any) {
	fields, _ := arg.(map[string]any)
	switch name {
	case "any", "em", "subspan_em":
		s.lines = append(s.lines, texts(inner(arg, "of"))[0])
	case "contains", "equals", "copy":
		s.lines = append(s.lines, texts(inner(arg, "is"))[0])
	case "numeric":
		line := texts(inner(arg, "is"))[0]
		if unit, given := fields["unit"]; given {
			line += " " + texts(unit)[0]
		}
		s.lines = append(s.lines, line)
	case "all", "recall":
		s.lines = append(s.lines, texts(inner(arg, "of"))...)
	case "label_only":
		s.lines = append(s.lines, strings.Join(texts(fields["is"]), ", "))
	case "coverage":
		for _, item := range inner(arg, "items").([]any) {
			s.lines = append(s.lines, texts(item.(map[string]any)["any"])[0])
		}
	case "abstain":
		s.lines = append(s.lines, "It is not stated.")
	case "json":
		data, _ := json.Marshal(fields["equals"])
		s.lines = append(s.lines, string(data))
	case "matches":
		re, err := syntax.Parse(arg.(string), syntax.Perl)
		if err != nil {
			panic(err)
		}
		s.lines = append(s.lines, match(re))
	case "constraints":
		s.formal = true
		s.checks(inner(arg, "checks"))
	}
}

func (s *solution) checks(arg any) {
	switch arg := arg.(type) {
	case []any:
		for _, item := range arg {
			s.checks(item)
		}
	case map[string]any:
		for name, value := range arg {
			s.check(name, value)
		}
	}
}

func (s *solution) check(name string, arg any) {
	fields, _ := arg.(map[string]any)
	number, _ := arg.(float64)
	switch name {
	case "keywords":
		s.words = append(s.words, texts(inner(arg, "all"))...)
	case "keyword_count":
		n := max(number, bound(fields))
		for range int(n) {
			s.words = append(s.words, fmt.Sprint(fields["word"]))
		}
	case "one_of":
		s.words = append(s.words, texts(arg)[0])
	case "start_with":
		s.start = fmt.Sprint(arg)
	case "end_with":
		s.end = fmt.Sprint(arg)
	case "uppercase":
		s.capitals = true
	case "sentences":
		s.sentences = int(max(number, bound(fields)))
	case "min_words", "words":
		s.length = int(max(number, bound(fields)))
	}
}

// bound is the least number that the bounds accept.
func bound(fields map[string]any) float64 {
	for name, plus := range map[string]float64{"exactly": 0, "at_least": 0, "more_than": 1} {
		if n, ok := fields[name].(float64); ok {
			return n + plus
		}
	}
	return 0
}

// text is the answer: the lines, and under constraints a text of their words.
func (s *solution) text() string {
	if !s.formal {
		return strings.Join(s.lines, "\n")
	}
	words := slices.Concat(strings.Fields(s.start), s.words, s.lines)
	for len(words) == 0 || len(words)+2*max(0, s.sentences-1) < s.length {
		words = append(words, s.filler(words))
	}
	text := strings.Join(words, " ") + strings.Repeat(". Rain falls", max(0, s.sentences-1))
	if s.end != "" {
		text += " " + strings.TrimSuffix(s.end, ".")
	}
	if s.sentences > 0 || strings.HasSuffix(s.end, ".") {
		text += "."
	}
	if s.capitals {
		text = strings.ToUpper(text)
	}
	return text
}

// filler is one word more, of the script of the words that are wanted.
func (s *solution) filler(words []string) string {
	if len(s.words)+len(words) == 0 || len(s.words) > 0 {
		return "river"
	}
	return words[len(words)-1]
}

// match gives a short text that a regular expression matches.
func match(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return string(readable(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return "x"
	case syntax.OpCapture, syntax.OpPlus, syntax.OpAlternate:
		return match(re.Sub[0])
	case syntax.OpRepeat:
		return strings.Repeat(match(re.Sub[0]), re.Min)
	case syntax.OpConcat:
		text := ""
		for _, sub := range re.Sub {
			text += match(sub)
		}
		return text
	}
	return "" // empty matches, and what may be left out
}

// readable is a space where the class has it, else its first letter.
func readable(class []rune) rune {
	for _, wanted := range []rune{' ', ':', '1', 'a'} {
		for i := 0; i < len(class); i += 2 {
			if class[i] <= wanted && wanted <= class[i+1] {
				return wanted
			}
		}
	}
	return class[0]
}

// inner is a field of a scorer's argument where that is a map, else all of it.
func inner(arg any, name string) any {
	if fields, ok := arg.(map[string]any); ok {
		if value, given := fields[name]; given {
			return value
		}
	}
	return arg
}

func texts(value any) []string {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var out []string
	for _, item := range list {
		if number, ok := item.(float64); ok && number == float64(int(number)) {
			item = int(number)
		}
		out = append(out, fmt.Sprint(item))
	}
	return out
}

func sortedNames(m map[string]any) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
