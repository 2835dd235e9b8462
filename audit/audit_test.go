package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// childTask names, in the environment, what this test binary does in a process of
// its own in place of tests: the name of one of the children, and its argument.
const childTask = "GAMBIT_TEST_CHILD"

var children = map[string]func(arg string) error{}

func TestMain(m *testing.M) {
	name, arg, _ := strings.Cut(os.Getenv(childTask), " ")
	do, ok := children[name]
	if !ok {
		goleak.VerifyTestMain(m)
		return
	}
	if err := do(arg); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fake answers by a function and counts what it is asked.
type fake struct {
	answer func(question string, call int) models.Response
	mu     sync.Mutex
	calls  map[string]int
	total  int
}

func (f *fake) Check(models.Request) error { return nil }

func (f *fake) Ask(ctx context.Context, req models.Request) (models.Response, error) {
	question := req.Messages[len(req.Messages)-1].Text
	f.mu.Lock()
	f.total++
	call := f.total
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[models.Key(req)]++
	f.mu.Unlock()
	if ctx.Err() != nil {
		return models.Response{}, ctx.Err()
	}
	return f.answer(question, call), nil
}

func says(text string) models.Response { return models.Response{Text: text, Finish: "stop"} }

// number answers "the number is N" for every question that ends with N.
func number(question string, _ int) models.Response {
	fields := strings.Fields(question)
	return says("the number is " + fields[len(fields)-1])
}

const probeText = `
probe: edge.echo.number
axes:
  n: {count: %d}
  half: [low, high]
prompt: "Say %s for {{half}} {{n}}{{ '0' if half == 'high' else '' }}"
want: {numeric: "{{ n * 10 if half == 'high' else n }}"}
cluster: [n, half]
compare: {by: [half]}
`

const auditText = `
title: numbers
reference: {name: full, provider: openai, model: x}
candidates:
  - {name: small, provider: openai, model: y}
probes: [probe.yaml]
concurrency: 4
curtail: off
floor: 0
controls: off
`

type setup struct {
	models map[string]*fake
	dir    string
	plan   *audit.Plan
}

func newSetup(t *testing.T, auditFile, probe string, fakes map[string]*fake) *setup {
	t.Helper()
	dir := t.TempDir()
	return &setup{models: fakes, dir: dir, plan: planIn(t, dir, auditFile, probe, audit.FileOptions{})}
}

// planIn writes a probe into dir and plans an audit file beside it.
func planIn(t testing.TB, dir, auditFile, probe string, o audit.FileOptions) *audit.Plan {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "probe.yaml"), []byte(probe), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := audit.ParseFile(filepath.Join(dir, "gambit.yaml"), []byte(auditFile), o)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := f.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func (s *setup) options() audit.RunOptions {
	return audit.RunOptions{
		Dir:   filepath.Join(s.dir, "run"),
		Clock: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Open: func(_ context.Context, spec models.Spec) (audit.Asker, models.Info, error) {
			return s.models[spec.Name], models.Info{Digest: spec.Name}, nil
		},
	}
}

func (s *setup) run(t *testing.T) *drift.Audit {
	t.Helper()
	a, err := s.plan.Run(t.Context(), s.options())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func comparison(t *testing.T, a *drift.Audit, group string) drift.Comparison {
	t.Helper()
	for _, c := range a.Comparisons {
		if c.Group == group {
			return c
		}
	}
	t.Fatalf("no comparison of group %q", group)
	return drift.Comparison{}
}

func TestAGroupThatLosesFailsAndTheRestPasses(t *testing.T) {
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 120, "number"), map[string]*fake{
		"full": {answer: number},
		"small": {answer: func(q string, call int) models.Response {
			if strings.Contains(q, "high") && strings.ContainsAny(q[len(q)-2:len(q)-1], "02468") {
				return says("no idea")
			}
			return number(q, call)
		}},
	})
	a := s.run(t)
	if got := comparison(t, a, "half=high").Verdict; got != drift.VerdictFail {
		t.Errorf("half=high is %s, want fail", got)
	}
	if low := comparison(t, a, "half=low"); low.Verdict != drift.VerdictPass {
		t.Errorf("half=low is %s, want pass: %s", low.Verdict, low.Because)
	}
	if a.Gate.Passed || a.Gate.Status != 1 {
		t.Errorf("gate %+v, want not passed with status 1", a.Gate)
	}
	flips := comparison(t, a, "half=high").Flips
	if len(flips) == 0 || flips[0].Candidate.Text != "no idea" || flips[0].Candidate.Reason != drift.ReasonUnparsed {
		t.Errorf("flips %+v", flips)
	}
}

func TestIdenticalCallsAreMadeOnce(t *testing.T) {
	probe := "probe: edge.same.call\naxes: {n: {count: 50}}\nprompt: \"Say number 7\"\nwant: {numeric: 7}\n"
	s := newSetup(t, auditText, probe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	a := s.run(t)
	if got := s.models["full"].total; got != 1 {
		t.Errorf("the reference was asked %d times, want once", got)
	}
	if c := comparison(t, a, ""); c.N != 50 {
		t.Errorf("n=%d, want 50", c.N)
	}
}

func TestARunThatWasCutGoesOnAndAsksNothingTwice(t *testing.T) {
	fakes := map[string]*fake{"full": {answer: number}, "small": {answer: number}}
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 100, "number"), fakes)
	ctx, cancel := context.WithCancel(t.Context())
	o := s.options()
	done := map[string]int{}
	o.Progress = func(p audit.Progress) {
		if done[p.Model] = p.Done; done["small"] >= 60 && done["full"] > 0 {
			cancel()
		}
	}
	_, err := s.plan.Run(ctx, o)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "goes on") {
		t.Fatalf("got %v, want an interruption that says how to go on", err)
	}
	tearLastLine(t, filepath.Join(o.Dir, audit.EvidenceFile))
	a := s.run(t)
	if c := comparison(t, a, ""); c.N != 200 || c.Excluded != 0 {
		t.Errorf("n=%d, excluded %d, want every case answered", c.N, c.Excluded)
	}
	for name, f := range fakes {
		repeated := 0
		for _, n := range f.calls {
			repeated += n - 1
		}
		if repeated > 5 { // four in flight and the torn line
			t.Errorf("%s: %d calls were repeated, want no more than were in flight", name, repeated)
		}
	}
	if a.Reference.Reused == 0 {
		t.Error("nothing was reused")
	}
}

// tearLastLine leaves what a kill in the middle of a write leaves.
func tearLastLine(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)-20], 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRebuildNeedsNoModelAndGivesTheSame(t *testing.T) {
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 60, "number"), map[string]*fake{
		"full": {answer: number},
		"small": {answer: func(q string, call int) models.Response {
			if strings.HasSuffix(q, "7") {
				return says("8")
			}
			return number(q, call)
		}},
	})
	live := s.run(t)
	o := s.options()
	rebuilt, err := s.plan.Rebuild(t.Context(), filepath.Join(o.Dir, audit.EvidenceFile), audit.RunOptions{Clock: o.Clock})
	if err != nil {
		t.Fatal(err)
	}
	if m := rebuilt.Reference; m.Calls != 0 || m.Reused != 120 {
		t.Errorf("%d calls and %d reused, want none and 120", m.Calls, m.Reused)
	}
	for _, m := range []*drift.Model{&live.Reference, &live.Candidates[0], &rebuilt.Reference, &rebuilt.Candidates[0]} {
		m.Calls, m.Reused = 0, 0
	}
	if diff := cmp.Diff(asJSON(t, live), asJSON(t, rebuilt)); diff != "" {
		t.Errorf("(-live +rebuilt):\n%s", diff)
	}
}

func asJSON(t *testing.T, a *drift.Audit) string {
	t.Helper()
	data, err := json.MarshalIndent(a, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestErrorsAreUndecidedAndCoverageIsNamed(t *testing.T) {
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 500, "number"), map[string]*fake{
		"full": {answer: number},
		"small": {answer: func(q string, call int) models.Response {
			if call > 20 {
				return models.Response{Error: &models.Failure{Kind: models.KindError, Status: 500, Text: "out of memory"}}
			}
			return number(q, call)
		}},
	})
	a := s.run(t)
	c := comparison(t, a, "")
	if c.Verdict == drift.VerdictPass || c.Reason != "coverage" || !strings.Contains(c.Because, "20 of 1,000 cases") {
		t.Errorf("got %s (%s): %s", c.Verdict, c.Reason, c.Because)
	}
	if a.Gate.Passed || a.Gate.Status != 3 {
		t.Errorf("gate status %d, want 3", a.Gate.Status)
	}
	warnings := strings.Join(a.Warnings, "\n")
	if !strings.Contains(warnings, "given up after 24 calls in a row failed: HTTP 500: out of memory") {
		t.Errorf("warnings %q", a.Warnings)
	}
	// An answer that is counted late, of four in flight, ends the row of failures.
	if calls := a.Candidates[0].Calls; calls < 44 || calls > 20+4*24 {
		t.Errorf("%d calls, want 20 answers, 24 failures in a row and at most three rows that an answer ended", calls)
	}
}

func TestAServerThatIsGoneIsGivenUp(t *testing.T) {
	gone := &fake{answer: func(string, int) models.Response {
		return models.Response{Error: &models.Failure{Kind: models.KindError, Text: "connection refused", Fatal: true}}
	}}
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 500, "number"), map[string]*fake{"full": {answer: number}, "small": gone})
	a := s.run(t)
	if gone.total > 20 {
		t.Errorf("%d calls to a server that is gone, want it given up soon", gone.total)
	}
	if a.Gate.Passed {
		t.Error("passed without an answer")
	}
}

func TestOnlyTheSelectedIsAsked(t *testing.T) {
	full := &fake{answer: number}
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 60, "number"), map[string]*fake{"full": full, "small": {answer: number}})
	err := s.plan.Select(func(id audit.ComparisonID) bool { return id.Group == "half=low" }, func(audit.MandatoryID) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	a := s.run(t)
	if full.total != 60 || len(a.Comparisons) != 1 {
		t.Errorf("%d calls and %d comparisons, want 60 and 1", full.total, len(a.Comparisons))
	}
	err = s.plan.Select(func(audit.ComparisonID) bool { return false }, func(audit.MandatoryID) bool { return false })
	if err == nil || !strings.Contains(err.Error(), "nothing to compare") {
		t.Errorf("got %v, want an error for an empty selection", err)
	}
}

func TestTurnsAreSentWithWhatWasSaid(t *testing.T) {
	probe := `
probe: edge.talk.turns
system: Be brief.
turns:
  - {user: "My kite is red."}
  - {assistant: Noted.}
  - {user: "And?"}
  - {user: "Colour?", want: {any: [red]}}
`
	var mu sync.Mutex
	var last models.Request // of either model: both are asked the same
	s := newSetup(t, auditText, probe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	o := s.options()
	o.Open = func(context.Context, models.Spec) (audit.Asker, models.Info, error) {
		return asker(func(req models.Request) models.Response {
			mu.Lock()
			defer mu.Unlock()
			if len(req.Messages) > len(last.Messages) {
				last = req
			}
			return says("red")
		}), models.Info{}, nil
	}
	if _, err := s.plan.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	want := []models.Message{{Role: "system", Text: "Be brief."}, {Role: "user", Text: "My kite is red."},
		{Role: "assistant", Text: "Noted."}, {Role: "user", Text: "And?"}, {Role: "assistant", Text: "red"}, {Role: "user", Text: "Colour?"}}
	if diff := cmp.Diff(want, last.Messages); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

type asker func(models.Request) models.Response

func (a asker) Check(models.Request) error { return nil }
func (a asker) Ask(_ context.Context, req models.Request) (models.Response, error) {
	return a(req), nil
}

func TestAMissedControlKeepsTheGateShut(t *testing.T) {
	text := strings.Replace(auditText, "model: y}", "model: y}\n  - {name: harsh, provider: openai, model: z, expect: blocked}", 1)
	s := newSetup(t, text, fmt.Sprintf(probeText, 100, "number"), map[string]*fake{
		"full": {answer: number}, "small": {answer: number}, "harsh": {answer: number}})
	a := s.run(t)
	if a.Gate.Passed || !strings.Contains(strings.Join(a.Gate.Reasons, "\n"), "missed control") {
		t.Errorf("gate %+v, want a missed control", a.Gate)
	}
}

func TestSmokeSizePassesNothing(t *testing.T) {
	s := newSetup(t, auditText+"size: smoke\n", fmt.Sprintf(probeText, 100, "number"), map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	if c := comparison(t, s.run(t), ""); c.Verdict != drift.VerdictInconclusive || c.Reason != "smoke" {
		t.Errorf("got %s (%s), want inconclusive (smoke)", c.Verdict, c.Reason)
	}
}
