package audit

import (
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// Progress is how far one model is.
type Progress struct {
	Model       string
	Done, Total int // cases
	// Worst is the greatest drop so far; nil while no candidate has lost more
	// cases of a probe than it has gained. It is no verdict.
	Worst *Drop
}

// Drop counts the cases of one probe that both the reference and the candidate
// have answered so far. Cases of a bundle are counted one by one.
type Drop struct {
	Probe, Candidate string
	Cases            int
	Loss, Gain       int
}

// scored is one case of one model, just scored.
type scored struct {
	model   string
	c       *probes.Case
	outcome drift.Outcome
	total   int // cases that the model is asked
}

// running keeps what progress is told from. It is used by one goroutine.
type running struct {
	reference  string
	candidates []string
	done       map[string]int                      // by model
	outcomes   map[string]map[string]drift.Outcome // by model and case
	drops      []*Drop
}

func newRunning(f *File) *running {
	r := &running{
		reference: f.Reference.Name, done: map[string]int{},
		outcomes: map[string]map[string]drift.Outcome{},
	}
	for _, m := range f.models() {
		r.outcomes[m.Name] = map[string]drift.Outcome{}
	}
	for _, m := range f.Candidates {
		r.candidates = append(r.candidates, m.Name)
	}
	return r
}

func (r *running) add(e scored) Progress {
	r.done[e.model]++
	r.outcomes[e.model][e.c.ID] = e.outcome
	for _, candidate := range r.candidates {
		if e.model == r.reference || e.model == candidate {
			r.pair(e.c, candidate)
		}
	}
	return Progress{Model: e.model, Done: r.done[e.model], Total: e.total, Worst: r.worst()}
}

// pair counts a case that both models have answered.
func (r *running) pair(c *probes.Case, candidate string) {
	was, is := r.outcomes[r.reference][c.ID], r.outcomes[candidate][c.ID]
	if !answered(was) || !answered(is) {
		return
	}
	d := r.drop(c.Probe.ID, candidate)
	d.Cases++
	switch {
	case was == drift.Pass && is == drift.Fail:
		d.Loss++
	case was == drift.Fail && is == drift.Pass:
		d.Gain++
	}
}

// worst is the drop with most cases lost less gained, the first of equals.
func (r *running) worst() *Drop {
	var worst Drop
	for _, d := range r.drops {
		if d.Loss-d.Gain > worst.Loss-worst.Gain {
			worst = *d
		}
	}
	if worst.Cases == 0 {
		return nil
	}
	return &worst
}

func (r *running) drop(probe, candidate string) *Drop {
	for _, d := range r.drops {
		if d.Probe == probe && d.Candidate == candidate {
			return d
		}
	}
	d := &Drop{Probe: probe, Candidate: candidate}
	r.drops = append(r.drops, d)
	return d
}

func answered(o drift.Outcome) bool { return o == drift.Pass || o == drift.Fail }
