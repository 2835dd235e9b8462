package importers

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
)

// XCOPA: Ponti et al. 2020, arXiv:2005.00333.
var _ = register("xcopa", format{
	about:    "XCOPA, JSON lines named by language (test.qu.jsonl); several files give the gaps between languages",
	licence:  "CC-BY-4.0",
	read:     readXCOPA,
	parallel: true,
})

var xcopaName = regexp.MustCompile(`(?:^|[._-])([a-z]{2,3})$`)

func readXCOPA(f *file) ([]row, error) {
	found := xcopaName.FindStringSubmatch(strings.TrimSuffix(filepath.Base(filepath.ToSlash(f.name)), ".jsonl"))
	if found == nil {
		return nil, errors.New("the name tells no language: expected one such as test.qu.jsonl")
	}
	records, err := f.records()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, r := range records {
		t := reading{r: r}
		id, premise, question := t.text("idx"), t.text("premise"), t.oneOf("question", "cause", "effect")
		choices := []string{t.text("choice1"), t.text("choice2")}
		label := t.whole("label", 0, 1)
		if t.err != nil {
			return nil, t.err
		}
		if choices[0] == choices[1] {
			f.drop("both choices are equal")
			continue
		}
		rows = append(rows, row{record: r, id: id, group: question, cluster: id, fields: map[string]any{
			"language": found[1], "premise": premise, "question": question, "choices": choices, "label": label,
		}})
	}
	return rows, nil
}
