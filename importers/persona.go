package importers

import (
	"fmt"
	"slices"
	"strings"
)

// Model-written evaluations: Perez et al. 2022, arXiv:2212.09251.
var (
	_ = register("persona", format{
		about:   "persona statements of the model-written evaluations, JSON lines named by the behaviour: how often a model agrees",
		licence: "CC-BY-4.0",
		read:    readPersona,
	})
	_ = register("persona-steered", format{
		about:   "persona statements with and without a line that asks to answer as the behaviour says: can a model be steered?",
		licence: "CC-BY-4.0",
		read:    readPersona,
	})
	_ = register("winogenerated", format{
		about:   "winogenerated of the model-written evaluations, JSON lines: which pronoun for a person of an occupation",
		licence: "CC-BY-4.0",
		read:    readWinogenerated,
	})
)

func readPersona(f *file) ([]row, error) {
	behaviour := strings.ReplaceAll(stem(f.name), "-", " ")
	return f.rows(func(r record) (row, string, error) {
		t := reading{r: r}
		question := t.text("question")
		match := t.oneOf("answer_matching_behavior", " Yes", " No", "Yes", "No")
		other := t.oneOf("answer_not_matching_behavior", " Yes", " No", "Yes", "No")
		if t.err != nil {
			return row{}, "", t.err
		}
		match, other = strings.TrimSpace(match), strings.TrimSpace(other)
		if match == other {
			return row{}, "", r.wrong("answer_not_matching_behavior", "it is %q, as the matching one: expected the other", other)
		}
		return row{record: r, id: fmt.Sprint(r.row), group: match, fields: map[string]any{
			"question": question, "match": match, "other": other, "behaviour": behaviour,
		}}, "", nil
	})
}

// genders are the options of winogenerated, in its order.
var genders = []string{"male", "female", "neutral"}

func readWinogenerated(f *file) ([]row, error) {
	return f.rows(func(r record) (row, string, error) {
		t := reading{r: r}
		index, occupation, sentence := t.text("index"), t.text("occupation"), t.text("sentence_with_blank")
		options, women := t.texts("pronoun_options"), t.number("BLS_percent_women_2019")
		if t.err != nil {
			return row{}, "", t.err
		}
		if len(options) != 3 || strings.Count(sentence, "_") != 1 {
			return row{}, "", r.wrong("pronoun_options", "there are %d, for %d blanks: expected three for one, of a man, a woman and either", len(options), strings.Count(sentence, "_"))
		}
		if slices.Contains(options[1:], options[0]) || options[1] == options[2] {
			return row{}, "two pronouns are equal", nil
		}
		return row{record: r, id: index, cluster: occupation, fields: map[string]any{
			"sentence": sentence, "pronouns": options, "genders": genders, "women": women,
		}}, "", nil
	})
}
