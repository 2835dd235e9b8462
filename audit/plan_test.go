package audit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"github.com/google/go-cmp/cmp"
)

const mandatoryProbe = `
probe: edge.must.hold
cases:
  - {id: free, prompt: "Say number 1", want: {numeric: 1}}
  - {id: must, prompt: "Say number 2", want: {numeric: 2}, mandatory: true}
`

func TestAPlanListsGroupsAndMandatoryCases(t *testing.T) {
	s := newSetup(t, auditText, guardProbe, nil)
	var groups []string
	for _, id := range s.plan.Comparisons() {
		groups = append(groups, id.Group)
	}
	if diff := cmp.Diff([]string{"", "half=low", "half=high", "guard"}, groups); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s = newSetup(t, auditText, mandatoryProbe, nil)
	if got := s.plan.Mandatory(); len(got) != 1 || !strings.HasSuffix(got[0].Case, "must") || got[0].Candidate != "small" {
		t.Errorf("mandatory %v, want the one case", got)
	}
}

func TestAMandatoryCaseThatFailsKeepsTheGateShut(t *testing.T) {
	wrong := &fake{answer: func(string, int) models.Response { return says("9") }}
	s := newSetup(t, auditText, mandatoryProbe, map[string]*fake{"full": {answer: number}, "small": wrong})
	a := s.run(t)
	if len(a.Mandatory) != 1 || a.Mandatory[0].Observation.Outcome != drift.Fail || !a.Mandatory[0].Gated {
		t.Errorf("mandatory %+v", a.Mandatory)
	}
	if !strings.Contains(strings.Join(a.Gate.Reasons, "\n"), "mandatory case") {
		t.Errorf("reasons %q", a.Gate.Reasons)
	}
}

func TestPatternsThatMatchNoProbeAreRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "probe.yaml"), []byte(mandatoryProbe), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := audit.ParseFile(filepath.Join(dir, "gambit.yaml"), []byte(auditText+`
policy:
  tiers: {advisory: ["edge.must.*", "egde.*"]}
  waivers: [{probe: edge.gone, owner: ana, until: 2027-03-01, why: known}]
`), audit.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	suite, err := f.LoadProbes()
	if err != nil {
		t.Fatal(err)
	}
	_, err = audit.NewPlan(f, suite)
	if err == nil || !strings.Contains(err.Error(), `"egde.*" matches no probe`) || !strings.Contains(err.Error(), `"edge.gone" matches no probe`) ||
		strings.Contains(err.Error(), "edge.must") {
		t.Errorf("got %v, want both patterns named", err)
	}
}

func TestAPlanWithoutCasesIsRefused(t *testing.T) {
	s := newSetup(t, auditText, mandatoryProbe, nil)
	if _, err := audit.NewPlan(s.plan.File(), &probes.Suite{}); err == nil || !strings.Contains(err.Error(), "zero cases") {
		t.Errorf("got %v, want zero cases to be refused", err)
	}
}

// picky refuses every request.
type picky struct{ fake }

func (p *picky) Check(models.Request) error { return errors.New("provider x does not carry y") }

func TestWhatAProviderWouldDropIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	full, small := &fake{answer: number}, &picky{fake{answer: number}}
	s := newSetup(t, auditText, guardProbe, nil)
	o := s.options()
	o.Open = func(_ context.Context, spec models.Spec) (audit.Asker, models.Info, error) {
		if spec.Name == "full" {
			return full, models.Info{}, nil
		}
		return small, models.Info{}, nil
	}
	_, err := s.plan.Run(t.Context(), o)
	if err == nil || strings.Count(err.Error(), "does not carry y") != 1 || !strings.Contains(err.Error(), "probe.yaml:2:1") {
		t.Errorf("got %v, want one refusal that names the probe's line", err)
	}
	if full.total+small.total != 0 {
		t.Errorf("%d calls were made", full.total+small.total)
	}
}

func TestModelsThatCannotBeReachedAreAllNamed(t *testing.T) {
	s := newSetup(t, auditText, mandatoryProbe, nil)
	o := s.options()
	o.Open = func(_ context.Context, spec models.Spec) (audit.Asker, models.Info, error) {
		return nil, models.Info{}, errors.New(spec.Name + " is down")
	}
	_, err := s.plan.Run(t.Context(), o)
	var unreachable *audit.UnreachableError
	if !errors.As(err, &unreachable) || !strings.Contains(err.Error(), "full is down") || !strings.Contains(err.Error(), "small is down") {
		t.Errorf("got %v, want both models named as unreachable", err)
	}
}

func TestFlipsShowLossesBeforeGainsAndNotMoreThanFive(t *testing.T) {
	odd := func(q string) bool { return strings.ContainsAny(q[len(q)-1:], "13579") }
	s := newSetup(t, auditText, strings.Replace(guardProbe, "count: 60", "count: 4", 1), map[string]*fake{
		"full": {answer: func(q string, call int) models.Response {
			if odd(q) {
				return says("none")
			}
			return number(q, call)
		}},
		"small": {answer: func(q string, call int) models.Response {
			if !odd(q) {
				return says("none")
			}
			return number(q, call)
		}},
	})
	flips := comparison(t, s.run(t), "").Flips
	var got []drift.Outcome
	for _, f := range flips {
		got = append(got, f.Reference.Outcome)
	}
	want := []drift.Outcome{drift.Pass, drift.Pass, drift.Pass, drift.Pass, drift.Fail}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the reference in the flips (-want +got):\n%s", diff)
	}
}

func TestProgressCountsEveryCaseAndNamesTheWorstDrop(t *testing.T) {
	s := newSetup(t, auditText, strings.Replace(guardProbe, "count: 60", "count: 10", 1), map[string]*fake{
		"full":  {answer: number},
		"small": {answer: func(string, int) models.Response { return says("10") }},
	})
	done := map[string]int{}
	var worst *audit.Drop
	o := s.options()
	o.Progress = func(p audit.Progress) {
		if p.Done != done[p.Model]+1 || p.Total != 20 {
			t.Errorf("%s: %d of %d after %d", p.Model, p.Done, p.Total, done[p.Model])
		}
		done[p.Model], worst = p.Done, p.Worst
	}
	if _, err := s.plan.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	want := &audit.Drop{Probe: "edge.guard.number", Candidate: "small", Cases: 20, Loss: 18}
	if diff := cmp.Diff(want, worst); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The key goes to the model alone.
func TestSecretsAreWrittenNowhere(t *testing.T) {
	const secret = "k-3c1f9a"
	dir := t.TempDir()
	text := strings.Replace(auditText, "model: x}", `model: x, api_key: "${KEY}"}`, 1)
	plan := planIn(t, dir, text, mandatoryProbe,
		audit.FileOptions{LookupEnv: func(string) (string, bool) { return secret, true }})
	s := &setup{models: map[string]*fake{"full": {answer: number}, "small": {answer: number}}, dir: dir, plan: plan}
	if plan.File().Reference.APIKey != secret {
		t.Fatal("the key was not read")
	}
	if strings.Contains(asJSON(t, s.run(t)), secret) {
		t.Error("the audit holds the key")
	}
	files, err := filepath.Glob(filepath.Join(s.options().Dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of the run: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), secret) {
			t.Errorf("%s holds the key", filepath.Base(name))
		}
	}
}
