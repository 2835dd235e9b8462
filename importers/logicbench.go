package importers

import (
	"fmt"
	"slices"
	"strings"
)

// LogicBench: Parmar et al. 2024, arXiv:2404.15522.
var _ = register("logicbench", format{
	about:   "LogicBench, one JSON document a rule: questions by yes and no (BQA) or of four choices (MCQA)",
	licence: "MIT",
	read:    readLogicBench,
})

func readLogicBench(f *file) ([]row, error) {
	doc, err := f.object()
	if err != nil {
		return nil, err
	}
	t := reading{r: doc}
	logic, rule, samples := t.text("type"), t.text("axiom"), t.records("samples")
	if t.err != nil {
		return nil, t.err
	}
	if len(samples) > 0 && samples[0].has("choices") {
		f.definition = "logicbench-choice"
	}
	var rows []row
	for i, s := range samples {
		s.row = i + 1
		made, err := logicRows(s, f.definition != "")
		if err != nil {
			return nil, err
		}
		for _, m := range made {
			f.read++
			m.fields["logic"], m.fields["rule"] = logic, rule
			rows = append(rows, m)
		}
	}
	return rows, nil
}

func logicRows(s record, choices bool) ([]row, error) {
	t := reading{r: s}
	id, context := t.text("id"), t.text("context")
	if t.err != nil {
		return nil, t.err
	}
	if choices {
		return logicChoice(s, id, context)
	}
	pairs, err := s.records("qa_pairs")
	if err != nil {
		return nil, err
	}
	var rows []row
	for i, p := range pairs {
		p.row = s.row
		question, err := p.text("question")
		if err != nil {
			return nil, err
		}
		answer, err := p.text("answer")
		if err != nil {
			return nil, err
		}
		if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "yes" && answer != "no" {
			return nil, p.wrong("answer", "it is %.60q: expected yes or no", answer)
		}
		rows = append(rows, row{record: p, id: fmt.Sprintf("%s.%d", id, i+1), group: answer, cluster: id, fields: map[string]any{
			"context": context, "question": question, "answer": answer,
		}})
	}
	return rows, nil
}

func logicChoice(s record, id, context string) ([]row, error) {
	t := reading{r: s}
	question, choices, answer := t.text("question"), t.object("choices"), t.text("answer")
	if t.err != nil {
		return nil, t.err
	}
	c := reading{r: choices}
	names := []string{"choice_1", "choice_2", "choice_3", "choice_4"}
	var texts []string
	for _, name := range names {
		texts = append(texts, c.text(name))
	}
	if c.err != nil {
		return nil, c.err
	}
	if !slices.Contains(names, answer) {
		return nil, s.wrong("answer", "it is %.60q: expected one of %s", answer, strings.Join(names, ", "))
	}
	return []row{{record: s, id: id, group: answer, fields: map[string]any{
		"context": context, "question": question, "names": names, "choices": texts, "answer": answer,
	}}}, nil
}
