package importers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// CheckList: Ribeiro et al. 2020, arXiv:2005.04118.
var (
	_ = register("checklist", format{
		about:   "CheckList suites as JSON lines, the tests of type MFT: sentiment, qqp or squad",
		licence: "MIT",
		read:    func(f *file) ([]row, error) { return readCheckList(f, "MFT") },
	})
	_ = register("checklist-invariance", format{
		about:   "CheckList suites as JSON lines, the tests of type INV: the answer stays the same",
		licence: "MIT",
		read:    func(f *file) ([]row, error) { return readCheckList(f, "INV") },
	})
)

// sentiments are the labels of the suite sentiment, by number.
var sentiments = []string{"negative", "neutral", "positive"}

// readCheckList keeps the tests of one type, all of one suite.
func readCheckList(f *file, keep string) ([]row, error) {
	records, err := f.records()
	if err != nil {
		return nil, err
	}
	var rows []row
	first := ""
	f.read = 0 // examples are counted, not tests
	for _, r := range records {
		suite, err := r.oneOf("suite", "sentiment", "qqp", "squad")
		if err != nil {
			return nil, err
		}
		first = cmp.Or(first, suite)
		if suite != first || keep == "INV" && suite == "squad" {
			return nil, r.wrong("suite", "it is %q: expected one suite in a file, and for invariance one with options", suite)
		}
		made, err := f.checkListTest(r, suite, keep)
		if err != nil {
			return nil, err
		}
		rows = append(rows, made...)
	}
	f.definition = checkListDefinition(first, keep)
	return rows, nil
}

// checkListTest gives the rows of one test. Its examples hold one or more texts,
// which are one row each: those of an example are one cluster.
func (f *file) checkListTest(r record, suite, keep string) ([]row, error) {
	t := reading{r: r}
	name, kind, examples := t.text("name"), t.oneOf("type", "MFT", "INV", "DIR"), t.records("examples")
	if t.err != nil {
		return nil, t.err
	}
	f.read += len(examples)
	var rows []row
	for i, e := range examples {
		made, unlabelled, err := checkListExample(e, suite)
		switch {
		case kind != keep:
			f.drop(fmt.Sprintf("of tests of type %s, where %s are asked", kind, keep))
			continue
		case err != nil:
			return nil, fmt.Errorf("example %d: %w", i+1, err)
		case keep == "MFT" && unlabelled:
			f.drop("examples without a label: what is expected stands in code, not in the file")
			continue
		case keep == "INV" && len(made) < 2:
			f.drop("examples of one text, where the same is asked of several")
			continue
		}
		id := fmt.Sprintf("%d.%d", r.row, i+1)
		for k, m := range made {
			m.id, m.group, m.cluster = fmt.Sprintf("%s.%d", id, k+1), name, id
			m.fields["test"], m.fields["capability"] = name, r.values["capability"]
			if keep == "INV" {
				m.bundle = id
			}
			rows = append(rows, m)
		}
	}
	return rows, nil
}

func checkListDefinition(suite, keep string) string {
	switch {
	case keep == "INV":
		return "checklist-invariance"
	case suite == "squad":
		return "checklist-text"
	}
	return "checklist"
}

// checkListExample gives a row for each text of an example, and whether the
// example has no label. The data are a text, a pair of texts, or a list of either;
// so is the label.
func checkListExample(e record, suite string) (rows []row, unlabelled bool, err error) {
	items, err := e.textGroups("data", suite != "sentiment")
	if err != nil {
		return nil, false, err
	}
	labels, isList := e.values["label"].([]any)
	if isList && len(labels) != len(items) {
		return nil, false, e.wrong("label", "there are %d for %d texts: expected one for each", len(labels), len(items))
	}
	for i, texts := range items {
		label := e.values["label"]
		if isList {
			label = labels[i]
		}
		fields := map[string]any{"texts": texts, "suite": suite}
		options, answer, err := checkListAnswer(e, suite, label)
		if err != nil {
			return nil, false, err
		}
		if answer == "" && e.values["label"] == nil {
			unlabelled = true
		} else if answer == "" {
			return nil, false, e.wrong("label", "it is %v: expected one that the suite %s knows", label, suite)
		}
		fields["options"], fields["answer"] = options, nilIfEmpty(answer)
		fields["question"] = checkListQuestion(suite, texts)
		rows = append(rows, row{record: e, fields: fields})
	}
	return rows, unlabelled, nil
}

func checkListQuestion(suite string, texts []string) string {
	switch suite {
	case "sentiment":
		return texts[0] + "\nIs the sentiment of this text negative, neutral or positive? Answer with that word alone."
	case "qqp":
		return "1. " + texts[0] + "\n2. " + texts[1] + "\nDo these two questions ask the same? Answer with yes or no alone."
	}
	return texts[0] + "\n" + texts[1] + "\nAnswer in a few words."
}

// checkListAnswer is the answer that a label means, among its options; empty for
// a label that means none.
func checkListAnswer(e record, suite string, label any) (options []string, answer string, err error) {
	switch suite {
	case "sentiment":
		options = sentiments
	case "qqp":
		options = []string{"no", "yes"}
	default:
		text, _ := label.(string)
		return nil, strings.TrimSpace(text), nil
	}
	number, ok := label.(json.Number)
	if !ok {
		return options, "", nil
	}
	n, err := number.Int64()
	if err != nil || n < 0 || int(n) >= len(options) {
		return options, "", nil
	}
	return options, options[n], nil
}

// textGroups is a field that holds a text or, where pairs is set, a pair of texts; or
// a list of them.
func (r record) textGroups(field string, pairs bool) ([][]string, error) {
	v, err := r.value(field)
	if err != nil {
		return nil, err
	}
	size := 1
	if pairs {
		size = 2
	}
	if one, ok := textsOf(v, size); ok {
		return [][]string{one}, nil
	}
	list, _ := v.([]any)
	var all [][]string
	for _, item := range list {
		one, ok := textsOf(item, size)
		if !ok {
			return nil, r.wrong(field, "it holds %s: expected %d texts", kind(item), size)
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, r.wrong(field, "it is %s: expected texts", kind(v))
	}
	return all, nil
}

// textsOf reads one text, or a list of exactly so many.
func textsOf(v any, size int) ([]string, bool) {
	if text, ok := v.(string); ok && size == 1 {
		return []string{text}, true
	}
	list, ok := v.([]any)
	if !ok || len(list) != size || size == 1 {
		return nil, false
	}
	var out []string
	for _, item := range list {
		text, ok := item.(string)
		if !ok {
			return nil, false
		}
		out = append(out, text)
	}
	return out, true
}
