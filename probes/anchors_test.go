package probes_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
)

const judgedText = `
probe: own.tone.polite
harm: edge-case
prompt: "May I?"
want: {judge: "Is it polite?"}
`

func judgedProbe(t *testing.T, text string, files map[string]string) (*probes.Probe, error) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return probes.Parse(filepath.Join(dir, "p.yaml"), []byte(text), probes.LoadOptions{})
}

func TestAnchorsAreAListOrATable(t *testing.T) {
	files := map[string]string{
		"a.jsonl": `{"answer": "Please do.", "pass": true, "question": "Q"}` + "\n" + `{"answer": "{{ no }}", "pass": false}` + "\n",
		"a.csv":   "answer,pass,question\nPlease do.,true,Q\n{{ no }},false,\n",
	}
	for name, anchors := range map[string]string{
		"list":       "anchors: [{answer: Please do., pass: true, question: Q}, {answer: \"{{ no }}\", pass: false}]",
		"JSON lines": "anchors: a.jsonl",
		"CSV":        "anchors: a.csv",
	} {
		p, err := judgedProbe(t, judgedText+anchors, files)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := ""
		for _, a := range p.Anchors {
			got += fmt.Sprintf("%s %s %s %v; ", a.Want.Question(), a.Answer.Question, a.Answer.Text, a.Pass)
		}
		if want := "Is it polite? Q Please do. true; Is it polite? May I? {{ no }} false; "; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestAnchorsThatTellNothingAreRefused(t *testing.T) {
	two := strings.Replace(judgedText, `want: {judge: "Is it polite?"}`, "axes: {n: [1, 2]}\nwant: {judge: \"Is {{ n }} named?\"}", 1)
	for name, tt := range map[string]struct{ text, want string }{
		"no judge":          {strings.Replace(judgedText, `judge: "Is it polite?"`, "any: [yes]", 1) + "anchors: [{answer: a, pass: true}]", "p.yaml:6:1: anchors without a judge: expected a case that wants {judge: QUESTION}"},
		"no verdict":        {judgedText + "anchors: [{answer: a}]", `anchor without "pass"`},
		"no answer":         {judgedText + "anchors: [{pass: true}]", `anchor without "answer"`},
		"one of them twice": {judgedText + "anchors: [{answer: a, pass: true}, {answer: b, pass: true}, {answer: a, pass: false}]", "an anchor that stands there twice"},
		"unknown key":       {judgedText + "anchors: [{answer: a, pass: true, good: 1}]", `unexpected key "good" in anchor`},
		"no file":           {judgedText + "anchors: none.jsonl", "no such file beside the probe"},
		"several questions": {two + "anchors: [{answer: a, pass: true}]", `anchor without "ask", but the cases ask the judge 2 different questions`},
		"several judges":    {strings.Replace(judgedText, `want: {judge: "Is it polite?"}`, "cases: [{id: a, want: {judge: {ask: Is it, votes: 3}}}, {id: b, want: {judge: Is it}}]", 1) + "anchors: [{answer: a, pass: true, ask: Is it}]", "different votes or temperatures"},
		"mandatory":         {judgedText + "mandatory: true", "is mandatory and scored by a judge"},
	} {
		if _, err := judgedProbe(t, tt.text, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	if _, err := judgedProbe(t, two+"anchors: [{answer: a, pass: true, ask: \"Is 3 named?\"}]", nil); err != nil {
		t.Errorf("an anchor with a question of its own: %v", err)
	}
}

func TestAProbeTellsWhomItsScorersAsk(t *testing.T) {
	for name, tt := range map[string]struct {
		text  string
		roles []scorers.Role
		why   string // the errors of its judge cannot be taken out
	}{
		"rules":      {strings.Replace(judgedText, `judge: "Is it polite?"`, "any: [yes]", 1), nil, "other scorers"},
		"a judge":    {judgedText, []scorers.Role{scorers.Judge}, ""},
		"samples":    {judgedText + "samples: 3\nsampling: {temperature: 0.7}\n", []scorers.Role{scorers.Judge}, "sampled several times"},
		"bundles":    {judgedText + "axes: {m: [1, 2], n: [1, 2]}\ncluster: m\nbundle: {over: [n], relation: all}\n", []scorers.Role{scorers.Judge}, "bundles"},
		"two turns":  {strings.Replace(judgedText, "prompt: \"May I?\"\nwant: {judge: \"Is it polite?\"}", "turns: [{user: a, want: {judge: \"Is it?\"}}, {user: b, want: {any: [x]}}]", 1), []scorers.Role{scorers.Judge}, "other scorers"},
		"similarity": {strings.Replace(judgedText, `judge: "Is it polite?"`, "similar: {to: yes, at_least: 0.5}", 1), []scorers.Role{scorers.Embedder}, "other scorers"},
	} {
		p, err := judgedProbe(t, tt.text, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if fmt.Sprint(p.Roles()) != fmt.Sprint(tt.roles) || !strings.Contains(p.Uncorrected(), tt.why) || (tt.why == "") != (p.Uncorrected() == "") {
			t.Errorf("%s: got %v and %q, want %v and %q", name, p.Roles(), p.Uncorrected(), tt.roles, tt.why)
		}
	}
}

func TestLoadingWarnsOfAJudgeWithoutAnchors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "p.yaml")
	if err := os.WriteFile(file, []byte(judgedText+"anchors: [{answer: a, pass: true}]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	suite, err := probes.Load([]string{file}, probes.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := `p.yaml:6:1: advisory only: 1 good and 0 bad answers among "anchors": expected at least 30 of each`
	if len(suite.Warnings) == 0 || !strings.Contains(suite.Warnings[0].Error(), want) {
		t.Errorf("got %v, want %q", suite.Warnings, want)
	}
}
