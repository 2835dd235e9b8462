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

func readIFEval(f *file) ([]row, error) {
	records, err := f.records()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, r := range records {
		t := reading{r: r}
		key, prompt, ids, arguments := t.text("key"), t.text("prompt"), t.texts("instruction_id_list"), t.records("kwargs")
		if t.err != nil {
			return nil, t.err
		}
		if len(ids) == 0 || len(ids) != len(arguments) {
			return nil, r.wrong("kwargs", "there are %d for %d instructions: expected one for each", len(arguments), len(ids))
		}
		var checks []any
		var why string
		for i, id := range ids {
			check, missing, err := instruction(id, arguments[i])
			if err != nil {
				return nil, err
			}
			if why == "" {
				why = missing
			}
			checks = append(checks, check)
		}
		if why != "" {
			f.drop(why)
			continue
		}
		want := map[string]any{"constraints": map[string]any{"mode": "both", "checks": checks}}
		if _, err := scorers.Parse(want, scorers.Context{}); err != nil {
			return nil, r.wrong("kwargs", "%v", err)
		}
		kind, _, _ := strings.Cut(ids[0], ":")
		rows = append(rows, row{record: r, id: key, group: kind, fields: map[string]any{
			"prompt": prompt, "checks": checks, "instructions": len(ids), "kind": kind,
		}})
	}
	return rows, nil
}

// instruction turns one instruction into our check, with the argument's names
// of the published file. It says why where we have no such check.
func instruction(id string, k record) (check map[string]any, missing string, err error) {
	t := reading{r: k}
	switch id {
	case "punctuation:no_comma":
		check = flag("no_comma")
	case "length_constraints:number_words":
		check = map[string]any{"word_runs": t.relation("relation", "num_words", nil)}
	case "length_constraints:number_sentences":
		check = map[string]any{"sentences": t.relation("relation", "num_sentences", nil)}
	case "length_constraints:number_paragraphs":
		check = map[string]any{"paragraphs": map[string]any{"separator": "***", "exactly": t.count("num_paragraphs")}}
	case "length_constraints:nth_paragraph_first_word":
		check = map[string]any{
			"paragraphs":      t.count("num_paragraphs"),
			"paragraph_start": map[string]any{"nth": t.count("nth_paragraph"), "word": t.text("first_word")},
		}
	case "keywords:existence":
		check = map[string]any{"keywords": map[string]any{"all": t.list("keywords"), "within_words": true}}
	case "keywords:frequency":
		check = map[string]any{"keyword_count": t.relation("relation", "frequency", map[string]any{"word": t.text("keyword"), "within_words": true})}
	case "keywords:forbidden_words":
		check = map[string]any{"forbidden": t.list("forbidden_words")}
	case "keywords:letter_frequency":
		check = map[string]any{"letter_count": t.relation("let_relation", "let_frequency", map[string]any{"letter": t.text("letter")})}
	case "detectable_format:number_highlighted_sections":
		check = map[string]any{"highlights": map[string]any{"at_least": t.count("num_highlights")}}
	case "detectable_format:title":
		check = flag("title")
	case "detectable_format:number_bullet_lists":
		check = map[string]any{"bullets": t.count("num_bullets")}
	case "detectable_format:json_format":
		check = flag("json")
	case "detectable_format:multiple_sections":
		check = map[string]any{"sections": map[string]any{"word": strings.TrimSpace(t.text("section_spliter")), "at_least": t.count("num_sections")}}
	case "detectable_format:constrained_response":
		check = map[string]any{"one_of": []any{"My answer is yes.", "My answer is no.", "My answer is maybe."}}
	case "detectable_content:number_placeholders":
		check = map[string]any{"placeholders": map[string]any{"at_least": t.count("num_placeholders")}}
	case "detectable_content:postscript":
		check = map[string]any{"postscript": t.text("postscript_marker")}
	case "startend:quotation":
		check = flag("quotation")
	case "startend:end_checker":
		check = map[string]any{"end_with": t.text("end_phrase")}
	case "change_case:english_lowercase":
		check = flag("lowercase")
	case "change_case:english_capital":
		check = flag("uppercase")
	case "change_case:capital_word_frequency":
		check = map[string]any{"capital_words": t.relation("capital_relation", "capital_frequency", nil)}
	case "combination:repeat_prompt":
		check = map[string]any{"repeat_prompt": t.text("prompt_to_repeat")}
	case "combination:two_responses":
		check = flag("two_responses")
	case "language:response_language":
		language := t.text("language")
		if t.err == nil && !slices.Contains(scorers.Languages(), language) {
			return nil, "no detector for the language " + language, nil
		}
		check = map[string]any{"response_language": language}
	default:
		return nil, "", k.wrong("instruction_id_list", "unknown instruction %.60q: expected one of the 25 of IFEval", id)
	}
	if t.err != nil {
		return nil, "", fmt.Errorf("instruction %s: %w", id, t.err)
	}
	return check, "", nil
}

func flag(name string) map[string]any { return map[string]any{name: true} }

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

// relation adds the bound that a relation and a number set.
func (t *reading) relation(relation, number string, to map[string]any) map[string]any {
	if to == nil {
		to = map[string]any{}
	}
	bound := map[string]string{"at least": "at_least", "less than": "less_than"}[t.oneOf(relation, "at least", "less than")]
	to[bound] = t.count(number)
	return to
}
