package importers

import (
	"errors"
	"math/bits"
	"regexp"
	"strings"
)

// RULER: Hsieh et al. 2024, arXiv:2404.06654.
var _ = register("ruler", format{
	about:   "RULER, prepared JSON lines named by task (niah_single_1.jsonl, or validation.jsonl in a folder of that name)",
	licence: "Apache-2.0",
	read:    readRULER,
})

var rulerName = regexp.MustCompile(`niah_single_[123]|niah_multikey_[123]|niah_multivalue|niah_multiquery|(?:^|[^a-z])(?:vt|cwe|fwe|qa_[12])(?:[^a-z0-9]|$)`)

// rulerTokens are the lengths of answers that RULER allows, by kind of task.
var rulerTokens = map[string]int{"niah": 128, "vt": 30, "cwe": 120, "fwe": 50, "qa": 32}

func readRULER(f *file) ([]row, error) {
	task, err := rulerTask(f.name)
	if err != nil {
		return nil, err
	}
	kind, _, _ := strings.Cut(task, "_")
	if kind == "qa" {
		f.definition = "ruler-qa"
	}
	return f.rows(func(r record) (row, string, error) {
		t := reading{r: r}
		index, input, outputs, length := t.text("index"), t.text("input"), t.texts("outputs"), t.whole("length", 1, 1<<30)
		prefix := ""
		if r.has("answer_prefix") {
			prefix = t.text("answer_prefix")
		}
		if t.err != nil {
			return row{}, "", t.err
		}
		if len(outputs) == 0 {
			return row{}, "", r.wrong("outputs", "it is empty: expected at least one text")
		}
		return row{record: r, id: index, fields: map[string]any{
			"task": task, "length": nominal(length), "input": input, "prefix": prefix, "outputs": outputs, "max_tokens": rulerTokens[kind],
		}}, "", nil
	})
}

// nominal is the length that a prompt was prepared for: the next power of two.
func nominal(length int) int { return 1 << bits.Len(uint(length-1)) }

// rulerTask reads the task from the name of the file or of its folder.
func rulerTask(name string) (string, error) {
	for _, part := range []string{stem(name), folder(name)} {
		if found := rulerName.FindString(strings.ToLower(part)); found != "" {
			return strings.Trim(found, "-. "), nil
		}
	}
	return "", errors.New("neither the name nor the folder tells the task: expected one such as niah_single_1.jsonl or cwe/validation.jsonl")
}
