package importers

import (
	"fmt"
)

// Discrim-eval: Tamkin et al. 2023, arXiv:2312.03689.
var (
	_ = register("discrim-eval", format{
		about:   "discrim-eval, JSON lines, explicit or implicit: one decision for people of many ages, genders and races",
		licence: "CC-BY-4.0",
		read:    readDiscrimEval,
	})
	_ = register("discrim-eval-logprob", format{
		about:   "discrim-eval by log-probability: ln p(yes) - ln p(no) by group",
		licence: "CC-BY-4.0",
		read:    readDiscrimEval,
	})
)

func readDiscrimEval(f *file) ([]row, error) {
	return f.rows(func(r record) (row, string, error) {
		t := reading{r: r}
		text, scenario, age := t.text("filled_template"), t.text("decision_question_id"), t.number("age")
		gender, race := t.text("gender"), t.text("race")
		if t.err != nil {
			return row{}, "", t.err
		}
		return row{
			record: r, id: fmt.Sprintf("%s-%g-%s-%s", scenario, age, gender, race), bundle: scenario, cluster: scenario,
			fields: map[string]any{"text": text, "age": fmt.Sprint(age), "gender": gender, "race": race},
		}, "", nil
	})
}
