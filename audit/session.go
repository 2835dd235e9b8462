package audit

import (
	"context"
	"fmt"
	"sync"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"golang.org/x/sync/errgroup"
)

// maxFatal is how many calls in a row may fail for a reason that every further
// call would meet, before a model is given up.
const maxFatal = 5

// maxText bounds the answer text that is kept for reports, in bytes; the
// evidence has all of it.
const maxText = 4000

// session asks one model its cases and keeps the scored answers.
type session struct {
	model Model
	asker Asker
	info  models.Info
	cases []*probes.Case
	// openings counts the cases by how they start.
	openings map[string]int
	journal  *models.Journal // nil keeps nothing
	// replayed is set where answers come out of evidence: none is written
	// down again, and no error of the past makes the model be given up.
	replayed bool

	mu       sync.Mutex
	kept     map[string]models.Response // answers of an earlier run, by key
	calls    map[string]*call           // of this run, by key, where another case may make the same
	seen     map[string]drift.Observation
	asked    int         // calls made
	reused   int         // answers found in the evidence
	meter    drift.Meter // of all answers, asked and reused
	failures map[string]int
	fatal    int // failures in a row that every call would meet
	gaveUp   string
}

// call is one request under way, shared by all cases that make it.
type call struct {
	done     chan struct{}
	response models.Response
	err      error
}

func newSession(m Model, asker Asker, info models.Info, cases []*probes.Case) *session {
	return &session{
		model: m, asker: asker, info: info, cases: cases, replayed: m.Provider == "replay",
		openings: countOpenings(cases),
		kept:     map[string]models.Response{}, calls: map[string]*call{}, seen: map[string]drift.Observation{}, failures: map[string]int{},
	}
}

// countOpenings counts the cases that begin alike. Only such cases may make the
// same call.
func countOpenings(cases []*probes.Case) map[string]int {
	n := map[string]int{}
	for _, c := range cases {
		n[c.Opening()]++
	}
	return n
}

// run asks the cases in order, as many at a time as the model takes.
func (s *session) run(ctx context.Context, report chan<- scored) error {
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(max(1, s.model.Concurrency))
	for _, c := range s.cases {
		if inner.Err() != nil {
			break
		}
		g.Go(func() error {
			o, err := s.observe(inner, c)
			if err != nil {
				return err
			}
			s.mu.Lock()
			s.seen[c.ID] = o
			s.mu.Unlock()
			report <- scored{s.model.Name, c, o.Outcome, len(s.cases)}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// observe asks one case, all of its samples, and scores it.
func (s *session) observe(ctx context.Context, c *probes.Case) (drift.Observation, error) {
	t := tally{c: c}
	for sample := range c.Samples {
		texts, failure, err := s.converse(ctx, c, sample)
		if err != nil {
			return drift.Observation{}, err
		}
		if failure != nil {
			return undecided(failure), nil
		}
		t.add(scoreCase(c, texts))
	}
	return t.observation(), nil
}

// converse holds one conversation: each asked turn is sent with all before it.
// It gives the response of each asked turn, nil for a scripted one.
func (s *session) converse(ctx context.Context, c *probes.Case, sample int) ([]*models.Response, *models.Failure, error) {
	var messages []models.Message
	if system := c.System(); system != "" {
		messages = append(messages, models.Message{Role: "system", Text: system})
	}
	responses := make([]*models.Response, len(c.Steps))
	for i, step := range c.Steps {
		messages = append(messages, models.Message{Role: "user", Text: step.User()})
		if step.Scripted != nil {
			messages = append(messages, models.Message{Role: "assistant", Text: *step.Scripted})
			continue
		}
		r, err := s.ask(ctx, c, request(c, messages, sample))
		if err != nil {
			return nil, nil, err
		}
		if r.Error != nil {
			return nil, r.Error, nil
		}
		responses[i] = &r
		messages = append(messages, models.Message{Role: "assistant", Text: r.Text})
	}
	return responses, nil, nil
}

// request is what is sent for the messages of a case.
func request(c *probes.Case, messages []models.Message, sample int) models.Request {
	r := models.Request{
		Messages: append([]models.Message(nil), messages...), Temperature: c.Sampling.Temperature,
		MaxTokens: c.Sampling.MaxTokens, Stop: c.Sampling.Stop, TopP: c.Sampling.TopP, Seed: c.Sampling.Seed, Sample: sample,
		Groups: c.Groups,
	}
	if c.OptionLogprob {
		r.MaxTokens = 0
		for _, o := range c.Options {
			r.Options = append(r.Options, o.Text)
		}
	}
	return r
}

// shape is the longest request that can be made of a case, as a provider's
// capabilities see it: with all of its roles, settings and options, but without
// its texts, which may be long.
func shape(c *probes.Case) models.Request {
	var messages []models.Message
	if c.System() != "" {
		messages = append(messages, models.Message{Role: "system", Text: "…"})
	}
	for range c.Steps {
		messages = append(messages, models.Message{Role: "user", Text: "…"}, models.Message{Role: "assistant", Text: "…"})
	}
	return request(c, messages[:len(messages)-1], 0)
}

// ask makes a call, once for each key: later ones wait for the first.
func (s *session) ask(ctx context.Context, c *probes.Case, req models.Request) (models.Response, error) {
	key := models.Key(req)
	s.mu.Lock()
	if kept, ok := s.kept[key]; ok {
		s.reused++
		s.meter.Add(kept.PromptTokens, kept.OutputTokens, kept.LatencyMS)
		delete(s.kept, key)
		if s.openings[c.Opening()] > 1 {
			s.calls[key] = &call{done: closed, response: kept}
		}
		s.mu.Unlock()
		return kept, nil
	}
	if known, ok := s.calls[key]; ok {
		s.mu.Unlock()
		select {
		case <-known.done:
			return known.response, known.err
		case <-ctx.Done():
			return models.Response{}, ctx.Err()
		}
	}
	if s.gaveUp != "" {
		s.mu.Unlock()
		return models.Response{Error: &models.Failure{Kind: models.KindMissing, Text: s.gaveUp}}, nil
	}
	mine := &call{done: make(chan struct{})}
	if s.openings[c.Opening()] > 1 {
		s.calls[key] = mine
	}
	s.mu.Unlock()
	defer close(mine.done)
	mine.response, mine.err = s.call(ctx, c, req)
	return mine.response, mine.err
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// call asks the model and writes the answer down before anyone reads it.
func (s *session) call(ctx context.Context, c *probes.Case, req models.Request) (models.Response, error) {
	r, err := s.asker.Ask(ctx, req)
	if err != nil {
		return r, err
	}
	s.count(r)
	if s.replayed {
		return r, nil
	}
	return r, s.journal.Answer(req, models.AnsweredRecord{
		Model: s.model.Name, Identity: models.Identity(s.model.Spec, s.info), Case: c.ID, Response: r,
	})
}

func (s *session) count(r models.Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replayed {
		s.reused++
	} else {
		s.asked++
	}
	if r.Error == nil {
		s.fatal = 0
		s.meter.Add(r.PromptTokens, r.OutputTokens, r.LatencyMS)
		return
	}
	s.failures[r.Error.Text]++
	if !r.Error.Fatal || s.replayed {
		s.fatal = 0
		return
	}
	if s.fatal++; s.fatal >= maxFatal && s.gaveUp == "" {
		s.gaveUp = fmt.Sprintf("given up after %d calls in a row failed: %s", maxFatal, r.Error.Text)
	}
}

// describe is the model as reports name it.
func (s *session) describe() drift.Model {
	m := drift.Model{
		Name: s.model.Name, Provider: s.model.Provider, Model: s.model.Model, Endpoint: s.info.Endpoint,
		Digest: s.info.Digest, Bytes: s.info.Bytes, Expect: s.model.Expect, Calls: s.asked, Reused: s.reused,
		Usage: s.meter.Usage(),
	}
	if m.Bytes == 0 {
		m.Bytes = s.model.Bytes
	}
	return m
}

// warnings name what went wrong with the model, most frequent first.
func (s *session) warnings() []string {
	var list []string
	for _, note := range s.info.Notes {
		list = append(list, s.model.Name+": "+note)
	}
	if s.gaveUp != "" {
		list = append(list, s.model.Name+": "+s.gaveUp+"; the same command goes on once it is mended")
	}
	for _, text := range byCount(s.failures) {
		list = append(list, fmt.Sprintf("%s: %d calls failed: %s", s.model.Name, s.failures[text], text))
	}
	return list
}
