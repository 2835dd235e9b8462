package importers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/scorers"
)

// Instruction-Following Evaluation: Zhou et al. 2023, arXiv:2311.07911.
var _ = register("ifeval", format{
	about:   "IFEval, JSON lines: prompts with verifiable instructions of 25 kinds, strict and loose",
	licence: "Apache-2.0",
	read:    readIFEval,
})

func readIFEval(f *file) ([]row, error) { return f.rows(ifevalRow) }

// ifevalRow gives the row, or why it has to be left out.
func ifevalRow(r record) (made row, why string, err error) {
	t := reading{r: r}
	key, prompt, ids, arguments := t.text("key"), t.text("prompt"), t.texts("instruction_id_list"), t.records("kwargs")
	if t.err != nil {
		return row{}, "", t.err
	}
	if len(ids) == 0 || len(ids) != len(arguments) {
		return row{}, "", r.wrong("kwargs", "there are %d for %d instructions: expected one for each", len(arguments), len(ids))
	}
	var checks []any
	for i, id := range ids {
		check, missing, err := instruction(id, arguments[i])
		if err != nil || missing != "" {
			return row{}, missing, err
		}
		checks = append(checks, check)
	}
	want := check{"constraints": check{"mode": "both", "checks": checks}}
	if _, err := scorers.Parse(want, scorers.Context{}); err != nil {
		return row{}, "", r.wrong("kwargs", "%v", err)
	}
	kind, _, _ := strings.Cut(ids[0], ":")
	return row{record: r, id: key, group: kind, fields: map[string]any{
		"prompt": prompt, "checks": checks, "kind": kind,
	}}, "", nil
}

// check is one of our checks with its argument, or several that must all hold.
type check = map[string]any

// instructions are the checks for the 25 kinds, by id, made of the arguments of the
// published file.
var instructions = map[string]func(t *reading) check{
	"punctuation:no_comma":                flag("no_comma"),
	"detectable_format:title":             flag("title"),
	"detectable_format:json_format":       flag("json"),
	"startend:quotation":                  flag("quotation"),
	"change_case:english_lowercase":       flag("lowercase"),
	"change_case:english_capital":         flag("uppercase"),
	"combination:two_responses":           flag("two_responses"),
	"detectable_content:postscript":       withText("postscript", "postscript_marker"),
	"startend:end_checker":                withText("end_with", "end_phrase"),
	"combination:repeat_prompt":           withText("repeat_prompt", "prompt_to_repeat"),
	"language:response_language":          withText("response_language", "language"),
	"length_constraints:number_words":     related("word_runs", "relation", "num_words", nil),
	"change_case:capital_word_frequency":  related("capital_words", "capital_relation", "capital_frequency", nil),
	"length_constraints:number_sentences": related("sentences", "relation", "num_sentences", nil),
	"keywords:letter_frequency": related("letter_count", "let_relation", "let_frequency", func(t *reading) check {
		return check{"letter": t.text("letter")}
	}),
	"keywords:frequency": related("keyword_count", "relation", "frequency", func(t *reading) check {
		return check{"word": t.text("keyword"), "within_words": true}
	}),
	"keywords:existence": func(t *reading) check {
		return check{"keywords": check{"all": t.list("keywords"), "within_words": true}}
	},
	"keywords:forbidden_words": func(t *reading) check { return check{"forbidden": t.list("forbidden_words")} },
	"length_constraints:number_paragraphs": func(t *reading) check {
		return check{"paragraphs": check{"separator": "***", "exactly": t.count("num_paragraphs")}}
	},
	"length_constraints:nth_paragraph_first_word": func(t *reading) check {
		return check{
			"paragraphs":      t.count("num_paragraphs"),
			"paragraph_start": check{"nth": t.count("nth_paragraph"), "word": t.text("first_word")},
		}
	},
	"detectable_format:number_bullet_lists": func(t *reading) check { return check{"bullets": t.count("num_bullets")} },
	"detectable_format:number_highlighted_sections": func(t *reading) check {
		return check{"highlights": check{"at_least": t.count("num_highlights")}}
	},
	"detectable_content:number_placeholders": func(t *reading) check {
		return check{"placeholders": check{"at_least": t.count("num_placeholders")}}
	},
	"detectable_format:multiple_sections": func(t *reading) check {
		return check{"sections": check{"word": strings.TrimSpace(t.text("section_spliter")), "at_least": t.count("num_sections")}}
	},
	"detectable_format:constrained_response": func(*reading) check {
		return check{"one_of": []any{"My answer is yes.", "My answer is no.", "My answer is maybe."}}
	},
}

// instruction turns one instruction into our check. It says why where we have no
// such check.
func instruction(id string, k record) (made check, missing string, err error) {
	build, known := instructions[id]
	if !known {
		return nil, "", k.wrong("instruction_id_list", "unknown instruction %.60q: expected one of the %d of IFEval", id, len(instructions))
	}
	t := reading{r: k}
	made = build(&t)
	if t.err != nil {
		return nil, "", fmt.Errorf("instruction %s: %w", id, t.err)
	}
	if language, asked := made["response_language"].(string); asked && !slices.Contains(scorers.Languages(), language) {
		return nil, "no detector for the language " + language, nil
	}
	return made, "", nil
}

// flag is a check without an argument.
func flag(name string) func(*reading) check {
	return func(*reading) check { return check{name: true} }
}

// withText is a check that takes a text.
func withText(name, field string) func(*reading) check {
	return func(t *reading) check { return check{name: t.text(field)} }
}

// related is a check on a number, with whatever else it takes; nil for nothing.
func related(name, relation, number string, more func(*reading) check) func(*reading) check {
	return func(t *reading) check {
		bounds := check{}
		if more != nil {
			bounds = more(t)
		}
		bound := map[string]string{"at least": "at_least", "less than": "less_than"}[t.oneOf(relation, "at least", "less than")]
		bounds[bound] = t.count(number)
		return check{name: bounds}
	}
}

// maxCount bounds the numbers in instructions.
const maxCount = 1_000_000

func (t *reading) count(field string) int { return t.whole(field, 0, maxCount) }

// list is a field of texts, as the arguments of a check.
func (t *reading) list(field string) []any {
	var list []any
	for _, text := range t.texts(field) {
		list = append(list, text)
	}
	return list
}
