package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// runDir is the folder that the next run of the audit would use.
func (s *setup) runDir(t *testing.T) (dir string, resumed bool) {
	t.Helper()
	dir, resumed, err := audit.RunDir(filepath.Join(s.dir, "runs"), s.plan, noon)
	if err != nil {
		t.Fatal(err)
	}
	return dir, resumed
}

func TestTheNextRunGoesOnWithAnUnfinishedOneAlone(t *testing.T) {
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 30, "number"), map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	first, resumed := s.runDir(t)
	if resumed {
		t.Fatal("resumed a run before the first")
	}
	o := s.options()
	o.Dir = first
	ctx, cancel := context.WithCancel(t.Context())
	o.Progress = func(audit.Progress) { cancel() }
	if _, err := s.plan.Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want an interruption", err)
	}
	second, resumed := s.runDir(t)
	if second != first || !resumed {
		t.Errorf("got %s (resumed %v), want to go on in %s", second, resumed, first)
	}
	o.Progress = nil
	if _, err := s.plan.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if dir, resumed := s.runDir(t); resumed {
		t.Errorf("resumed the finished run in %s", dir)
	}
}

// The warning promises that the same command goes on, so the folder must not
// count as finished.
func TestARunThatGaveAModelUpIsGoneOnWith(t *testing.T) {
	var down atomic.Bool
	down.Store(true)
	small := &fake{answer: func(q string, call int) models.Response {
		if down.Load() && call > 20 {
			return models.Response{Error: &models.Failure{Kind: models.KindError, Text: "connection refused", Fatal: true}}
		}
		return number(q, call)
	}}
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 60, "number"), map[string]*fake{"full": {answer: number}, "small": small})
	o := s.options()
	o.Dir, _ = s.runDir(t)
	a, err := s.plan.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(a.Warnings, "\n"), "given up after 5 calls in a row") {
		t.Errorf("warnings %q", a.Warnings)
	}
	dir, resumed := s.runDir(t)
	if dir != o.Dir || !resumed {
		t.Fatalf("the next run is in %s (resumed %v), want it to go on in %s", dir, resumed, o.Dir)
	}
	down.Store(false)
	a, err = s.plan.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if c := comparison(t, a, ""); c.N != 120 || a.Candidates[0].Reused != 20 || a.Reference.Calls != 0 {
		t.Errorf("n=%d, reused %d, reference calls %d, want 120, 20 and 0", c.N, a.Candidates[0].Reused, a.Reference.Calls)
	}
}

func TestTwoRunsDoNotShareAFolder(t *testing.T) {
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 30, "number"), map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	o := s.options()
	tried := false
	var second error
	o.Progress = func(audit.Progress) {
		if !tried {
			tried = true
			_, second = s.plan.Run(t.Context(), s.options())
		}
	}
	if _, err := s.plan.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if second == nil || !strings.Contains(second.Error(), "another run") {
		t.Errorf("got %v, want an error that another run is in the folder", second)
	}
	if _, err := s.plan.Run(t.Context(), s.options()); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
}

func TestRebuildUsesEveryAnswerThatCameAfterFatalErrors(t *testing.T) {
	s := newSetup(t, strings.Replace(auditText, "concurrency: 4", "concurrency: 1", 1), fmt.Sprintf(probeText, 30, "number"),
		map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	s.run(t)
	path := filepath.Join(s.options().Dir, audit.EvidenceFile)
	failFirst(t, path, "small", 8)
	a, err := s.plan.Rebuild(t.Context(), path, audit.RunOptions{Clock: s.options().Clock})
	if err != nil {
		t.Fatal(err)
	}
	if c := comparison(t, a, ""); c.N != 52 || c.Excluded != 8 {
		t.Errorf("n=%d, excluded %d, want 52 answered and 8 failed", c.N, c.Excluded)
	}
	if got := a.Candidates[0]; got.Calls != 0 || got.Reused != 60 {
		t.Errorf("%d calls and %d reused, want none and 60: nothing was asked", got.Calls, got.Reused)
	}
}

// failFirst makes the first answers of a model fatal failures.
func failFirst(t *testing.T, path, model string, n int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	for i, line := range lines {
		if n == 0 || !strings.Contains(line, `"kind":"answered"`) || !strings.Contains(line, `"model":"`+model+`"`) {
			continue
		}
		n--
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		record["response"] = models.Response{Error: &models.Failure{Kind: models.KindError, Text: "connection refused", Fatal: true}}
		changed, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = string(changed) + "\n"
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
}

const guardProbe = `
probe: edge.guard.number
axes:
  n: {count: 60}
  half: [low, high]
prompt: "Say number for {{half}} {{n}}"
want: {numeric: "{{ n }}"}
cluster: [n, half]
compare: {by: [half]}
guard: {where: {half: low}, at_least: 0.7}
`

// A filter that leaves one group must not turn its verdict into "the reference
// cannot do it".
func TestTheGuardIsAskedOfTheReferenceWhateverIsSelected(t *testing.T) {
	small := &fake{answer: number}
	s := newSetup(t, auditText, guardProbe, map[string]*fake{"full": {answer: number}, "small": small})
	err := s.plan.Select(func(id audit.ComparisonID) bool { return id.Group == "half=high" }, func(audit.MandatoryID) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	a := s.run(t)
	if c := comparison(t, a, "half=high"); c.Verdict != drift.VerdictPass {
		t.Errorf("half=high is %s, want pass: %s", c.Verdict, c.Because)
	}
	if small.total != 60 {
		t.Errorf("the candidate was asked %d cases, want the selected 60 alone", small.total)
	}
}

// A run under filters neither goes on with a whole one nor ends it.
func TestFiltersHaveRunFoldersOfTheirOwn(t *testing.T) {
	s := newSetup(t, auditText, fmt.Sprintf(probeText, 30, "number"), map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	out := filepath.Join(s.dir, "runs")
	whole, _, err := audit.RunDir(out, s.plan, noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(whole, 0o755); err != nil { // unfinished
		t.Fatal(err)
	}
	if again, resumed, err := audit.RunDir(out, s.plan, noon.Add(time.Hour)); err != nil || !resumed || again != whole {
		t.Errorf("got %s (resumed %v, %v), want %s", again, resumed, err, whole)
	}
	first := s.plan.Comparisons()[0]
	err = s.plan.Select(func(id audit.ComparisonID) bool { return id == first }, func(audit.MandatoryID) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	part, resumed, err := audit.RunDir(out, s.plan, noon.Add(time.Hour))
	if err != nil || resumed || part == whole {
		t.Errorf("got %s (resumed %v, %v), want a folder of its own", part, resumed, err)
	}
}
