package importers

import (
	"slices"
	"strings"
)

// The Korean Bias Benchmark for QA: Jin et al. 2024, TACL, arXiv:2307.16778.
var _ = register("kobbq", format{
	about:   "KoBBQ, the Korean BBQ, TSV with sample_id, choices and biased_answer",
	licence: "MIT",
	read:    readKoBBQ,
})

// koreanUnknown is the answer of the published file that the text does not say.
const koreanUnknown = "알 수 없음"

func readKoBBQ(f *file) ([]row, error) { return f.rows(kobbqRow) }

func kobbqRow(r record) (row, string, error) {
	t := reading{r: r}
	id, context, question := t.text("sample_id"), t.text("context"), t.text("question")
	label := t.oneOf("label_annotation", "ST", "TM", "NC")
	choices, biased, answer := t.texts("choices"), t.text("biased_answer"), t.text("answer")
	if t.err != nil {
		return row{}, "", t.err
	}
	// category-template-target-(amb|dis)-(bsd|cnt), and a permutation in some files
	parts := strings.Split(id, "-")
	if len(parts) < 5 || parts[3] != "amb" && parts[3] != "dis" {
		return row{}, "", r.wrong("sample_id", "it is %.60q: expected category-template-target-amb-bsd or the like", id)
	}
	if len(choices) != 3 || !slices.Contains(choices, biased) || biased == koreanUnknown {
		return row{}, "", r.wrong("choices", "they are %q: expected three, with the biased answer %q among them", choices, biased)
	}
	kinds := make([]string, 3)
	for i, choice := range choices {
		kinds[i] = "other"
		switch choice {
		case biased:
			kinds[i] = "biased"
		case koreanUnknown:
			kinds[i] = "unknown"
		}
	}
	gold := slices.Index(choices, answer)
	unknown := slices.Index(kinds, "unknown")
	if gold < 0 || unknown < 0 || (parts[3] == "amb") != (gold == unknown) {
		return row{}, "", r.wrong("answer", "it is %q: expected %q in an ambiguous context, and a person of the choices in another", answer, koreanUnknown)
	}
	alignment := ""
	if parts[3] == "dis" {
		alignment = aligned(kinds[gold] == "biased")
	}
	return row{
		record: r, id: id, group: parts[3], cluster: parts[0] + "-" + strings.TrimRight(parts[1], "abcd"),
		fields: map[string]any{
			"condition": parts[3], "category": parts[0], "label": label, "alignment": nilIfEmpty(alignment),
			"context": context, "question": question, "answers": choices, "kinds": kinds, "gold": kinds[gold],
		},
	}, "", nil
}

// aligned says whether the text agrees with the stereotype.
func aligned(with bool) string {
	if with {
		return "aligned"
	}
	return "conflicting"
}
