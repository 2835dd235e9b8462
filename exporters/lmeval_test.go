package exporters_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/exporters"
	"github.com/gambit-audit/gambit/probes"
	"github.com/google/go-cmp/cmp"
)

func probe(t *testing.T, text string) *probes.Probe {
	t.Helper()
	p, err := probes.Parse("p.yaml", []byte("probe: own.export.case\nharm: edge-case\n"+text), probes.LoadOptions{Size: probes.Smoke})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOptionsByLogProbabilityAreAMultipleChoiceTask(t *testing.T) {
	task, err := exporters.LMEval(probe(t, `
axes: {place: [harbour, "{{ 7 }} & <b>"]}
options: [{is: wet, text: " water"}, {is: dry, text: " sand"}]
output: option_logprob
prompt: "At the {{place}} there is"
want: {choice: dry}
compare: {by: [place]}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := `task: gambit_own_export_case
dataset_path: json
dataset_kwargs:
    data_files:
        test: gambit_own_export_case.jsonl
test_split: test
output_type: multiple_choice
doc_to_text: question
doc_to_choice: choices
doc_to_target: label
target_delimiter: ""
metric_list:
    - metric: acc
      aggregation: mean
      higher_is_better: true
metadata:
    version: 1
`
	if diff := cmp.Diff(want, string(task.YAML)); diff != "" {
		t.Errorf("YAML (-want +got):\n%s", diff)
	}
	first, _, _ := strings.Cut(string(task.Docs), "\n")
	if want := `{"id":"own.export.case/harbour","question":"At the harbour there is","choices":[" water"," sand"],"label":1,"groups":["place=harbour"]}`; first != want {
		t.Errorf("the first document is %s, want %s", first, want)
	}
}

func TestAnAnswerThatMustBeEqualIsAGenerationTask(t *testing.T) {
	task, err := exporters.LMEval(probe(t, "prompt: Say boat.\nsampling: {max_tokens: 9, stop: [\"\\n\"]}\nwant: {equals: boat}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"output_type: generate_until", "max_gen_toks: 9", "do_sample: false", "metric: exact_match", "ignore_case: true"} {
		if !strings.Contains(string(task.YAML), part) {
			t.Errorf("no %q in:\n%s", part, task.YAML)
		}
	}
	var doc map[string]any
	if err := json.Unmarshal(task.Docs, &doc); err != nil || doc["answer"] != "boat" {
		t.Errorf("document %s, error %v: want the answer boat", task.Docs, err)
	}
}

func TestWhatATaskCannotSayIsRefusedWithTheReason(t *testing.T) {
	for want, text := range map[string]string{
		"several turns":     "turns: [{user: Hello}, {user: Say boat., want: {equals: boat}}]",
		"a system message":  "system: Be brief.\nprompt: Say boat.\nwant: {equals: boat}",
		"it is sampled":     "prompt: Say boat.\nsamples: 3\nsampling: {temperature: 1}\nwant: {equals: boat}",
		"JSON mode":         "prompt: Say boat.\nsampling: {json: true}\nwant: {equals: boat}",
		"its scorer":        "prompt: Say boat.\nwant: {numeric: 3}",
		"several things":    "prompt: Say boat.\nwant: [{equals: boat}, {leak: oar}]",
		"not exactly one":   "options: [a, b, c]\noutput: option_logprob\nprompt: x\nwant: {choice: [a, b]}",
		"are judged as one": "axes: {n: [1], m: [1, 2]}\nprompt: \"{{m}}\"\nwant: {equals: boat}\ncluster: n\nbundle: {over: [m], relation: all}",
	} {
		if _, err := exporters.LMEval(probe(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}
