package audit

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// Progress is how far one model is.
type Progress struct {
	Model string
	// Done are the cases that are over, Spared those of them that were not
	// asked, since no answer could have changed a verdict.
	Done, Spared, Total int
	// Worst is the greatest drop so far; nil while no candidate has lost more
	// cases of a probe than it has gained. It is no verdict.
	Worst *Drop
}

// pause is the least time between two lines of progress.
const pause = 10 * time.Second

// Line tells from time to time how far all models are. It is safe for
// concurrent use.
type Line struct {
	clock func() time.Time
	say   func(string)

	mu     sync.Mutex
	models []Progress // in the order of the audit file
	last   time.Time  // of the last line
}

// NewLine hands a line to say at most every ten seconds of the clock.
func NewLine(f *File, clock func() time.Time, say func(line string)) *Line {
	l := &Line{clock: clock, say: say, last: clock()}
	for _, m := range f.models() {
		l.models = append(l.models, Progress{Model: m.Name})
	}
	return l
}

// Note takes the progress of one model.
func (l *Line) Note(e Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.models {
		if l.models[i].Model == e.Model {
			l.models[i] = e
		}
	}
	if now := l.clock(); now.Sub(l.last) >= pause {
		l.last = now
		l.say(l.line())
	}
}

// String is the line as it is now, e.g. "full 9/9, q4 5/9 (2 spared)".
func (l *Line) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.line()
}

func (l *Line) line() string {
	var parts []string
	for _, m := range l.models {
		text := fmt.Sprintf("%s %d/%d", m.Model, m.Done, m.Total)
		if m.Spared > 0 {
			text += fmt.Sprintf(" (%d spared)", m.Spared)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
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
	c       *probes.Case  // nil for a second asking
	outcome drift.Outcome // empty for a case that was spared
	total   int           // cases that the model may be asked
}

// running keeps what progress is told from. It is used by one goroutine.
type running struct {
	reference  string
	candidates []string
	done       map[string]int                      // by model
	spared     map[string]int                      // by model
	outcomes   map[string]map[string]drift.Outcome // by model and case
	drops      []*Drop
}

func newRunning(f *File) *running {
	r := &running{
		reference: f.Reference.Name, done: map[string]int{}, spared: map[string]int{},
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
	if e.outcome == "" {
		r.spared[e.model]++
	}
	if e.c != nil {
		r.pairUp(e)
	}
	return Progress{Model: e.model, Done: r.done[e.model], Spared: r.spared[e.model], Total: e.total, Worst: r.worst()}
}

// pairUp takes an outcome and pairs it with those of the other models.
func (r *running) pairUp(e scored) {
	r.outcomes[e.model][e.c.ID] = e.outcome
	for _, candidate := range r.candidates {
		if e.model == r.reference || e.model == candidate {
			r.pair(e.c, candidate)
		}
	}
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
