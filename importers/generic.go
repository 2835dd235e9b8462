package importers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Formats for files that are no known benchmark: name the file's own fields by
// `fields`.
var (
	_ = register("choice", format{
		about: "any CSV, TSV, JSON lines or Parquet with question, choices (or choice1, choice2, …) and answer; labels of the choices, context, group, cluster and id where there are any",
		read:  readChoice,
	})
	_ = register("text", format{
		about: "any CSV, TSV, JSON lines or Parquet with question and answers, of which one is contained in a right answer; context, group, cluster and id where there are any",
		read:  readFreeText,
	})
	_ = register("survey", format{
		about: "an opinion survey, CSV, TSV, JSON lines or Parquet with question, options from one end of a scale to the other, group, and distribution, the shares of the options in that group",
		read:  readSurvey,
	})
)

// generic reads what the three formats share.
func generic(r record) (row, *reading) {
	t := &reading{r: r}
	return row{
		record: r, id: cmp.Or(t.optional("id"), fmt.Sprint(r.row)), group: t.optional("group"), cluster: t.optional("cluster"),
		fields: map[string]any{
			"question": t.text("question"), "context": t.optional("context"), "group": nilIfEmpty(t.optional("group")),
		},
	}, t
}

func readChoice(f *file) ([]row, error) {
	return f.rows(func(r record) (row, string, error) {
		made, t := generic(r)
		choices, answer := t.choices(), t.text("answer")
		if t.err != nil {
			return row{}, "", t.err
		}
		if len(slices.Compact(slices.Sorted(slices.Values(choices)))) < len(choices) {
			return row{}, "two choices are equal", nil
		}
		options, err := optionsOf(r, choices)
		if err != nil {
			return row{}, "", err
		}
		var right string
		if r.has("labels") {
			right, err = labelledChoice(r, choices, answer)
		} else {
			right, err = rightChoice(r, choices, answer)
		}
		if err != nil {
			return row{}, "", err
		}
		made.fields["options"], made.fields["answer"] = options, right
		return made, "", nil
	})
}

// choices are those of the field choices, or of choice1, choice2 and so on.
func (t *reading) choices() []string {
	if t.r.has("choices") {
		return t.texts("choices")
	}
	var list []string
	for n := 1; t.r.has(fmt.Sprintf("choice%d", n)); n++ {
		list = append(list, t.text(fmt.Sprintf("choice%d", n)))
	}
	if len(list) == 0 {
		t.texts("choices") // it is missing: an error that says so
	}
	return list
}

// rightChoice finds the right choice by its text, its letter, or its place from
// 0. An answer that means two choices is an error.
func rightChoice(r record, choices []string, answer string) (string, error) {
	var found []int
	for i, c := range choices {
		letter := string(rune('A' + i))
		if c == answer || strconv.Itoa(i) == answer || strings.EqualFold(letter, answer) {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		return "", r.wrong("answer", "%.60q means %d of the choices: expected the text, the letter or the place from 0 of one", answer, len(found))
	}
	return choices[found[0]], nil
}

// labelledChoice finds the right choice by its label, where the file has a label
// for each, such as A to D, or 1 to 4.
func labelledChoice(r record, choices []string, answer string) (string, error) {
	labels, err := r.texts("labels")
	if err != nil {
		return "", err
	}
	i := slices.Index(labels, answer)
	if len(labels) != len(choices) || i < 0 || slices.Contains(labels[i+1:], answer) {
		return "", r.wrong("answer", "it is %.60q, of the labels %.200q for %d choices: expected one of them, and one label for each choice", answer, labels, len(choices))
	}
	return choices[i], nil
}

func readFreeText(f *file) ([]row, error) {
	return f.rows(func(r record) (row, string, error) {
		made, t := generic(r)
		var answers []string
		if text, ok := r.at("answers").(string); ok && !strings.HasPrefix(strings.TrimSpace(text), "[") {
			answers = []string{t.text("answers")}
		} else {
			answers = t.texts("answers")
		}
		if t.err != nil {
			return row{}, "", t.err
		}
		if len(answers) == 0 || slices.ContainsFunc(answers, func(a string) bool { return strings.TrimSpace(a) == "" }) {
			return row{}, "", r.wrong("answers", "one is blank, or there is none: expected at least one text")
		}
		made.fields["answers"] = answers
		return made, "", nil
	})
}

func readSurvey(f *file) ([]row, error) {
	return f.rows(func(r record) (row, string, error) {
		made, t := generic(r)
		texts, group := t.texts("options"), t.text("group")
		shares := t.numbers("distribution")
		if t.err != nil {
			return row{}, "", t.err
		}
		options, err := optionsOf(r, texts)
		if err != nil {
			return row{}, "", err
		}
		sum := 0.0
		for _, s := range shares {
			sum += s
		}
		if len(shares) != len(options) || slices.Min(shares) < 0 || math.Abs(sum-1) > 0.005 {
			return row{}, "", r.wrong("distribution", "it is %v: expected a share from 0 to 1 for each of the %d options, which sum to 1", shares, len(options))
		}
		made.cluster = cmp.Or(made.cluster, made.fields["question"].(string))
		made.fields["options"], made.fields["shares"], made.fields["group"] = options, shares, group
		return made, "", nil
	})
}

// numbers is a field that holds a list of finite numbers, as JSON or in a text.
func (t *reading) numbers(field string) []float64 {
	v, err := t.r.value(field)
	if text, ok := v.(string); ok {
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		if dec.Decode(&v) != nil {
			err = t.r.wrong(field, "it is %.60q: expected a list of numbers", text)
		}
	}
	list, ok := v.([]any)
	if err == nil && (!ok || len(list) == 0) {
		err = t.r.wrong(field, "it is %s: expected a list of numbers", kind(v))
	}
	var out []float64
	for _, item := range list {
		number, _ := item.(json.Number)
		x, wrong := number.Float64()
		if err == nil && (wrong != nil || math.IsInf(x, 0)) {
			err = t.r.wrong(field, "it holds %s: expected numbers", kind(item))
		}
		out = append(out, x)
	}
	return keep(t, out, err)
}
