package importers

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// PopQA: Mallen et al. 2023, arXiv:2212.10511.
var _ = register("popqa", format{
	about:   "PopQA and other questions on entities, TSV with question, possible_answers and s_pop (map them by `fields`)",
	licence: "MIT",
	read:    readPopQA,
})

func readPopQA(f *file) ([]row, error) {
	records, err := f.records()
	if err != nil {
		return nil, err
	}
	var rows []row
	var popularity []float64
	for _, r := range records {
		t := reading{r: r}
		id, relation := t.optional("id"), t.optional("prop")
		question, answers, views := t.text("question"), t.texts("possible_answers"), t.number("s_pop")
		if t.err != nil {
			return nil, t.err
		}
		if len(answers) == 0 {
			return nil, r.wrong("possible_answers", "it is empty: expected at least one")
		}
		if views <= 0 {
			f.drop("no popularity above 0")
			continue
		}
		rows = append(rows, row{record: r, id: cmp.Or(id, fmt.Sprint(r.row)), group: relation, fields: map[string]any{
			"question": question, "answers": answers, "relation": nilIfEmpty(relation), "log_popularity": math.Log10(views),
		}})
		popularity = append(popularity, views)
	}
	for i, d := range deciles(popularity) {
		rows[i].fields["decile"] = d
	}
	return rows, nil
}

// deciles ranks values from 1, the lowest tenth, to 10. Equal values share one.
func deciles(values []float64) []int {
	sorted := slices.Sorted(slices.Values(values))
	out := make([]int, len(values))
	for i, v := range values {
		below, _ := slices.BinarySearch(sorted, v)
		out[i] = 1 + 10*below/len(values)
	}
	return out
}
