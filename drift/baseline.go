package drift

import (
	"fmt"
	"maps"
	"slices"
)

// BaselineCase is one case as a baseline stores it.
type BaselineCase struct {
	// Hash is that of the prompt, the expectation and the decoding settings.
	Hash    string
	Outcome Outcome
}

// BaselineJoin compares a run with a pinned baseline, by case id. Only cases
// with the same hash are in the table; the lists are sorted.
type BaselineJoin struct {
	Table
	Added, Removed      []string
	Changed             []string // in both, with another hash
	Regressed, Repaired []string
}

// JoinBaseline compares the cases of now with those of then. Compare with a
// pinned baseline, never with the last run, or every release may lose a margin.
func JoinBaseline(then, now map[string]BaselineCase) BaselineJoin {
	j := BaselineJoin{Added: []string{}, Removed: []string{}, Changed: []string{}, Regressed: []string{}, Repaired: []string{}}
	for _, id := range slices.Sorted(maps.Keys(then)) {
		after, ok := now[id]
		switch {
		case !ok:
			j.Removed = append(j.Removed, id)
		case after.Hash != then[id].Hash:
			j.Changed = append(j.Changed, id)
		default:
			j.join(id, then[id].Outcome, after.Outcome)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(now)) {
		if _, ok := then[id]; !ok {
			j.Added = append(j.Added, id)
		}
	}
	return j
}

func (j *BaselineJoin) join(id string, then, now Outcome) {
	p := Pair{Reference: Observation{Outcome: then}, Candidate: Observation{Outcome: now}}
	if !p.decided() {
		j.Excluded++
		return
	}
	j.add(then == Pass, now == Pass)
	switch {
	case then == Pass && now == Fail:
		j.Regressed = append(j.Regressed, id)
	case then == Fail && now == Pass:
		j.Repaired = append(j.Repaired, id)
	}
}

// BaselineAudit is a run held against an earlier one, its baseline.
type BaselineAudit struct {
	Baseline string `json:"baseline"` // its path
	// Stick says how the measuring stick differs: the policy, the size, the
	// probes, the scoring, the reference. None of it is news about a candidate.
	Stick []string `json:"stick"`
	// Models are those of both runs, the reference first.
	Models []BaselineModel `json:"models"`
	// Comparisons hold each model against itself: the reference of each is the
	// model then, its candidate the model now.
	Comparisons []Comparison `json:"comparisons"`
	Gate        Gate         `json:"gate"`
}

// BaselineModel is one model of both runs. Only cases that ask and want the same
// are compared.
type BaselineModel struct {
	Model     string `json:"model"`
	Reference bool   `json:"reference,omitempty"`
	// Then and Now are the digests of the weights; empty is unknown.
	Then string `json:"then,omitempty"`
	Now  string `json:"now,omitempty"`
	// N are the compared cases, Excluded those without two answers.
	N        int `json:"n"`
	Excluded int `json:"excluded"`
	// Added, Removed and Changed cases are in one run alone, or ask or want
	// something else now. Rescored ones have the same answer with another
	// outcome. The lists are case ids.
	Added     []string `json:"added"`
	Removed   []string `json:"removed"`
	Changed   []string `json:"changed"`
	Rescored  []string `json:"rescored"`
	Regressed []string `json:"regressed"`
	Repaired  []string `json:"repaired"`
}

// Weights tells in one word whether the weights are the same.
func (m BaselineModel) Weights() string {
	switch {
	case m.Then == "" || m.Now == "":
		return "unknown"
	case m.Then == m.Now:
		return "same"
	}
	return "changed"
}

// JudgeBaseline judges the comparisons by the policy of the run and fills in the
// gate. Candidates that are expected to pass must not fall behind; the reference
// and controls are for information. Size and today are those of the run, as in
// [Judge].
func JudgeBaseline(b *BaselineAudit, policy Policy, size, today string, candidates []Model) error {
	policy.Uninformative = "warn" // what the model could not do then, it cannot lose
	a := Audit{Policy: policy, Size: size, Comparisons: b.Comparisons}
	for _, m := range b.Models {
		if m.Reference {
			a.Candidates = append(a.Candidates, Model{Name: m.Model, Expect: ExpectAny})
		}
	}
	for _, m := range candidates {
		if m.Expect == ExpectBlocked {
			m.Expect = ExpectAny
		}
		a.Candidates = append(a.Candidates, Model{Name: m.Name, Expect: m.Expect})
	}
	if err := Judge(&a, today); err != nil {
		return err
	}
	b.Comparisons, b.Gate = a.Comparisons, a.Gate
	compared := slices.ContainsFunc(b.Comparisons, func(c Comparison) bool { return c.N > 0 })
	if !b.Gate.Passed && !compared {
		b.Gate.Status = 3 // nothing was observed of any model
	}
	return nil
}

// ShutForSmoke keeps the gate shut on a run of smoke size, where the comparison is
// to stand by itself: such a run finds breakage and shows nothing more. Held
// against the baseline of its own audit file, a run of smoke size blocks on
// breakage alone, as it does against its reference.
func (b *BaselineAudit) ShutForSmoke() {
	if !b.Gate.Passed {
		return
	}
	b.Gate.Passed, b.Gate.Status = false, 1
	b.Gate.Reasons = append(b.Gate.Reasons, "a run of smoke size finds breakage and shows nothing more: compare runs of size standard or full")
}

// HoldAgainst makes the audit's gate depend on its baseline too.
func (a *Audit) HoldAgainst(b *BaselineAudit) {
	a.AgainstBaseline = b
	if b.Gate.Passed {
		return
	}
	for _, r := range b.Gate.Reasons {
		a.Gate.Reasons = append(a.Gate.Reasons, fmt.Sprintf("against the baseline %s: %s", b.Baseline, r))
	}
	if a.Gate.Passed || b.Gate.Status < a.Gate.Status {
		a.Gate.Status = b.Gate.Status
	}
	a.Gate.Passed = false
}
