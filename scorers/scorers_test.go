package scorers_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gopkg.in/yaml.v3"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/scorers"
)

// golden is one testdata file: what each answer to a want must come to.
type golden struct {
	Want     any
	Options  []goldenOption
	Question string
	// Error is the whole error for a want that must be refused.
	Error   string
	Answers []goldenAnswer
}

type goldenOption struct{ Is, Text string }

type goldenAnswer struct {
	Text     string
	Logprobs []float64
	Question string // of this answer alone
	Pass     bool
	Fail     string // the reason of a fail
	Detail   string // compared only where given
	Parsed   string
	Share    *float64
	Tiers    map[string]float64
	// Replies are to what the scorer asks, in its order; none where it is not
	// asked. Undecided is the role that has not told.
	Replies   []goldenReply
	Undecided string
	Votes     *drift.Votes
}

type goldenReply struct {
	Text    string
	Vector  []float32
	Failure string
}

func (a goldenAnswer) replies() []scorers.Reply {
	var replies []scorers.Reply
	for _, r := range a.Replies {
		replies = append(replies, scorers.Reply(r))
	}
	return replies
}

func (g golden) options() []scorers.Option {
	var options []scorers.Option
	for _, option := range g.Options {
		options = append(options, scorers.Option{Is: option.Is, Text: option.Text})
	}
	return options
}

func (g golden) answer(a goldenAnswer) scorers.Answer {
	question := g.Question
	if a.Question != "" {
		question = a.Question
	}
	return scorers.Answer{Text: a.Text, Question: question, Options: g.options(), OptionLogprobs: a.Logprobs}
}

func (a goldenAnswer) result() scorers.Result {
	r := scorers.Result{Outcome: drift.Fail, Reason: a.Fail, Detail: a.Detail, Parsed: a.Parsed, Share: a.Share, Tiers: a.Tiers, Votes: a.Votes}
	switch {
	case a.Pass:
		r.Outcome = drift.Pass
	case a.Undecided != "":
		r.Outcome, r.Reason = drift.Undecided, a.Undecided
	}
	return r
}

// readGoldens reads all goldens of a file, one document each.
func readGoldens(t testing.TB, path string) []golden {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var all []golden
	for {
		var g golden
		err := decoder.Decode(&g)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, g)
	}
}

func goldenFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	return files
}

func TestGoldens(t *testing.T) {
	for _, file := range goldenFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			for _, g := range readGoldens(t, file) {
				checkGolden(t, g)
			}
		})
	}
}

func checkGolden(t *testing.T, g golden) {
	t.Helper()
	scorer, err := scorers.Parse(g.Want, scorers.Context{Options: g.options()})
	if g.Error != "" {
		if err == nil || err.Error() != g.Error {
			t.Errorf("want %v: got error %v, want %s", g.Want, err, g.Error)
		}
		return
	}
	if err != nil {
		t.Errorf("want %v: %v", g.Want, err)
		return
	}
	for _, a := range g.Answers {
		if asks := scorers.Asks(scorer, g.answer(a)); len(a.Replies) > 0 && len(asks) != len(a.Replies) {
			t.Errorf("want %v, answer %q: got %d asks for %d replies", g.Want, a.Text, len(asks), len(a.Replies))
		}
		got, want := scorers.Settle(scorer, g.answer(a), a.replies()), a.result()
		if a.Detail == "" {
			got.Detail = ""
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("want %v, answer %q %v (-want +got):\n%s", g.Want, a.Text, a.Logprobs, diff)
		}
	}
}

func TestEveryScorerIsDocumentedAndTested(t *testing.T) {
	for _, name := range scorers.Names() {
		if doc := scorers.Doc(name); doc == "" || strings.Contains(doc, "\n") {
			t.Errorf("scorer %q: want one line of documentation, got %q", name, doc)
		}
		seen := map[string]bool{}
		for _, g := range readGoldens(t, "testdata/"+name+".yaml") {
			seen["error"] = seen["error"] || g.Error != ""
			for _, a := range g.Answers {
				seen["pass"] = seen["pass"] || a.Pass
				seen["fail"] = seen["fail"] || a.Fail != ""
				seen["empty"] = seen["empty"] || a.Text == ""
			}
		}
		for _, kind := range []string{"pass", "fail", "empty", "error"} {
			if !seen[kind] {
				t.Errorf("scorer %q: testdata has no case of kind %s", name, kind)
			}
		}
	}
}

func TestEveryCheckIsDocumentedAndTested(t *testing.T) {
	met, unmet := map[string]bool{}, map[string]bool{}
	for _, g := range readGoldens(t, "testdata/constraints.yaml") {
		checks := checkNames(g.Want)
		if len(checks) != 1 {
			continue
		}
		for _, a := range g.Answers {
			met[checks[0]] = met[checks[0]] || a.Pass
			unmet[checks[0]] = unmet[checks[0]] || a.Fail == drift.ReasonWrong
		}
	}
	for _, name := range scorers.CheckNames() {
		if scorers.CheckDoc(name) == "" || !met[name] || !unmet[name] {
			t.Errorf("check %q: want a doc line (got %q), an answer that meets it alone (%v) and one that does not (%v)",
				name, scorers.CheckDoc(name), met[name], unmet[name])
		}
	}
}

// checkNames returns the checks of a golden {constraints: [maps]}.
func checkNames(want any) []string {
	scorer, _ := want.(map[string]any)
	list, _ := scorer["constraints"].([]any)
	var names []string
	for _, item := range list {
		checks, _ := item.(map[string]any)
		for name := range checks {
			names = append(names, name)
		}
	}
	return names
}

func TestUnknownNamesListTheKnown(t *testing.T) {
	_, err := scorers.New("numerical", 3, scorers.Context{})
	want := `unknown scorer "numerical": did you mean "numeric"? expected one of ` + strings.Join(scorers.Names(), ", ")
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if !slices.IsSorted(scorers.Names()) {
		t.Errorf("names are not sorted: %v", scorers.Names())
	}
	if doc := scorers.Doc("numerical"); doc != "" {
		t.Errorf("got doc %q for an unknown scorer", doc)
	}
}

// wants returns every want of the goldens that is accepted, with its options.
func wants(t testing.TB) (all []scorers.Scorer, options [][]scorers.Option) {
	t.Helper()
	for _, file := range goldenFiles(t) {
		for _, g := range readGoldens(t, file) {
			if g.Error != "" {
				continue
			}
			scorer, err := scorers.Parse(g.Want, scorers.Context{Options: g.options()})
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			all, options = append(all, scorer), append(options, g.options())
		}
	}
	return all, options
}

func FuzzScore(f *testing.F) {
	for _, file := range goldenFiles(f) {
		for _, g := range readGoldens(f, file) {
			for _, a := range g.Answers {
				f.Add(a.Text, g.Question)
			}
		}
	}
	f.Add("\xff\xfe\x00", "\xc3")
	f.Add(strings.Repeat("[", 20_000), "")
	f.Add(`{"a": 1e999999999}`, "1e99999999999999999999")
	f.Add("٣٫٥ A. (b) ªº ǅ \u0301\u200d🇩🇪", "ß")
	all, options := wants(f)
	f.Fuzz(func(t *testing.T, text, question string) {
		for i, scorer := range all {
			checkResult(t, scorer.Score(scorers.Answer{Text: text, Question: question, Options: options[i]}))
		}
	})
}

func checkResult(t *testing.T, r scorers.Result) {
	t.Helper()
	switch {
	case r.Outcome == drift.Pass && r.Reason == "" && r.Detail == "":
	case r.Outcome == drift.Fail && r.Detail != "" && (r.Reason == drift.ReasonWrong || r.Reason == drift.ReasonUnparsed):
	case r.Outcome == drift.Undecided && r.Detail != "" && (r.Reason == drift.ReasonJudge || r.Reason == drift.ReasonEmbedder):
	default:
		t.Errorf("a pass has no reason, a fail or what is undecided has one: got %+v", r)
	}
	if strings.ContainsAny(r.Detail, "\n\x00\x1b") {
		t.Errorf("the detail is not one clean line: %q", r.Detail)
	}
	if r.Share != nil && !(*r.Share >= 0 && *r.Share <= 1) {
		t.Errorf("share %v is not in [0,1]", *r.Share)
	}
}

func TestScorersAreSafeForConcurrentUse(t *testing.T) {
	all, options := wants(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i, scorer := range all {
				a := scorers.Answer{Text: "Answer: (B) 5 km, unknown\nthe end", Options: options[i]}
				if diff := cmp.Diff(scorer.Score(a), scorer.Score(a)); diff != "" {
					t.Errorf("the same answer scored twice differs:\n%s", diff)
				}
			}
		})
	}
	group.Wait()
}
