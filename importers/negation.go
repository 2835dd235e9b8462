package importers

import (
	"fmt"
	"slices"
)

// ScoNe: She et al. 2023, arXiv:2305.19426. CondaQA: Ravichander et al. 2022,
// arXiv:2211.00295.
var (
	_ = register("scone", format{
		about:   "ScoNe, CSV with sentence1, sentence2 and gold_label, edited or not: negation in and out of scope",
		licence: "CC0-1.0",
		read:    readScoNe,
	})
	_ = register("condaqa", format{
		about:   "CondaQA, JSON lines: questions about a passage with a negation and its three edits",
		licence: "Apache-2.0",
		read:    readCondaQA,
	})
)

func readScoNe(f *file) ([]row, error) {
	kind := stem(f.name)
	return f.rows(func(r record) (row, string, error) {
		names := [3]string{"sentence1", "sentence2", "gold_label"}
		for i, n := range names {
			if _, ok := r.values[n+"_edited"]; ok {
				names[i] = n + "_edited"
			}
		}
		t := reading{r: r}
		first, second, label := t.text(names[0]), t.text(names[1]), t.oneOf(names[2], "entailment", "neutral")
		if t.err != nil {
			return row{}, "", t.err
		}
		return row{record: r, id: fmt.Sprint(r.row), group: label, cluster: t.optional("group_index"), fields: map[string]any{
			"kind": kind, "first": first, "second": second, "label": label,
		}}, "", nil
	})
}

// condaLabels are the answers that are no span of the passage.
var condaLabels = []string{"YES", "NO", "DON'T KNOW"}

// condaEdits are the passages of a question, by PassageEditID.
var condaEdits = []string{"original", "paraphrase", "scope", "affirmative"}

func readCondaQA(f *file) ([]row, error) {
	records, err := f.records()
	if err != nil {
		return nil, err
	}
	var rows []row
	edits := map[string][]string{} // that a question has, by cluster
	for _, r := range records {
		t := reading{r: r}
		passage, question, label := t.text("sentence1"), t.text("sentence2"), t.text("label")
		edit := t.whole("PassageEditID", 0, 3)
		cluster, id := t.text("PassageID")+"-"+t.text("QuestionID"), t.text("SampleID")
		if t.err != nil {
			return nil, t.err
		}
		want := map[string]any{"subspan_em": label}
		kind := "span"
		if slices.Contains(condaLabels, label) {
			kind = label
			want = map[string]any{"label_only": map[string]any{"labels": condaLabels, "is": label, "question": ""}}
		}
		if slices.Contains(edits[cluster], condaEdits[edit]) {
			return nil, r.wrong("PassageEditID", "passage %s has the edit %d twice: expected each once", cluster, edit)
		}
		edits[cluster] = append(edits[cluster], condaEdits[edit])
		rows = append(rows, row{record: r, id: id, group: condaEdits[edit], cluster: cluster, fields: map[string]any{
			"passage": passage, "question": question, "want": want, "label": kind, "edit": condaEdits[edit],
		}})
	}
	for _, r := range rows {
		markGroups(r, edits[r.cluster])
	}
	return rows, nil
}

// markGroups says in which groups of edits a row counts for consistency: only
// whole ones do.
func markGroups(r row, edits []string) {
	edit := r.fields["edit"].(string)
	r.fields["in_all"] = len(edits) == len(condaEdits)
	for _, other := range condaEdits[1:] {
		r.fields["in_"+other] = (edit == "original" || edit == other) && slices.Contains(edits, "original") && slices.Contains(edits, other)
	}
}
