package audit_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/google/go-cmp/cmp"
)

// pastCase is a case of results with the outcomes of full and small.
func pastCase(id, hash string, full, small audit.OutcomeResult) audit.CaseResult {
	return audit.CaseResult{ID: id, Hash: hash, Cluster: id, Groups: []string{"half=low"},
		Outcomes: map[string]audit.OutcomeResult{"full": full, "small": small}}
}

func past(cases ...audit.CaseResult) *audit.Results {
	return &audit.Results{
		Schema: audit.ResultsSchema, Version: "v1", Size: "standard", Seed: 1,
		Policy:     drift.Policy{Margin: 0.05, GroupMargin: 0.1, Alpha: 0.05, MaxUndecided: 0.05, Inconclusive: "block", Uninformative: "warn"},
		Reference:  drift.Model{Name: "full", Digest: "aa"},
		Candidates: []drift.Model{{Name: "small", Digest: "bb", Expect: drift.ExpectPass}},
		Probes:     []audit.ProbeResult{{ID: "own.case.one", Pack: "own", Harm: "edge-case", File: "one.yaml", Line: 1, Cases: cases}},
	}
}

var (
	right   = audit.OutcomeResult{Outcome: drift.Pass, Answer: "r"}
	wrong   = audit.OutcomeResult{Outcome: drift.Fail, Answer: "w"}
	nothing = audit.OutcomeResult{Outcome: drift.Undecided}
)

// many are cases that both models pass.
func many(n int) []audit.CaseResult {
	var list []audit.CaseResult
	for i := range n {
		list = append(list, pastCase("m"+string(rune('a'+i/26))+string(rune('a'+i%26)), "h", right, right))
	}
	return list
}

func against(t *testing.T, then, now *audit.Results) *drift.BaselineAudit {
	t.Helper()
	b, err := audit.Against(then, now, "then", "2026-01-02")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRunsAreJoinedByCaseAndByWhatItAsks(t *testing.T) {
	then := past(append(many(100),
		pastCase("gone", "h", right, right), pastCase("reworded", "h1", right, right),
		pastCase("lost", "h", right, right), pastCase("won", "h", right, wrong),
		pastCase("rescored", "h", right, wrong), pastCase("unanswered", "h", right, nothing))...)
	now := past(append(many(100),
		pastCase("reworded", "h2", right, wrong), pastCase("lost", "h", right, wrong), pastCase("won", "h", right, right),
		pastCase("rescored", "h", right, audit.OutcomeResult{Outcome: drift.Pass, Answer: "w"}),
		pastCase("unanswered", "h", right, right), pastCase("new", "h", right, wrong))...)
	b := against(t, then, now)
	want := drift.BaselineModel{
		Model: "small", Then: "bb", Now: "bb", N: 102, Excluded: 1, Added: []string{"new"}, Removed: []string{"gone"},
		Changed: []string{"reworded"}, Rescored: []string{"rescored"}, Regressed: []string{"lost"}, Repaired: []string{"won"},
	}
	if diff := cmp.Diff(want, b.Models[1]); diff != "" {
		t.Errorf("small (-want +got):\n%s", diff)
	}
	for _, line := range []string{
		"probe own.case.one: 1 of 105 cases ask or want something else",
		"scoring: 1 answers of small are the same and are judged otherwise",
	} {
		if !slices.Contains(b.Stick, line) {
			t.Errorf("the measuring stick lacks %q: %q", line, b.Stick)
		}
	}
	if !b.Gate.Passed {
		t.Errorf("gate not passed: %q", b.Gate.Reasons)
	}
	var compared []string
	for _, c := range b.Comparisons {
		compared = append(compared, c.Candidate+" "+c.Group+" "+string(c.Verdict))
	}
	if diff := cmp.Diff([]string{"full  pass", "full half=low pass", "small  pass", "small half=low pass"}, compared); diff != "" {
		t.Errorf("comparisons (-want +got):\n%s", diff)
	}
}

func TestACandidateThatFellBehindKeepsTheGateShut(t *testing.T) {
	then, now := past(many(100)...), past(many(100)...)
	for i := range 30 {
		now.Probes[0].Cases[i].Outcomes = map[string]audit.OutcomeResult{"full": right, "small": wrong}
	}
	b := against(t, then, now)
	if b.Gate.Passed || b.Gate.Status != 1 || !strings.Contains(strings.Join(b.Gate.Reasons, "\n"), "own.case.one on small: fail") {
		t.Errorf("gate %+v, want small to fail", b.Gate)
	}
	if len(b.Stick) != 0 {
		t.Errorf("measuring stick %q, want it the same", b.Stick)
	}
}

// What the reference does is the measuring stick; it blocks no candidate.
func TestAMovedReferenceIsNoNewsAboutACandidate(t *testing.T) {
	then, now := past(many(100)...), past(many(100)...)
	for i := range 30 {
		now.Probes[0].Cases[i].Outcomes = map[string]audit.OutcomeResult{"full": wrong, "small": right}
	}
	now.Reference.Digest = "cc"
	b := against(t, then, now)
	want := []string{"reference full: other weights", "reference full: 30 of 100 cases flipped (weights: changed)"}
	if diff := cmp.Diff(want, b.Stick); diff != "" || !b.Gate.Passed {
		t.Errorf("gate passed: %v, measuring stick (-want +got):\n%s", b.Gate.Passed, diff)
	}
}

func TestEveryChangeOfThePolicyIsNamed(t *testing.T) {
	then, now := past(many(60)...), past(many(60)...)
	now.Policy.Margin, now.Policy.Advisory = 0.2, []string{"own.*"}
	now.Size, now.Seed, now.Version = "full", 2, "v2"
	b := against(t, then, now)
	want := []string{`policy advisory: ["own.*"], was not set`, "policy margin: 0.2, was 0.05",
		"version of gambit: v2, was v1", "size: full, was standard", "seed: 2, was 1"}
	if diff := cmp.Diff(want, b.Stick); diff != "" {
		t.Errorf("measuring stick (-want +got):\n%s", diff)
	}
}

// A probe that a candidate passed cases of is not dropped in silence.
func TestAProbeOfTheBaselineThatIsNotComparedKeepsTheGateShut(t *testing.T) {
	other := func(cases ...audit.CaseResult) audit.ProbeResult {
		return audit.ProbeResult{ID: "own.case.two", Pack: "own", Harm: "edge-case", File: "two.yaml", Line: 1, Cases: cases}
	}
	unasked := audit.OutcomeResult{}
	for name, tt := range map[string]struct {
		then, now []audit.ProbeResult
		policy    drift.Policy
		passed    bool
	}{
		"gone":         {then: []audit.ProbeResult{other(pastCase("x", "h", right, right))}},
		"reworded":     {then: []audit.ProbeResult{other(pastCase("x", "h", right, right))}, now: []audit.ProbeResult{other(pastCase("x", "i", right, right))}},
		"not asked":    {then: []audit.ProbeResult{other(pastCase("x", "h", right, right))}, now: []audit.ProbeResult{other(pastCase("x", "h", right, unasked))}},
		"all rescored": {then: []audit.ProbeResult{other(pastCase("x", "h", right, right))}, now: []audit.ProbeResult{other(pastCase("x", "h", right, audit.OutcomeResult{Outcome: drift.Fail, Answer: "r"}))}},
		"never passed": {then: []audit.ProbeResult{other(pastCase("x", "h", right, wrong))}, passed: true},
		"advisory":     {then: []audit.ProbeResult{other(pastCase("x", "h", right, right))}, policy: drift.Policy{Advisory: []string{"own.case.two"}}, passed: true},
		"waived": {then: []audit.ProbeResult{other(pastCase("x", "h", right, right))}, passed: true,
			policy: drift.Policy{Waivers: []drift.Waiver{{Probe: "own.case.two", Owner: "o", Until: "2026-02-01"}}}},
	} {
		then, now := past(many(100)...), past(many(100)...)
		then.Probes, now.Probes = append(then.Probes, tt.then...), append(now.Probes, tt.now...)
		now.Policy.Advisory, now.Policy.Waivers = tt.policy.Advisory, tt.policy.Waivers
		b := against(t, then, now)
		if b.Gate.Passed != tt.passed {
			t.Errorf("%s: gate %+v, want it passed: %v", name, b.Gate, tt.passed)
		}
		reasons := strings.Join(b.Gate.Reasons, "\n")
		if !tt.passed && (b.Gate.Status != 3 || !strings.Contains(reasons, "own.case.two on small: inconclusive: none of its 1 cases is compared") ||
			!strings.Contains(reasons, "pin a new baseline")) {
			t.Errorf("%s: status %d, reasons %q", name, b.Gate.Status, reasons)
		}
	}
}

// What filters leave out of a run is no loss of a model.
func TestAFilteredRunIsHeldAgainstWhatItAsked(t *testing.T) {
	s := newSetup(t, auditText, singlesProbe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	s.run(t)
	pinned := filepath.Join(s.options().Dir, audit.ResultsFile)
	then, err := audit.ReadResults(pinned)
	if err != nil {
		t.Fatal(err)
	}
	gone := then.Probes[0]
	gone.ID = "edge.echo.gone"
	then.Probes = append(then.Probes, gone)
	data, err := json.Marshal(then)
	if err == nil {
		err = os.WriteFile(pinned, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, filtered := range []bool{false, true} {
		next := newSetup(t, auditText+"baseline: "+pinned+"\n", singlesProbe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
		if filtered {
			keep := func(id audit.ComparisonID) bool { return id.Group == "" }
			if err := next.plan.Select(keep, func(audit.MandatoryID) bool { return true }); err != nil {
				t.Fatal(err)
			}
		}
		if a := next.run(t); a.Gate.Passed != filtered {
			t.Errorf("filtered %v: gate %+v, want it passed only where filters left the other probe out", filtered, a.Gate)
		}
	}
}

func TestOnlyTheSameAnswersAreRescored(t *testing.T) {
	for name, tt := range map[string]struct {
		probe     string
		then, now func(question string) models.Response
		regressed bool
	}{
		"another earlier turn": {
			probe: turnsProbe,
			then:  func(q string) models.Response { return number(q, 0) },
			now: func(q string) models.Response {
				if strings.HasPrefix(q, "Say number") {
					return says("none")
				}
				return number(q, 0)
			},
			regressed: true,
		},
		"another end of a long answer": {
			probe: strings.Replace(singlesProbe, "200", "30", 1),
			then:  func(q string) models.Response { return says(strings.Repeat("well, ", 1000) + number(q, 0).Text) },
			now:   func(string) models.Response { return says(strings.Repeat("well, ", 1000) + "none") }, regressed: true,
		},
		"a tie that rounding hides": {
			probe: chosenProbe,
			then:  func(string) models.Response { return models.Response{OptionLogprobs: []float64{-1.001, -1.002}} },
			now:   func(string) models.Response { return models.Response{OptionLogprobs: []float64{-1.001, -1.001}} }, regressed: true,
		},
		"the same": {
			probe: turnsProbe,
			then:  func(q string) models.Response { return number(q, 0) },
			now:   func(q string) models.Response { return number(q, 0) },
		},
	} {
		results := func(small func(string) models.Response) *audit.Results {
			answer := func(q string, _ int) models.Response { return small(q) }
			s := newSetup(t, auditText, tt.probe, map[string]*fake{"full": {answer: answer}, "small": {answer: answer}})
			return audit.NewResults(s.plan, s.run(t))
		}
		then, now := results(tt.then), results(tt.now)
		if !tt.regressed {
			// Only the scoring can make another outcome of the same answers.
			for _, c := range now.Probes[0].Cases {
				c.Outcomes["small"] = audit.OutcomeResult{Outcome: drift.Fail, Answer: c.Outcomes["small"].Answer}
			}
		}
		m := against(t, then, now).Models[1]
		if n := len(now.Probes[0].Cases); tt.regressed != (len(m.Regressed) == n) || tt.regressed == (len(m.Rescored) == n) {
			t.Errorf("%s: %d of %d cases regressed and %d rescored, want all regressed: %v", name, len(m.Regressed), n, len(m.Rescored), tt.regressed)
		}
	}
}

const turnsProbe = `
probe: edge.echo.turns
axes: {n: {count: 60}}
turns:
  - {user: "Say number {{n}}", want: {numeric: "{{n}}"}}
  - {user: "Thank you. Say 0"}
`

const chosenProbe = `
probe: edge.echo.chosen
axes: {n: {count: 60}}
prompt: "Which is right for {{n}}?"
options: [{text: " yes", is: right}, {text: " no", is: wrong}]
output: option_logprob
want: {choice: right}
`

func TestNothingToCompareIsNoPass(t *testing.T) {
	renamed := past(many(60)...)
	renamed.Candidates[0].Name = "other"
	other := past(many(60)...)
	other.Probes[0].ID = "own.case.two"
	reworded := past(many(60)...)
	for i := range reworded.Probes[0].Cases {
		reworded.Probes[0].Cases[i].Hash = "other"
	}
	for name, now := range map[string]*audit.Results{"another candidate": renamed, "another probe": other, "other cases": reworded} {
		if b := against(t, past(many(60)...), now); b.Gate.Passed || len(b.Stick) == 0 {
			t.Errorf("%s: gate passed: %v, measuring stick %q", name, b.Gate.Passed, b.Stick)
		}
	}
}

func TestARunLeavesItsResultsAndIsHeldAgainstThePinnedOnes(t *testing.T) {
	s := newSetup(t, auditText, singlesProbe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	s.run(t)
	pinned := filepath.Join(s.options().Dir, audit.ResultsFile)
	results, err := audit.ReadResults(s.options().Dir)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(results.Probes[0].Cases); n != 400 || results.Probes[0].Cases[0].Outcomes["small"].Outcome != drift.Pass {
		t.Errorf("%d cases in the results, want 400 that pass", n)
	}
	worse := wrongOn(func(q string) bool { return strings.HasSuffix(q, "7") })
	next := newSetup(t, auditText+"baseline: "+pinned+"\n", singlesProbe, map[string]*fake{"full": worse, "small": worse})
	a := next.run(t)
	if a.Gate.Passed || !strings.Contains(strings.Join(a.Gate.Reasons, "\n"), "against the baseline") || a.AgainstBaseline == nil {
		t.Errorf("gate %+v, want it shut by the baseline", a.Gate)
	}
	if c := comparison(t, a, ""); c.Verdict != drift.VerdictPass {
		t.Errorf("against its reference the candidate is %s, want pass", c.Verdict)
	}
}

func TestABaselineThatCannotBeReadStopsTheRunBeforeItAsks(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"none": "", "broken": "{", "other": `{"schema": "x/1"}`} {
		path := filepath.Join(dir, name)
		if text != "" {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		full := &fake{answer: number}
		s := newSetup(t, auditText+"baseline: "+path+"\n", mandatoryProbe, map[string]*fake{"full": full, "small": full})
		if _, err := s.plan.Run(t.Context(), s.options()); err == nil || !strings.Contains(err.Error(), "baseline: ") || full.total > 0 {
			t.Errorf("%s: %v after %d calls, want an error before any", name, err, full.total)
		}
	}
}

func TestResultsHoldNoAnswerAndNoPrompt(t *testing.T) {
	s := newSetup(t, auditText, singlesProbe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	a := s.run(t)
	data, err := json.Marshal(audit.NewResults(s.plan, a))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"the number is", "Say number"} {
		if strings.Contains(string(data), text) {
			t.Errorf("the results hold %q", text)
		}
	}
}

// Cases that were spared are in the results, as not asked.
func TestRunsThatStoppedEarlyCanBeCompared(t *testing.T) {
	s := newSetup(t, early, singlesProbe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	results := audit.NewResults(s.plan, s.run(t))
	if n := len(results.Probes[0].Cases); n != 400 {
		t.Errorf("%d cases in the results, want all 400", n)
	}
	b := against(t, results, results)
	small := b.Models[1]
	if !b.Gate.Passed || small.N == 0 || small.N+small.Excluded != 400 || len(small.Removed) > 0 || small.Excluded == 0 {
		t.Errorf("gate %+v, model %+v, want some compared, the others excluded and nothing behind", b.Gate, small)
	}
}
