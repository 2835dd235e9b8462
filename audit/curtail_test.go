package audit_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/fixtures"
	"github.com/gambit-audit/gambit/models"
	"github.com/google/go-cmp/cmp"
)

const singlesProbe = `
probe: edge.echo.single
axes:
  half: [low, high]
  n: {count: 200}
prompt: "Say number for {{half}} {{n}}"
want: {numeric: "{{ n }}"}
cluster: [n, half]
compare: {by: [half]}
`

// early is the audit text with early stopping.
var early = strings.Replace(auditText, "curtail: off", "curtail: on", 1)

// wrongOn answers "none" to questions that wrong accepts.
func wrongOn(wrong func(question string) bool) *fake {
	return &fake{answer: func(q string, call int) models.Response {
		if wrong(q) {
			return says("none")
		}
		return number(q, call)
	}}
}

// verdicts are those of every comparison, with their reasons.
func verdicts(a *drift.Audit) map[string]string {
	m := map[string]string{}
	for _, c := range a.Comparisons {
		m[c.Name()] = string(c.Verdict) + " " + c.Reason
	}
	return m
}

func TestEarlyStoppingGivesTheVerdictsOfAFullRun(t *testing.T) {
	clusters := strings.Replace(singlesProbe, "cluster: [n, half]", "cluster: n", 1)
	for name, tt := range map[string]struct {
		candidate func() *fake
		// saves tells, without clusters and with them, whether calls are spared:
		// some, none, or any where the answers under way decide it.
		saves [2]string
	}{
		"nothing lost":   {func() *fake { return &fake{answer: number} }, [2]string{"some", "some"}},
		"a group lost":   {func() *fake { return wrongOn(func(q string) bool { return strings.Contains(q, "high") }) }, [2]string{"some", "some"}},
		"a third lost":   {func() *fake { return wrongOn(func(q string) bool { return strings.ContainsAny(q[len(q)-1:], "369") }) }, [2]string{"some", "some"}},
		"near the limit": {func() *fake { return wrongOn(func(q string) bool { return strings.HasSuffix(q, "17") }) }, [2]string{"some", "any"}},
		"calls fail": {func() *fake {
			return &fake{answer: func(q string, call int) models.Response {
				if strings.HasSuffix(q, "11") {
					return models.Response{Error: &models.Failure{Kind: models.KindError, Status: 500, Text: "out of memory"}}
				}
				return number(q, call)
			}}
		}, [2]string{"some", "some"}},
		"most calls fail": {func() *fake {
			return &fake{answer: func(q string, call int) models.Response {
				if strings.ContainsAny(q[len(q)-1:], "13579") {
					return models.Response{Error: &models.Failure{Kind: models.KindError, Status: 500, Text: "out of memory"}}
				}
				return number(q, call)
			}}
		}, [2]string{"none", "none"}},
	} {
		for i, probe := range []string{singlesProbe, clusters} {
			saves := tt.saves[i]
			t.Run(name, func(t *testing.T) {
				whole := newSetup(t, auditText, probe, map[string]*fake{"full": {answer: number}, "small": tt.candidate()})
				want := whole.run(t)
				small := tt.candidate()
				s := newSetup(t, early, probe, map[string]*fake{"full": {answer: number}, "small": small})
				got := s.run(t)
				if diff := cmp.Diff(verdicts(want), verdicts(got)); diff != "" {
					t.Errorf("verdicts (-full +early):\n%s", diff)
				}
				if want.Gate.Passed != got.Gate.Passed || want.Gate.Status != got.Gate.Status {
					t.Errorf("gate %v (%d), want %v (%d)", got.Gate.Passed, got.Gate.Status, want.Gate.Passed, want.Gate.Status)
				}
				spared := got.Candidates[0].Spared
				if small.total+spared != 400 || saves == "some" && spared == 0 || saves == "none" && spared > 0 {
					t.Errorf("%d calls and %d spared, want 400 in all, and %s spared", small.total, spared, saves)
				}
				if noted := strings.Contains(strings.Join(got.Notes, "\n"), "no answer to them could have changed a verdict"); noted != (spared > 0) {
					t.Errorf("notes %q with %d calls spared", got.Notes, spared)
				}
			})
		}
	}
}

func TestARebuiltEarlyRunIsTheSame(t *testing.T) {
	s := newSetup(t, early, singlesProbe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	live := s.run(t)
	o := s.options()
	rebuilt, err := s.plan.Rebuild(t.Context(), filepath.Join(o.Dir, audit.EvidenceFile), audit.RunOptions{Clock: o.Clock})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []*drift.Audit{live, rebuilt} {
		for _, m := range []*drift.Model{&a.Reference, &a.Candidates[0]} {
			m.Calls, m.Reused, m.Usage = 0, 0, nil
		}
	}
	if live.Candidates[0].Spared == 0 || len(live.Warnings) > 0 {
		t.Errorf("spared %d with warnings %q, want some and none", live.Candidates[0].Spared, live.Warnings)
	}
	if diff := cmp.Diff(asJSON(t, live), asJSON(t, rebuilt)); diff != "" {
		t.Errorf("(-live +rebuilt):\n%s", diff)
	}
}

// Cases that make the same call share its answer whether they are needed or not,
// since the evidence answers them all.
func TestARebuiltEarlyRunIsTheSameWhereCasesAskTheSame(t *testing.T) {
	probe := strings.NewReplacer("{{n}}", "{{ n % 150 }}", "{{ n }}", "{{ n % 150 }}").Replace(singlesProbe)
	for name, small := range map[string]*fake{
		"all answered": {answer: number},
		"calls fail": {answer: func(q string, call int) models.Response {
			if strings.HasSuffix(q, "17") {
				return models.Response{Error: &models.Failure{Kind: models.KindError, Status: 500, Text: "out of memory"}}
			}
			return number(q, call)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSetup(t, early, probe, map[string]*fake{"full": {answer: number}, "small": small})
			live := s.run(t)
			o := s.options()
			rebuilt, err := s.plan.Rebuild(t.Context(), filepath.Join(o.Dir, audit.EvidenceFile), audit.RunOptions{Clock: o.Clock})
			if err != nil {
				t.Fatal(err)
			}
			if live.Candidates[0].Spared == 0 {
				t.Error("no call was spared, want some")
			}
			for _, a := range []*drift.Audit{live, rebuilt} {
				for _, m := range []*drift.Model{&a.Reference, &a.Candidates[0]} {
					m.Calls, m.Reused, m.Usage = 0, 0, nil
				}
			}
			if diff := cmp.Diff(asJSON(t, live), asJSON(t, rebuilt)); diff != "" {
				t.Errorf("(-live +rebuilt):\n%s", diff)
			}
		})
	}
}

func TestSampledAndMandatoryCasesAreAskedInFull(t *testing.T) {
	for name, probe := range map[string]string{
		"samples":   strings.Replace(singlesProbe, "cluster:", "samples: 2\nsampling: {temperature: 0.5}\ncluster:", 1),
		"mandatory": mandatoryProbe,
	} {
		t.Run(name, func(t *testing.T) {
			s := newSetup(t, early, probe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
			if got := s.run(t).Candidates[0].Spared; got != 0 {
				t.Errorf("%d calls were spared, want none", got)
			}
		})
	}
}

func TestAnInterruptedEarlyRunGoesOn(t *testing.T) {
	s := newSetup(t, early, singlesProbe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	ctx, cancel := context.WithCancel(t.Context())
	o := s.options()
	o.Progress = func(p audit.Progress) {
		if p.Model == "small" && p.Done == 30 {
			cancel()
		}
	}
	if _, err := s.plan.Run(ctx, o); err == nil {
		t.Fatal("the run was not interrupted")
	}
	a := s.run(t)
	if c := comparison(t, a, ""); c.Verdict != drift.VerdictPass || a.Candidates[0].Reused < 30 {
		t.Errorf("%s with %d answers reused, want pass with at least 30: %s", c.Verdict, a.Candidates[0].Reused, c.Because)
	}
}

// Real models, replayed as if they were asked.
func TestOnRecordedModelsAPlanAnEarlyAndAFullRunAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("asks five recorded models twice")
	}
	full, _ := recorded(t, false)
	stopped, plan := recorded(t, true)
	if diff := cmp.Diff(verdicts(full), verdicts(stopped)); diff != "" {
		t.Errorf("verdicts (-full +early):\n%s", diff)
	}
	if diff := cmp.Diff(full.Gate.Reasons, stopped.Gate.Reasons); diff != "" && full.Gate.Passed != stopped.Gate.Passed {
		t.Errorf("gate reasons (-full +early):\n%s", diff)
	}
	forecast, err := plan.Forecast(audit.PlannedFlips, "2026-01-02")
	if err != nil {
		t.Fatal(err)
	}
	calls, spared := 0, 0
	for i, m := range stopped.Candidates {
		if planned := forecast.Models[i+1].Calls; planned != full.Candidates[i].Calls || m.Calls+m.Spared != planned {
			t.Errorf("%s: %d calls planned, %d made in full, %d made and %d spared", m.Name, planned, full.Candidates[i].Calls, m.Calls, m.Spared)
		}
		calls += forecast.Models[i+1].Calls
		spared += m.Spared
		t.Logf("%s: %d of %d calls spared", m.Name, m.Spared, m.Calls+m.Spared)
	}
	if spared == 0 {
		t.Error("no call was spared")
	}
	t.Logf("all candidates: %d of %d calls spared (%.0f %%)", spared, calls, 100*float64(spared)/float64(calls))
	cannot := map[string]bool{}
	for _, c := range forecast.Comparisons {
		cannot[c.Probe+" "+c.Group] = c.CannotPass
	}
	for _, c := range full.Comparisons {
		if cannot[c.Probe+" "+c.Group] && c.Verdict == drift.VerdictPass {
			t.Errorf("%s passes, where the plan says that it cannot", c.Name())
		}
	}
}

// recorded runs the recorded audit as if its models were asked.
func recorded(t *testing.T, curtail bool) (*drift.Audit, *audit.Plan) {
	t.Helper()
	fsys := fixtures.Recorded()
	data, err := fs.ReadFile(fsys, fixtures.RecordedAudit)
	if err != nil {
		t.Fatal(err)
	}
	f, err := audit.ParseFile(fixtures.RecordedAudit, data, audit.FileOptions{FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	f.Curtail, f.Floor, f.Controls = curtail, 0, false
	f.Reference.Provider = "llamacpp"
	for i := range f.Candidates {
		f.Candidates[i].Provider = "llamacpp"
	}
	plan, err := f.Plan()
	if err != nil {
		t.Fatal(err)
	}
	a, err := plan.Run(t.Context(), audit.RunOptions{
		Dir: filepath.Join(t.TempDir(), "run"),
		Open: func(ctx context.Context, s models.Spec) (audit.Asker, models.Info, error) {
			s.Provider = "replay"
			return models.Open(ctx, s)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a, plan
}
