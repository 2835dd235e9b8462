// Package exporters writes probes for other tools.
//
// It is opinionated. A probe is written where the other tool asks and scores it
// as Gambit does; else it is refused with the reason, and never approximated.
package exporters

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
	"gopkg.in/yaml.v3"
)

// Task is a probe as a task of lm-evaluation-harness: a YAML file, and the cases
// that it reads from beside itself.
type Task struct {
	Name string // of the task, and of both files without their endings
	YAML []byte
	Docs []byte // JSON lines
}

// lmTask is the task's YAML.
type lmTask struct {
	Task       string         `yaml:"task"`
	Path       string         `yaml:"dataset_path"`
	Arguments  map[string]any `yaml:"dataset_kwargs"`
	Split      string         `yaml:"test_split"`
	Output     string         `yaml:"output_type"`
	Text       string         `yaml:"doc_to_text"`
	Choice     string         `yaml:"doc_to_choice,omitempty"`
	Target     string         `yaml:"doc_to_target"`
	Delimiter  string         `yaml:"target_delimiter"`
	Generation map[string]any `yaml:"generation_kwargs,omitempty"`
	Metrics    []lmMetric     `yaml:"metric_list"`
	Metadata   map[string]any `yaml:"metadata"`
}

type lmMetric struct {
	Metric      string   `yaml:"metric"`
	Aggregation string   `yaml:"aggregation"`
	Higher      bool     `yaml:"higher_is_better"`
	IgnoreCase  bool     `yaml:"ignore_case,omitempty"`
	Ignore      []string `yaml:"regexes_to_ignore,omitempty"`
}

// lmDoc is one case.
type lmDoc struct {
	ID       string   `json:"id"`
	Question string   `json:"question"`
	Choices  []string `json:"choices,omitempty"`
	Label    *int     `json:"label,omitempty"`
	Answer   string   `json:"answer,omitempty"`
	Groups   []string `json:"groups,omitempty"`
}

// LMEval writes a probe as a task of lm-evaluation-harness. Two kinds of probe can
// be said there: options by log-probability of which one is right (its accuracy is
// the pass rate, but for ties), and one written answer that must be equal apart
// from case, white space around it and a final period.
func LMEval(p *probes.Probe) (Task, error) {
	if p.Relation != "" && p.Relation != "paired" {
		return Task{}, fmt.Errorf("%s: its bundles are judged as one (%s), and tasks judge each case", p.ID, p.Relation)
	}
	name := "gambit_" + strings.ReplaceAll(p.ID, ".", "_")
	t := lmTask{
		Task: name, Path: "json", Arguments: map[string]any{"data_files": map[string]string{"test": name + ".jsonl"}}, Split: "test",
		Text: "question", Metadata: map[string]any{"version": p.Version},
	}
	if len(p.Cases()) > 0 && p.Cases()[0].OptionLogprob {
		t.Output, t.Choice, t.Target = "multiple_choice", "choices", "label"
		t.Metrics = []lmMetric{{Metric: "acc", Aggregation: "mean", Higher: true}}
	} else if len(p.Cases()) > 0 {
		t.Output, t.Target = "generate_until", "answer"
		t.Generation = map[string]any{"do_sample": false, "max_gen_toks": p.Cases()[0].Sampling.MaxTokens, "until": slices.Clone(p.Cases()[0].Sampling.Stop)}
		t.Metrics = []lmMetric{{Metric: "exact_match", Aggregation: "mean", Higher: true, IgnoreCase: true, Ignore: []string{`^\s+`, `\.?\s*$`}}}
	}
	var docs bytes.Buffer
	enc := json.NewEncoder(&docs)
	enc.SetEscapeHTML(false)
	for _, c := range p.Cases() {
		d, err := docOf(c, p.Cases()[0])
		if err != nil {
			return Task{}, fmt.Errorf("%s: %w", c.ID, err)
		}
		if err := enc.Encode(d); err != nil {
			return Task{}, err
		}
	}
	text, err := yaml.Marshal(t)
	return Task{name, text, docs.Bytes()}, err
}

// docOf is a case as a document. All cases of a task are asked like the first.
func docOf(c, first *probes.Case) (lmDoc, error) {
	switch {
	case len(c.Steps) != 1:
		return lmDoc{}, errors.New("it is a conversation of several turns, and a task asks once")
	case c.System() != "":
		return lmDoc{}, errors.New("it has a system message, which a task does not")
	case c.Samples > 1 || c.Sampling.Temperature != 0:
		return lmDoc{}, errors.New("it is sampled, and the task would be greedy")
	case c.Sampling.JSON:
		return lmDoc{}, errors.New("it is asked in JSON mode, which a task has not")
	case c.OptionLogprob != first.OptionLogprob:
		return lmDoc{}, errors.New("some cases offer options by log-probability and others do not")
	case !c.OptionLogprob && (c.Sampling.MaxTokens != first.Sampling.MaxTokens || !slices.Equal(c.Sampling.Stop, first.Sampling.Stop)):
		return lmDoc{}, errors.New("the cases differ in the length of answers or in what stops them")
	}
	d := lmDoc{ID: c.ID, Question: c.Steps[0].User(), Groups: c.Groups}
	var want map[string]any
	if err := json.Unmarshal([]byte(c.Want), &want); err != nil || len(want) != 1 {
		return lmDoc{}, fmt.Errorf("several things are wanted (%.100s), and a task wants one", c.Want)
	}
	if !c.OptionLogprob {
		answer, ok := want["equals"].(string)
		if !ok {
			return lmDoc{}, fmt.Errorf("its scorer (%.100s) is none of a task's: only equals is", c.Want)
		}
		d.Answer = answer
		return d, nil
	}
	right, ok := want["choice"].(string)
	label := slices.IndexFunc(c.Options, func(o scorers.Option) bool { return o.Is == right })
	if !ok || label < 0 {
		return lmDoc{}, fmt.Errorf("not exactly one option is right (%.100s), and a task has one", c.Want)
	}
	d.Label = &label
	for _, o := range c.Options {
		d.Choices = append(d.Choices, o.Text)
	}
	return d, nil
}
