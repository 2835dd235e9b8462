package importers

import (
	"errors"
	"regexp"
)

// XCOPA: Ponti et al. 2020, arXiv:2005.00333.
var _ = register("xcopa", format{
	about:    "XCOPA, JSON lines or Parquet named by language (test.qu.jsonl, qu/test-00000-of-00001.parquet); several files give the gaps between languages",
	licence:  "CC-BY-4.0",
	read:     readXCOPA,
	parallel: true,
})

var (
	xcopaName   = regexp.MustCompile(`(?:^|[._-])([a-z]{2,3})$`)
	xcopaFolder = regexp.MustCompile(`^([a-z]{2,3})$`)
)

func readXCOPA(f *file) ([]row, error) {
	found := xcopaName.FindStringSubmatch(stem(f.name))
	if found == nil {
		found = xcopaFolder.FindStringSubmatch(folder(f.name))
	}
	if found == nil {
		return nil, errors.New("neither the name nor the folder tells the language: expected one such as test.qu.jsonl or qu/test-00000-of-00001.parquet")
	}
	return f.rows(func(r record) (row, string, error) {
		t := reading{r: r}
		id, premise, question := t.text("idx"), t.text("premise"), t.oneOf("question", "cause", "effect")
		choices := []string{t.text("choice1"), t.text("choice2")}
		label := t.whole("label", 0, 1)
		if t.err != nil {
			return row{}, "", t.err
		}
		if choices[0] == choices[1] {
			return row{}, "both choices are equal", nil
		}
		return row{record: r, id: id, group: question, cluster: id, fields: map[string]any{
			"language": found[1], "premise": premise, "question": question, "choices": choices, "label": label,
		}}, "", nil
	})
}
