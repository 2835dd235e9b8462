package importers

import (
	"fmt"
)

// MuSR: Sprague et al. 2024, arXiv:2310.16049.
var _ = register("musr", format{
	about:   "MuSR, one JSON document a domain: long stories with questions of a few choices",
	licence: "MIT",
	read:    readMuSR,
})

func readMuSR(f *file) ([]row, error) {
	doc, err := f.document()
	if err != nil {
		return nil, err
	}
	stories, err := record{f, 0, map[string]any{"stories": doc}}.records("stories")
	if err != nil {
		return nil, fmt.Errorf("the document is %s: expected a list of stories", kind(doc))
	}
	var rows []row
	for i, s := range stories {
		s.row = i + 1
		t := reading{r: s}
		context, questions := t.text("context"), t.records("questions")
		if t.err != nil {
			return nil, t.err
		}
		for k, q := range questions {
			f.read++
			c := reading{r: q}
			question, choices := c.text("question"), c.texts("choices")
			answer := c.whole("answer", 0, max(0, len(choices)-1))
			if c.err != nil {
				return nil, c.err
			}
			options, err := optionsOf(q, choices)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row{record: q, id: fmt.Sprintf("%d.%d", i+1, k+1), cluster: fmt.Sprint(i + 1), fields: map[string]any{
				"domain": stem(f.name), "context": context, "question": question, "options": options, "answer": choices[answer],
			}})
		}
	}
	return rows, nil
}

// optionsOf are choices as the options of a probe; at least two, all different.
func optionsOf(r record, choices []string) ([]map[string]string, error) {
	var options []map[string]string
	seen := map[string]bool{}
	for _, c := range choices {
		if seen[c] || c == "" || c == "any" {
			return nil, r.wrong("choices", "%.60q is empty, stands twice or is the word any: expected distinct texts", c)
		}
		seen[c] = true
		options = append(options, map[string]string{"is": c, "text": c})
	}
	if len(options) < 2 {
		return nil, r.wrong("choices", "there are %d: expected two or more", len(options))
	}
	return options, nil
}
