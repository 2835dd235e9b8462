package scorers

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("constraints", newConstraints,
	"every check on the form of the answer holds, such as max_words or no_comma; the share is of checks met")

// constraints is a list of checks on the form of an answer, as in IFEval; see
// [CheckNames]. A blank answer is unparsed.
//
// By default (`mode: strict`) the checks read the answer as it came. Under
// `mode: loose` a check is met if it holds for any of eight variants of the
// answer: as it came; without its first line, its last line, or both; and
// these four without asterisks. A blank variant meets no check. Under `mode: both`
// the outcome is the strict one, the tiers tell both, and the checks of one item
// of the list are one: an instruction of IFEval.
type constraints struct {
	checks []namedCheck
	loose  bool
	both   bool
}

// Tiers that `mode: both` gives beside its strict outcome: the accuracies of
// IFEval (Zhou et al. 2023), of whole answers and of single checks.
const (
	PromptStrict      = "prompt strict"
	PromptLoose       = "prompt loose"
	InstructionStrict = "instruction strict"
	InstructionLoose  = "instruction loose"
)

// BothModes is how many checks there are, where both modes are told; 0
// elsewhere.
func (s constraints) BothModes() int {
	if !s.both {
		return 0
	}
	return len(s.checks)
}

type namedCheck struct {
	name string
	unmet
}

var _ Scorer = constraints{}

func newConstraints(arg any, _ Context) (Scorer, error) {
	list, mode, err := constraintList(arg)
	if err != nil {
		return nil, err
	}
	var s constraints
	switch mode {
	case nil, "strict":
	case "loose":
		s.loose = true
	case "both":
		s.both = true
	default:
		return nil, fmt.Errorf("mode: %w", expected("strict, loose or both", mode))
	}
	for i, item := range list {
		checks, err := readChecks(item)
		if err != nil {
			return nil, fmt.Errorf("check %d: %w", i+1, err)
		}
		if s.both {
			checks = []namedCheck{together(checks)}
		}
		s.checks = append(s.checks, checks...)
	}
	return s, nil
}

// constraintList reads a list of maps, one map of checks which may also have
// the mode, or a map {checks: list, mode: text}.
func constraintList(arg any) (list []any, mode any, err error) {
	if options, isMap := arg.(map[string]any); isMap {
		checks := maps.Clone(options)
		mode = checks["mode"]
		delete(checks, "mode")
		arg = []any{checks}
		if inner, given := checks["checks"]; given {
			if _, err := readFields(options, "checks", "mode"); err != nil {
				return nil, nil, err
			}
			arg = inner
		}
	}
	list, ok := arg.([]any)
	if !ok {
		return nil, nil, expected("a list of checks such as {no_comma: true}", arg)
	}
	if len(list) == 0 {
		return nil, nil, errors.New("expected at least one check, got an empty list")
	}
	return list, mode, nil
}

func readChecks(value any) ([]namedCheck, error) {
	items, ok := value.(map[string]any)
	if !ok || len(items) == 0 {
		return nil, expected("a map such as {no_comma: true}", value)
	}
	var checks []namedCheck
	for _, name := range slices.Sorted(maps.Keys(items)) {
		check, err := newCheck(name, items[name])
		if err != nil {
			return nil, err
		}
		checks = append(checks, namedCheck{name, check})
	}
	return checks, nil
}

// together is one check of several.
func together(checks []namedCheck) namedCheck {
	var names []string
	for _, c := range checks {
		names = append(names, c.name)
	}
	return namedCheck{strings.Join(names, "+"), func(text, question string) string {
		for _, c := range checks {
			if problem := c.unmet(text, question); problem != "" {
				return problem
			}
		}
		return ""
	}}
}

func (s constraints) Score(a Answer) Result {
	r := s.score(a)
	if !s.both {
		return r
	}
	loose := constraints{checks: s.checks, loose: true}.score(a)
	r.Tiers = map[string]float64{
		PromptStrict: all(r), InstructionStrict: *r.Share, PromptLoose: all(loose), InstructionLoose: *loose.Share,
	}
	return r
}

// all is 1 where every check is met, else 0.
func all(r Result) float64 {
	if r.Outcome == drift.Pass {
		return 1
	}
	return 0
}

func (s constraints) score(a Answer) Result {
	variants := []string{a.Text}
	if s.loose {
		variants = looseVariants(a.Text)
	}
	var problems []string
	for _, check := range s.checks {
		if problem := check.best(variants, a.Question); problem != "" {
			problems = append(problems, check.name+": "+problem)
		}
	}
	share := 1 - float64(len(problems))/float64(len(s.checks))
	r := passed()
	switch {
	case strings.TrimSpace(a.Text) == "":
		r = blank(a.Text)
	case len(problems) > 0:
		r = wrong("%s", strings.Join(problems, "; "))
	}
	r.Share = &share
	return r
}

// best returns "" if the check holds for a variant that is not blank, and else
// the problem with the first variant, the answer as it came.
func (c namedCheck) best(variants []string, question string) string {
	for _, variant := range variants {
		if strings.TrimSpace(variant) != "" && c.unmet(variant, question) == "" {
			return ""
		}
	}
	if problem := c.unmet(variants[0], question); problem != "" {
		return problem
	}
	return "the answer is blank"
}

func looseVariants(text string) []string {
	lines := strings.Split(text, "\n")
	last := len(lines) - 1
	variants := []string{
		text,
		strings.Join(lines[1:], "\n"),
		strings.Join(lines[:last], "\n"),
		strings.Join(lines[min(1, last):last], "\n"),
	}
	for _, variant := range variants {
		variants = append(variants, strings.ReplaceAll(variant, "*", ""))
	}
	return variants
}
