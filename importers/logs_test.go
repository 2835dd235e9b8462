package importers_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/importers"
	"github.com/gambit-audit/gambit/probes"
)

// xcopaLog writes a log beside a copy of the example of XCOPA in one language.
func xcopaLog(t *testing.T, tool, text string) (importers.Result, importers.Log) {
	t.Helper()
	r, err := importers.Load(importers.Import{
		Format: "xcopa", Files: []string{"xcopa/test.qu.jsonl"}, Paths: []string{"testdata/xcopa/test.qu.jsonl"},
	}, probes.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "log.json")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return r, importers.Log{Tool: tool, File: "log.json", Path: path}
}

// sample is a line of lm-eval on row n of XCOPA's example.
func sample(n int, doc, resps string) string {
	return fmt.Sprintf(`{"doc_id": %d, "doc": %s, "arguments": {"gen_args_0": {"arg_0": "The cup fell. It", "arg_1": " broke."}, "gen_args_1": {"arg_0": "The cup fell. It", "arg_1": " rained."}}, "resps": %s}`+"\n", n, doc, resps)
}

const (
	cup    = `{"premise": "The cup fell.", "question": "effect"}`
	street = `{"premise": "The street was wet.", "idx": 1}`
)

func TestAnswersOfALogBelongToTheRowsThatTheyRepeat(t *testing.T) {
	for name, c := range map[string]struct {
		tool, log string
		want      map[string]string
	}{
		"a written answer, whatever its number": {"lm-eval", sample(1, cup, `[["A", "B"]]`), map[string]string{"0": "A"}},
		"the likeliest option":                  {"lm-eval", sample(0, cup, `[[["-1.5", "False"]], [[-0.5, false]]]`), map[string]string{"0": "rained."}},
		"a tie, which is no answer":             {"lm-eval", sample(0, cup, `[[[-1, false]], [[-1, false]]]`) + sample(1, street, `[["B"]]`), map[string]string{"1": "B"}},
		"two filters of one answer":             {"lm-eval", sample(0, cup, `[["A"]]`) + sample(0, cup, `[["A"]]`), map[string]string{"0": "A"}},
		"the text of what was asked": {"inspect", `{"samples": [{"id": 1, "epoch": 1, "input": "Why?\nThe cup fell.", "output": {"completion": "B"}},
			{"id": 1, "epoch": 2, "input": "The cup fell.", "output": {"completion": "A"}}]}`, map[string]string{"0": "B"}},
		"a message in parts": {"inspect", `{"samples": [{"id": 2, "input": [{"role": "user", "content": "The street was wet."}],
			"output": {"choices": [{"message": {"content": [{"type": "reasoning", "text": "Hm."}, {"type": "text", "text": "B"}]}}]}}]}`, map[string]string{"1": "B"}},
		"variables": {"promptfoo", `{"results": {"results": [{"testIdx": 9, "vars": {"premise": "The cup fell."}, "provider": {"id": "m"}, "response": {"output": "A"}},
			{"testIdx": 1, "vars": {"idx": 1}, "provider": {"id": "m"}, "error": "no answer came"}]}}`, map[string]string{"0": "A"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, l := xcopaLog(t, c.tool, c.log)
			got, err := r.Logged(l)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(c.want) {
				t.Errorf("%d answers: want %v, got %v", len(got), c.want, got)
			}
			for row, text := range c.want {
				if got["import.xcopa.test_qu/"+row] != text {
					t.Errorf("row %s: %v, want %q", row, got, text)
				}
			}
		})
	}
}

func TestALogThatDoesNotFitIsOneClearError(t *testing.T) {
	for name, c := range map[string]struct {
		tool, log, want string
		other           bool // of other files
	}{
		"of other files":             {"lm-eval", sample(0, `{"premise": "Another text."}`, `[["A"]]`), "repeats the fields or the text of no row", true},
		"in part of other files":     {"lm-eval", sample(0, cup, `[["A"]]`) + sample(1, `{"premise": "Another."}`, `[["A"]]`), "row 2: it repeats", false},
		"two answers to one row":     {"lm-eval", sample(0, cup, `[["A"]]`) + sample(0, cup, `[["B"]]`), "another answer already", false},
		"fields of several rows":     {"promptfoo", `{"results": [{"vars": {"changed": false}, "response": {"output": "A"}}]}`, "2 rows fit", true},
		"a number without a text":    {"inspect", `{"samples": [{"id": 1, "input": "What?", "output": {"completion": "A"}}]}`, "of no row", true},
		"a probability":              {"lm-eval", sample(0, cup, `[[[0.7, false]], [[0.3, false]]]`), "log-likelihood of at most 0", false},
		"answers without options":    {"lm-eval", sample(0, cup, `[[[-1, false]]]`), "for 4 arguments", false},
		"no responses":               {"lm-eval", `{"doc_id": 0, "doc": {}}` + "\n", "there are 0", false},
		"cut":                        {"lm-eval", sample(0, cup, `[["A"]]`)[:60], "line 1", false},
		"a packed log":               {"inspect", "PK\x03\x04 not JSON", "inspect log convert --to json", false},
		"no samples":                 {"inspect", `{"samples": 3}`, "expected a list of objects", false},
		"several models":             {"promptfoo", `{"results": [{"vars": {}, "provider": "a"}, {"vars": {}, "provider": "b"}]}`, "answers of a, b", false},
		"not of the tool":            {"promptfoo", `{"samples": []}`, `field "results": it is missing`, false},
		"of a tool that is not read": {"helm", "{}", "expected one of inspect, lm-eval, promptfoo", false},
		"not text":                   {"lm-eval", "\xff\xfe", "not UTF-8", false},
		"empty":                      {"lm-eval", "", "the file is empty", false},
	} {
		t.Run(name, func(t *testing.T) {
			r, l := xcopaLog(t, c.tool, c.log)
			got, err := r.Logged(l)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || got != nil {
				t.Errorf("%v, error %v: want none, and one line with %s", got, err, c.want)
			}
			if errors.Is(err, importers.ErrOtherLog) != c.other {
				t.Errorf("error %v: is it of other files? want %v", err, c.other)
			}
		})
	}
}
