package importers

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// BIG-Bench Hard: Suzgun et al. 2022, arXiv:2210.09261.
var _ = register("bbh", format{
	about:   "BIG-Bench Hard, one JSON document a task with its canary",
	licence: "MIT",
	read:    readBBH,
})

var bbhOption = regexp.MustCompile(`(?m)^(?:\(([A-Z])\)|-) (.+?) *$`)

// bbhWords are the answers of tasks that list no options.
var bbhWords = [][]string{{"True", "False"}, {"Yes", "No"}, {"yes", "no"}, {"valid", "invalid"}, {"plausible", "implausible"}}

func readBBH(f *file) ([]row, error) {
	doc, err := f.object()
	if err != nil {
		return nil, err
	}
	if canary, err := doc.text("canary"); err != nil || !strings.Contains(canary, "canary GUID") {
		return nil, errors.New(`the canary is gone: expected "canary" with its GUID, which keeps the file out of training data`)
	}
	examples, err := doc.records("examples")
	if err != nil {
		return nil, err
	}
	var rows []row
	for i, r := range examples {
		r.row = i + 1
		f.read++
		made, why, err := bbhRow(r, stem(f.name))
		if err != nil {
			return nil, err
		}
		if why != "" {
			f.drop(why)
			continue
		}
		rows = append(rows, made)
	}
	if !allOf(rows, "options") { // some answers are free: all are read as such
		f.definition = "bbh-text"
	}
	return rows, nil
}

func bbhRow(r record, task string) (made row, why string, err error) {
	t := reading{r: r}
	input, target := t.text("input"), t.text("target")
	if t.err != nil {
		return row{}, "", t.err
	}
	options, right := bbhOptions(input, target)
	if options != nil && right == "" {
		return row{}, "", r.wrong("target", "it is %.60q: expected one of the options of the input", target)
	}
	for i, o := range options {
		if slices.ContainsFunc(options[:i], func(p map[string]string) bool { return p["text"] == o["text"] }) {
			return row{}, "two options are equal", nil
		}
	}
	fields := map[string]any{"task": task, "input": input, "target": target, "right": right}
	if options != nil {
		fields["options"] = options
	}
	return row{record: r, id: fmt.Sprint(r.row), group: target, fields: fields}, "", nil
}

// bbhOptions are the options of an input with the name of the right one; nil for
// a free answer.
func bbhOptions(input, target string) (options []map[string]string, right string) {
	_, listed, _ := strings.Cut(input, "Options:\n")
	for i, found := range bbhOption.FindAllStringSubmatch(listed, -1) {
		name := found[1]
		if name == "" {
			name = found[2]
		} else if name != string(rune('A'+i)) {
			return nil, "" // not a list of options in order
		}
		options = append(options, map[string]string{"is": name, "text": found[2]})
		if target == "("+name+")" || target == found[2] {
			right = name
		}
	}
	if len(options) > 1 {
		return options, right
	}
	for _, words := range bbhWords {
		if slices.Contains(words, target) {
			return []map[string]string{{"is": words[0], "text": words[0]}, {"is": words[1], "text": words[1]}}, target
		}
	}
	return nil, ""
}

// allOf tells whether every row has a field.
func allOf(rows []row, field string) bool {
	return !slices.ContainsFunc(rows, func(r row) bool { return r.fields[field] == nil })
}
