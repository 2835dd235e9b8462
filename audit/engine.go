package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"golang.org/x/sync/errgroup"
)

// Names of the files in a run's folder.
const (
	EvidenceFile = "evidence.jsonl"
	finishedFile = "finished"
)

// Asker is an opened model.
type Asker interface {
	models.Asker
	// Check refuses a request that the model's provider would not carry.
	Check(models.Request) error
}

// RunOptions say where a run keeps its evidence and how it reaches models.
type RunOptions struct {
	// Dir is the run's folder, made if need be. An unfinished run in it is
	// gone on with.
	Dir string
	// Clock gives the time; nil is time.Now.
	Clock func() time.Time
	// Open reaches a model; nil is models.Open.
	Open func(context.Context, models.Spec) (Asker, models.Info, error)
	// Pair takes each pair once its probe is judged, in the order of
	// [drift.Audit.Pairs], which then stays nil; nil has them held there.
	Pair func(drift.ProbePair) error
	// Progress is called after each case, from one goroutine at a time; nil
	// for none.
	Progress func(Progress)
	Version  string // of gambit
}

func (o RunOptions) withDefaults() RunOptions {
	if o.Open == nil {
		o.Open = openModel
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// UnreachableError says that a model could not be reached: nothing was asked,
// and the same command may do later.
type UnreachableError struct{ Err error }

func (e *UnreachableError) Error() string { return e.Err.Error() }
func (e *UnreachableError) Unwrap() error { return e.Err }

// unopened is the error of models that could not be opened. Where one of them is
// set up wrongly, they are not just unreachable: waiting does not mend that.
func unopened(err error) error {
	if errors.As(err, new(*models.SettingError)) {
		return err
	}
	return &UnreachableError{err}
}

func openModel(ctx context.Context, s models.Spec) (Asker, models.Info, error) {
	m, info, err := models.Open(ctx, s)
	if err != nil {
		return nil, info, err
	}
	return m, info, nil
}

// RunDir names the folder for a run below out: that of the latest unfinished
// run of the same audit file and size, under the same filters, else a new one.
func RunDir(out string, p *Plan, now time.Time) (dir string, resumed bool, err error) {
	suffix := fmt.Sprintf("-%s-%s", p.hash()[:8], p.file.Size)
	entries, err := os.ReadDir(out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", false, fmt.Errorf("run folder: %w", err)
	}
	for _, e := range slices.Backward(entries) { // sorted by name, so the latest first
		dir := filepath.Join(out, e.Name())
		if !e.IsDir() || !strings.HasSuffix(e.Name(), suffix) {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, finishedFile)); errors.Is(err, os.ErrNotExist) {
			return dir, true, nil
		}
	}
	return filepath.Join(out, now.UTC().Format("20060102T150405.000Z")+suffix), false, nil
}

// Run asks all models at once, keeps every answer in the folder's evidence
// before it is scored, and judges the pairs. An interrupted or killed run goes
// on from its evidence, and so does one that gave a model up. Only one run at a
// time may use a folder.
func (p *Plan) Run(ctx context.Context, o RunOptions) (*drift.Audit, error) {
	o = o.withDefaults()
	if _, err := p.file.baseline(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	unlock, err := lockDir(o.Dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	askers, err := p.open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer closeAll(askers)
	if err := distinct(askers); err != nil {
		return nil, err
	}
	for i, s := range askers {
		if cases := p.cases(s.model.Name); i == 0 {
			s.turnTo(cases, p.again())
		} else {
			s.turnTo(cases, nil)
		}
	}
	if err := p.check(askers); err != nil {
		return nil, err
	}
	if err := p.fits(ctx, askers); err != nil {
		return nil, err
	}
	controls, err := p.runControls(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := p.record(ctx, askers, o); err != nil {
		return nil, err
	}
	a, err := p.judge(askers, controls, o)
	if err != nil {
		return nil, err
	}
	if err := NewResults(p, a).write(o.Dir); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(withPanel(askers), func(s *session) bool { return s.gaveUp != "" }) {
		return a, nil // judged on what there is; the next run goes on
	}
	marker := []byte(o.Clock().UTC().Format(time.RFC3339) + "\n")
	if err := os.WriteFile(filepath.Join(o.Dir, finishedFile), marker, 0o644); err != nil {
		return nil, fmt.Errorf("run folder: %w", err)
	}
	return a, nil
}

// Rebuild makes the audit anew from a run's evidence, without any call.
func (p *Plan) Rebuild(ctx context.Context, evidence string, o RunOptions) (*drift.Audit, error) {
	o.Open = func(ctx context.Context, s models.Spec) (Asker, models.Info, error) {
		if s.Provider != "replay" {
			s = models.Spec{Name: s.Name, Provider: "replay", Evidence: evidence, Concurrency: s.Concurrency}
		}
		return openModel(ctx, s)
	}
	o = o.withDefaults()
	o.Progress = nil // nothing is asked
	askers, err := p.open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer closeAll(askers)
	for _, s := range withPanel(askers) {
		s.replayed = true
	}
	if err := p.askAnchors(ctx, askers[0].panel); err != nil {
		return nil, err
	}
	j := p.newJudging(askers, o)
	for _, probe := range p.suite.Probes {
		p.turnTo(probe, askers)
		if err := p.ask(ctx, askers, o); err != nil {
			return nil, err
		}
		if err := j.probe(probe); err != nil {
			return nil, err
		}
		probe.Forget()
	}
	controls, err := p.rebuildControls(ctx, evidence, o)
	if err != nil {
		return nil, err
	}
	return j.finish(controls)
}

// turnTo has the sessions ask the cases of one probe, and forget all others.
func (p *Plan) turnTo(probe *probes.Probe, sessions []*session) {
	for i, s := range sessions {
		cases := p.casesOf(s.model.Name, probe)
		if i == 0 {
			s.turnTo(cases, p.againOf(probe, cases))
		} else {
			s.turnTo(cases, nil)
		}
	}
}

// open reaches all models at once. They have no cases yet.
func (p *Plan) open(ctx context.Context, o RunOptions) ([]*session, error) {
	all := p.file.models()
	sessions := make([]*session, len(all))
	errs := make([]error, len(all))
	var g errgroup.Group
	for i, m := range all {
		g.Go(func() error {
			asker, info, err := o.Open(ctx, m.Spec)
			errs[i] = err
			sessions[i] = newSession(m, asker, info, nil)
			sessions[i].repeated = p.repeated
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs, one a model
	if ctx.Err() != nil {
		closeAll(sessions)
		return nil, ctx.Err()
	}
	if err := errors.Join(errs...); err != nil {
		closeAll(sessions)
		return nil, unopened(err)
	}
	if err := p.file.openPanel(ctx, o, p.firstCases(), sessions); err != nil {
		closeAll(sessions)
		return nil, err
	}
	return sessions, nil
}

func closeAll(sessions []*session) {
	for _, s := range withPanel(sessions) {
		if c, ok := s.asker.(interface{ Close() }); ok && s.asker != nil {
			c.Close()
		}
	}
}

// check refuses, before anything is asked, what a provider would drop.
func (p *Plan) check(sessions []*session) error {
	var r refusals
	for _, s := range sessions {
		for _, c := range s.cases {
			r.add(c, s.asker.Check(shape(c)))
		}
	}
	return r.err()
}

// record asks with the evidence file open.
func (p *Plan) record(ctx context.Context, sessions []*session, o RunOptions) (err error) {
	path := filepath.Join(o.Dir, EvidenceFile)
	journal, err := p.file.openEvidence(path, withPanel(sessions), o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	err = p.askAll(ctx, sessions, journal, o)
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: every answer so far is kept in %s; the same command goes on from there: %w", path, ctx.Err())
	}
	return err
}

// openEvidence opens evidence, made if need be: it hands each model the answers
// that an earlier run of it left, and notes down that the models are asked now.
func (f *File) openEvidence(path string, sessions []*session, o RunOptions) (*models.Journal, error) {
	journal, found, err := models.OpenJournal(path)
	if err != nil {
		return nil, err
	}
	if found.Records > 0 {
		err = reuse(path, sessions)
	}
	if err == nil {
		err = f.begin(journal, sessions, o)
	}
	if err != nil {
		return nil, errors.Join(err, journal.Close())
	}
	return journal, nil
}

// begin notes down who is asked, for which audit.
func (f *File) begin(journal *models.Journal, sessions []*session, o RunOptions) error {
	err := journal.Append(models.RunRecord{
		Schema: models.EvidenceSchema, Version: o.Version, Seed: f.Seed, Size: string(f.Size), Audit: f.Hash, Time: o.Clock().UTC(),
	})
	for _, s := range sessions {
		if err == nil {
			err = journal.Append(models.NewModelRecord(s.model.Spec, s.info))
		}
	}
	return err
}

// reuse hands each model the answers that an earlier run of it left.
func reuse(path string, sessions []*session) error {
	by := map[string]*session{}
	for _, s := range sessions {
		by[s.model.Name+" "+models.Identity(s.model.Spec, s.info)] = s
	}
	for r, err := range models.ReadEvidence(path) {
		if err != nil {
			return err
		}
		a, ok := r.(models.AnsweredRecord)
		if s := by[a.Model+" "+a.Identity]; ok && s != nil && a.Response.Error == nil {
			s.kept[a.Key] = a.Response
		}
	}
	return nil
}

// askAll asks every model all of its cases, and the judge its anchors.
func (p *Plan) askAll(ctx context.Context, sessions []*session, journal *models.Journal, o RunOptions) error {
	for _, s := range withPanel(sessions) {
		s.journal = journal
	}
	for _, s := range sessions[1:] {
		s.early = p.newCurtailer(sessions[0], s)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.askAnchors(ctx, sessions[0].panel) })
	g.Go(func() error { return p.ask(ctx, sessions, o) })
	return g.Wait()
}

// ask asks every model its cases, all at once.
func (p *Plan) ask(ctx context.Context, sessions []*session, o RunOptions) error {
	report, reported := p.reporting(o)
	defer reported()
	g, ctx := errgroup.WithContext(ctx)
	for _, s := range sessions {
		g.Go(func() error { return s.run(ctx, report) })
	}
	return g.Wait()
}

// reporting tells of cases that are over. It may be called at any time until
// reported is called, which waits until all is told.
func (p *Plan) reporting(o RunOptions) (report func(scored), reported func()) {
	if o.Progress == nil {
		return func(scored) {}, func() {}
	}
	over, told := make(chan scored), make(chan struct{})
	r := newRunning(p.file)
	go func() {
		defer close(told)
		for e := range over {
			o.Progress(r.add(e))
		}
	}()
	return func(e scored) { over <- e }, func() { close(over); <-told }
}

// judge judges, probe by probe, what the sessions hold of all.
func (p *Plan) judge(sessions []*session, controls *drift.Controls, o RunOptions) (*drift.Audit, error) {
	j := p.newJudging(sessions, o)
	for _, probe := range p.suite.Probes {
		if err := j.probe(probe); err != nil {
			return nil, err
		}
	}
	return j.finish(controls)
}

// describe tells of the models of a compared audit.
func (p *Plan) describe(a *drift.Audit, sessions []*session) {
	for i, s := range sessions {
		if i > 0 {
			s.noteSpared()
			a.Candidates = append(a.Candidates, s.describe())
		}
		a.Notes = append(a.Notes, s.notes...)
		a.Warnings = append(a.Warnings, s.warnings()...)
	}
	a.Warnings = append(a.Warnings, unlike(sessions)...)
}

func (p *Plan) probeInfo(probe *probes.Probe) drift.ProbeInfo {
	return drift.ProbeInfo{
		ID: probe.ID, Pack: probe.Pack, Harm: probe.Harm, About: probe.About, Source: probe.Source,
		File: probe.File, Line: probe.Line, Cases: probe.Count(), Advisory: p.file.Policy.IsAdvisory(probe.ID) || probe.Advisory(),
	}
}

// probe gives the probe of an id.
func (p *Plan) probe(id string) *probes.Probe {
	for _, probe := range p.suite.Probes {
		if probe.ID == id {
			return probe
		}
	}
	return nil
}
