package importers

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// BABILong: Kuratov et al. 2024, arXiv:2406.10149.
var _ = register("babilong", format{
	about:   "BABILong, CSV, JSON lines or Parquet named by task (qa1_4k.csv, 4k/qa1-00000-of-00001.parquet): facts among long texts",
	licence: "Apache-2.0",
	read:    readBABILong,
})

// babilongLabels are the answers that each task knows.
var babilongLabels = map[string][]string{
	"qa1": places, "qa2": places, "qa3": places, "qa4": places, "qa11": places, "qa12": places, "qa13": places,
	"qa5": {"Bill", "Fred", "Jeff", "Mary", "apple", "football", "milk"},
	"qa6": {"no", "yes"}, "qa9": {"no", "yes"}, "qa10": {"maybe", "no", "yes"},
	"qa7": {"none", "one", "two", "three"},
	"qa8": {"apple", "football", "milk", "nothing"},
}

var places = []string{"bathroom", "bedroom", "garden", "hallway", "kitchen", "office"}

var (
	babilongName   = regexp.MustCompile(`(?i)(qa1[0-3]|qa[1-9])(?:_([0-9]+)k)?`)
	babilongFolder = regexp.MustCompile(`^([0-9]+)k$`)
)

func readBABILong(f *file) ([]row, error) {
	task, length, err := babilongTask(f.name)
	if err != nil {
		return nil, err
	}
	return f.rows(func(r record) (row, string, error) {
		t := reading{r: r}
		target, question := t.text("target"), t.text("question")
		input := ""
		if r.has("input") { // recorded outputs leave the long text out
			input = t.text("input")
		}
		if t.err != nil {
			return row{}, "", t.err
		}
		return row{record: r, id: fmt.Sprint(r.row), fields: map[string]any{
			"task": task, "length": length, "tokens": tokens(length), "input": input, "question": question,
			"labels": babilongLabels[task], "target": strings.Split(target, ","),
		}}, "", nil
	})
}

// tokens is the length of a context in tokens; nil for a task without added text.
func tokens(thousands string) any {
	n, err := strconv.Atoi(thousands)
	if err != nil || n == 0 {
		return nil
	}
	return 1024 * n
}

// babilongTask reads task and length, in thousands of tokens, from the name; the
// length may be that of the folder.
func babilongTask(name string) (task, length string, err error) {
	found := babilongName.FindStringSubmatch(filepath.Base(name))
	if found == nil {
		return "", "", errors.New("the name tells no task: expected one such as qa1_4k.csv")
	}
	task, length = strings.ToLower(found[1]), found[2]
	if in := babilongFolder.FindStringSubmatch(folder(name)); length == "" && in != nil {
		length = in[1]
	}
	return task, length, nil
}
