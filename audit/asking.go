package audit

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
	"golang.org/x/sync/errgroup"
)

// panel are the opened models that scorers ask. Each is a session without cases
// of its own: its answers are kept in the evidence and found again like those of
// any model, so that a report is rebuilt without a call. A nil panel has none.
type panel struct {
	file    *File
	members map[scorers.Role]*session
	mu      sync.Mutex
	anchors map[*probes.Probe]*drift.Anchors // that the judge was asked about
}

// panelRoles are the members of a panel in the order of reports.
var panelRoles = []scorers.Role{scorers.Judge, scorers.Embedder}

// openPanel reaches the models that the scorers of cases have to ask, and gives
// them to the audited sessions. It refuses a judge that is one of the audited.
func (f *File) openPanel(ctx context.Context, o RunOptions, cases []*probes.Case, audited []*session) error {
	roles := rolesOf(cases)
	if len(roles) == 0 {
		return nil
	}
	if err := f.lacking(cases); err != nil {
		return err
	}
	p := &panel{file: f, members: map[scorers.Role]*session{}, anchors: map[*probes.Probe]*drift.Anchors{}}
	for _, s := range audited {
		s.panel = p
	}
	for _, role := range roles {
		m := f.Scoring.of(role)
		asker, info, err := o.Open(ctx, m.Spec)
		if err != nil {
			return unopened(err)
		}
		s := newSession(*m, asker, info, nil)
		s.repeated = map[uint64]bool{opening(witness("")): true} // any question may come twice
		p.members[role] = s
		if err := asker.Check(f.request(scorers.Ask{Of: role, System: "…", Text: "…"})); err != nil {
			return fmt.Errorf("%s: %s %s: %w", f.Name, role, m.Name, err)
		}
	}
	return p.independent(audited)
}

// independent refuses a judge that is one of the audited models by what the
// servers say of themselves.
func (p *panel) independent(audited []*session) error {
	judge := p.members[scorers.Judge]
	if judge == nil {
		return nil
	}
	for _, s := range audited {
		if sameServed(judge, s) {
			return fmt.Errorf("%s: %w", p.file.Name, judgesItself(&judge.model, s.model))
		}
		if judge.model.Model != "" && judge.model.Model == s.model.Model {
			judge.notes = append(judge.notes, fmt.Sprintf("judge %s has the name of the audited model %s (%s) on another server: make sure that it is another model",
				judge.model.Name, s.model.Name, s.model.Model))
		}
	}
	return nil
}

// withPanel are sessions and those of the models that their scorers ask.
func withPanel(sessions []*session) []*session {
	if len(sessions) == 0 || sessions[0] == nil || sessions[0].panel == nil {
		return sessions
	}
	return append(slices.Clone(sessions), sessions[0].panel.sessions()...)
}

// sessions are the members of the panel.
func (p *panel) sessions() []*session {
	if p == nil {
		return nil
	}
	var list []*session
	for _, role := range panelRoles {
		if s := p.members[role]; s != nil {
			list = append(list, s)
		}
	}
	return list
}

// witness stands for a case where a model is asked for a scorer; id is the case
// that the evidence names.
func witness(id string) *probes.Case { return &probes.Case{ID: id, Steps: make([]probes.Step, 1)} }

// request is what is sent for an ask.
func (f *File) request(a scorers.Ask) models.Request {
	if a.Of == scorers.Embedder {
		return models.Request{Messages: []models.Message{{Role: "user", Text: a.Text}}, Embed: true}
	}
	return models.Request{
		Messages:    []models.Message{{Role: "system", Text: a.System}, {Role: "user", Text: a.Text}},
		Temperature: a.Temperature, MaxTokens: f.Scoring.JudgeTokens, Sample: a.Sample,
	}
}

// reply puts one ask to its model.
func (p *panel) reply(ctx context.Context, id string, a scorers.Ask) (scorers.Reply, error) {
	s := p.members[a.Of]
	r, err := s.ask(ctx, witness(id), p.file.request(a))
	if err != nil {
		return scorers.Reply{}, err
	}
	if r.Error != nil {
		return scorers.Reply{Failure: fmt.Sprintf("%s: %s: %s", s.model.Name, r.Error.Kind, r.Error.Error())}, nil
	}
	return scorers.Reply{Text: r.Text, Vector: r.Vector}, nil
}

// settle scores one answer, and asks where its scorer has to.
func (p *panel) settle(ctx context.Context, id string, want scorers.Scorer, a scorers.Answer) (scorers.Result, error) {
	asks := scorers.Asks(want, a)
	replies := make([]scorers.Reply, len(asks))
	for i, ask := range asks {
		var err error
		if replies[i], err = p.reply(ctx, id, ask); err != nil {
			return scorers.Result{}, err
		}
	}
	return scorers.Settle(want, a, replies), nil
}

// score judges the turns of one conversation; see [scoreCase].
func (s *session) score(ctx context.Context, c *probes.Case, responses []*models.Response) (drift.Observation, error) {
	var failed error
	o := scoreCase(c, responses, func(want scorers.Scorer, a scorers.Answer) scorers.Result {
		if s.panel == nil || failed != nil {
			return want.Score(a)
		}
		var r scorers.Result
		r, failed = s.panel.settle(ctx, c.ID, want, a)
		return r
	})
	return o, failed
}

// askAnchors has the judge score the answers whose verdict is known, of each
// probe that is compared, once.
func (p *Plan) askAnchors(ctx context.Context, panel *panel) error {
	if panel == nil || panel.members[scorers.Judge] == nil {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, panel.members[scorers.Judge].model.Concurrency))
	all := map[*probes.Probe][]scorers.Result{}
	for _, probe := range p.judged() {
		if panel.counted(probe) != nil {
			continue
		}
		results := make([]scorers.Result, len(probe.Anchors))
		all[probe] = results
		for i, a := range probe.Anchors {
			g.Go(func() (err error) {
				results[i], err = panel.settle(ctx, fmt.Sprintf("%s/anchor-%d", probe.ID, i+1), a.Want, a.Answer)
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for probe, results := range all {
		panel.count(probe, results)
	}
	return nil
}

// judged are the probes that are compared and that a judge scores, with the
// anchors that each is asked about.
func (p *Plan) judged() []*probes.Probe {
	var list []*probes.Probe
	for _, probe := range p.suite.Probes {
		compared := slices.ContainsFunc(p.comparisons, func(id ComparisonID) bool { return id.Probe == probe.ID })
		if compared && len(probe.Anchors) > 0 && probe.Uncorrected() == "" {
			list = append(list, probe)
		}
	}
	return list
}

// count keeps what the judge made of a probe's anchors. Those that are undecided
// without votes were not answered.
func (p *panel) count(probe *probes.Probe, results []scorers.Result) {
	counted := &drift.Anchors{}
	for i, r := range results {
		counted.Add(probe.Anchors[i].Pass, r.Outcome, r.Outcome == drift.Undecided && r.Votes == nil)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.anchors[probe] = counted
}

// counted is what the judge made of a probe's anchors; nil before it was asked.
func (p *panel) counted(probe *probes.Probe) *drift.Anchors {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.anchors[probe]
}

// judgeOf says by which judge a probe is scored; nil where rules do. Anchors
// that the judge was not asked about count as failed, so that nothing passes
// without them.
func (p *panel) judgeOf(probe *probes.Probe) *drift.JudgeOptions {
	if p == nil || !probe.Judged() {
		return nil
	}
	o := &drift.JudgeOptions{Name: p.members[scorers.Judge].model.Name, Anchors: p.counted(probe), Uncorrected: probe.Uncorrected()}
	if o.Anchors == nil && len(probe.Anchors) > 0 && o.Uncorrected == "" {
		o.Anchors = &drift.Anchors{Failed: len(probe.Anchors)}
	}
	return o
}

// describePanel tells of the models that scorers asked.
func describePanel(a *drift.Audit, p *panel) {
	if p == nil {
		return
	}
	for _, role := range panelRoles {
		s := p.members[role]
		if s == nil {
			continue
		}
		m := s.describe()
		a.Scoring = append(a.Scoring, m)
		a.Notes = append(append(a.Notes, told(role, m)), s.notes...)
		a.Warnings = append(a.Warnings, s.warnings()...)
	}
}

// told is one line on a model that scorers asked, with what that took.
func told(role scorers.Role, m drift.Model) string {
	text := fmt.Sprintf("answers are scored by %s %s (%s %s, %s): %d replies", role, m.Name, m.Provider, m.Model, m.Endpoint, m.Calls+m.Reused)
	if u := m.Usage; u != nil {
		text += fmt.Sprintf(", %d tokens read and %d written", u.PromptTokens, u.OutputTokens)
		if u.Cost != nil {
			text += fmt.Sprintf(", cost %.2f", *u.Cost)
		}
	}
	return text
}
