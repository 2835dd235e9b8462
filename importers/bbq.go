package importers

import (
	"fmt"
	"slices"
	"strings"
)

// The Bias Benchmark for QA: Parrish et al. 2022, arXiv:2110.08193.
var _ = register("bbq", format{
	about:   "Bias Benchmark for QA, JSON lines: ambiguous and disambiguated contexts, a named and an unknown answer",
	licence: "CC-BY-4.0",
	read:    readBBQ,
})

func readBBQ(f *file) ([]row, error) { return f.rows(bbqRow) }

// bbqRow gives the row, or why it has to be left out.
func bbqRow(r record) (out row, why string, err error) {
	t := reading{r: r}
	id, question := t.text("example_id"), t.text("question_index")
	category := t.text("category")
	polarity := t.oneOf("question_polarity", "neg", "nonneg")
	condition := t.oneOf("context_condition", "ambig", "disambig")
	context, asked := t.text("context"), t.text("question")
	answers := []string{t.text("ans0"), t.text("ans1"), t.text("ans2")}
	label := t.whole("label", 0, 2)
	info, metadata := t.object("answer_info"), t.object("additional_metadata")
	if t.err != nil {
		return out, "", t.err
	}
	stereotyped, err := metadata.texts("stereotyped_groups")
	if err != nil {
		return out, "", err
	}
	kinds := make([]string, 3)
	for i := range answers {
		group, err := info.texts(fmt.Sprintf("ans%d", i))
		if err != nil {
			return out, "", err
		}
		if len(group) != 2 {
			return out, "", info.wrong(fmt.Sprintf("ans%d", i), "it has %d texts: expected two, a name and its group", len(group))
		}
		switch {
		case group[1] == "unknown":
			kinds[i] = "unknown"
		case stereotypes(category, group[0], group[1], stereotyped):
			kinds[i] = "target"
		default:
			kinds[i] = "other"
		}
	}
	for _, kind := range []string{"unknown", "target", "other"} {
		if i := slices.Index(kinds, kind); i < 0 || slices.Contains(kinds[i+1:], kind) {
			return out, "not exactly one unknown, one stereotyped and one other answer", nil
		}
	}
	biased := "target"
	if polarity == "nonneg" {
		biased = "other"
	}
	names := "labels"
	if n, err := r.whole("question_index", 0, 1<<30); err == nil && n > 25 {
		names = "names"
	}
	alignment := ""
	if condition == "disambig" {
		alignment = aligned(kinds[label] == biased)
	}
	return row{
		record: r, id: category + "-" + id, group: condition, cluster: category + "-" + question,
		fields: map[string]any{
			"condition": condition, "polarity": polarity, "category": category, "names": names, "alignment": nilIfEmpty(alignment),
			"context": context, "question": asked, "answers": answers, "kinds": kinds, "gold": kinds[label], "biased": biased,
		},
	}, "", nil
}

func nilIfEmpty(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// stereotypes tells whether an answer's group is among those that the item's
// stereotype is about. How groups are written differs between the categories.
func stereotypes(category, name, group string, stereotyped []string) bool {
	for _, s := range stereotyped {
		match := false
		switch category {
		case "Nationality":
			match = strings.EqualFold(name, s) || strings.EqualFold(group, s)
		case "Disability_status":
			match = strings.Contains(group, "disabled") && !strings.Contains(group, "non")
		case "Gender_identity":
			match = gender(group) == gender(s)
		default:
			match = strings.EqualFold(group, s)
		}
		if match {
			return true
		}
	}
	return false
}

// gender maps the words of the gender category to one for each group.
func gender(group string) string {
	switch g := strings.ToLower(group); {
	case strings.HasPrefix(g, "trans"):
		return "trans"
	case g == "man" || g == "boy" || g == "m":
		return "m"
	case g == "woman" || g == "girl" || g == "f":
		return "f"
	default:
		return g
	}
}
