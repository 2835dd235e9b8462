package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"golang.org/x/sync/errgroup"
)

// maxText bounds the answer text that is kept for reports, in bytes; the
// evidence has all of it.
const maxText = 4000

// session asks one model its cases and keeps the scored answers.
type session struct {
	model Model
	asker Asker
	info  models.Info
	cases []*probes.Case
	// repeated are the openings that several cases of the audit have; see
	// [openings.repeated].
	repeated map[uint64]bool
	journal  *models.Journal // nil keeps nothing
	// replayed is set where answers come out of evidence: none is written
	// down again, and no error of the past makes the model be given up.
	replayed bool
	// panel are the models that the scorers of the cases ask; nil for none.
	panel *panel
	// again are the cases that are asked a second time.
	again []*probes.Case
	// early leaves out what can no longer change a verdict; nil leaves out
	// nothing.
	early *curtailer
	// over has a channel for each probe, closed once its cases are answered.
	over map[*probes.Probe]chan struct{}
	left map[*probes.Probe]int // cases that are not answered

	mu       sync.Mutex
	kept     map[string]models.Response // answers of an earlier run, by key
	calls    map[string]*call           // of this run, by key, where another case may make the same
	seen     map[string]drift.Observation
	second   map[string]drift.Observation // of the cases that are asked again
	missing  map[string]string            // cases without an answer, with why
	unneeded map[string]bool              // cases that need none
	// unanswered counts the missing cases of probes that are over, by why.
	unanswered map[string]int
	// planned and needed count the different calls of all cases, and of those
	// that were not spared.
	planned, needed callCounter
	notes           []string
	asked           int         // calls made
	reused          int         // answers found in the evidence
	meter           drift.Meter // of all answers, asked and reused
	failures        map[string]int
	heard           heard // what answers tell of how the model was asked
	breaker         breaker
	gaveUp          string
}

// call is one request under way, shared by all cases that make it.
type call struct {
	done     chan struct{}
	response models.Response
	err      error
	across   bool // another probe may make it too
}

func newSession(m Model, asker Asker, info models.Info, cases []*probes.Case) *session {
	s := &session{
		model: m, asker: asker, info: info, replayed: m.Provider == "replay",
		kept: map[string]models.Response{}, calls: map[string]*call{}, failures: map[string]int{}, unanswered: map[string]int{},
	}
	var all openings
	all.add(cases)
	s.repeated = all.repeated()
	s.turnTo(cases, nil)
	return s
}

// turnTo has the session ask cases, and some of them again. What it knows of
// other cases it forgets, but for the sums over all.
func (s *session) turnTo(cases, again []*probes.Case) {
	for _, why := range s.missing {
		s.unanswered[why]++
	}
	maps.DeleteFunc(s.calls, func(_ string, k *call) bool { return !k.across })
	s.cases, s.again = cases, again
	s.seen, s.second, s.missing = make(map[string]drift.Observation, len(cases)), map[string]drift.Observation{}, map[string]string{}
	s.unneeded = map[string]bool{}
	s.over, s.left = map[*probes.Probe]chan struct{}{}, map[*probes.Probe]int{}
	for _, c := range cases {
		if s.left[c.Probe]++; s.over[c.Probe] == nil {
			s.over[c.Probe] = make(chan struct{})
		}
	}
}

// openingSeed makes hashes that differ from process to process.
var openingSeed = maphash.MakeSeed()

// opening is the hash of how a case begins.
func opening(c *probes.Case) uint64 { return maphash.String(openingSeed, c.Opening()) }

// openings are how the cases of an audit begin.
type openings []openingOf

type openingOf struct {
	opening uint64
	probe   *probes.Probe
}

func (o *openings) add(cases []*probes.Case) {
	for _, c := range cases {
		*o = append(*o, openingOf{opening(c), c.Probe})
	}
}

// repeated are those that several cases have: only such cases may make the same
// call. They are true where the cases are of several probes.
func (o openings) repeated() map[uint64]bool {
	slices.SortFunc(o, func(a, b openingOf) int { return cmp.Compare(a.opening, b.opening) })
	repeated := map[uint64]bool{}
	for i := 1; i < len(o); i++ {
		if o[i].opening == o[i-1].opening {
			repeated[o[i].opening] = repeated[o[i].opening] || o[i].probe != o[i-1].probe
		}
	}
	return repeated
}

// run asks the cases, then some of them again. What can no longer change a
// verdict is left out, unless calls that fail make it needed again.
func (s *session) run(ctx context.Context, report func(scored)) error {
	open := s.cases
	if s.early != nil {
		open = s.early.order(open)
	}
	var spared []*probes.Case
	for len(open) > 0 {
		skipped, err := s.askAll(ctx, open, report)
		if err != nil {
			return err
		}
		if spared, err = s.answerShared(ctx, append(spared, skipped...), report); err != nil {
			return err
		}
		if open, spared, err = s.stillNeeded(spared); err != nil {
			return err
		}
	}
	for _, c := range spared {
		report(scored{s.model.Name, c, "", s.total()})
	}
	return s.askAgain(ctx, report)
}

func (s *session) total() int { return len(s.cases) + len(s.again) }

// askAll asks cases in order, as many at a time as the model takes. It returns
// those that were not needed when their turn came.
func (s *session) askAll(ctx context.Context, cases []*probes.Case, report func(scored)) (spared []*probes.Case, err error) {
	err = s.each(ctx, cases, func(ctx context.Context, c *probes.Case) error {
		if needed, err := s.needs(ctx, c); err != nil || !needed {
			s.mu.Lock()
			spared = append(spared, c)
			s.mu.Unlock()
			return err
		}
		o, err := s.observe(ctx, c)
		if err != nil {
			return err
		}
		s.keep(c, o)
		report(scored{s.model.Name, c, o.Outcome, s.total()})
		return nil
	})
	return spared, err
}

// answerShared answers the cases for which no call is left to make, since others made
// the same: evidence answers them too. It returns the others.
func (s *session) answerShared(ctx context.Context, cases []*probes.Case, report func(scored)) (rest []*probes.Case, err error) {
	for _, c := range cases {
		o, err := s.observeFrom(ctx, c, 0, s.recall)
		switch {
		case errors.Is(err, errNoCall):
			rest = append(rest, c)
		case err != nil:
			return nil, err
		default:
			s.keep(c, o)
			report(scored{s.model.Name, c, o.Outcome, s.total()})
		}
	}
	return rest, nil
}

// each calls do for the cases in order, as many at a time as the model takes.
func (s *session) each(ctx context.Context, cases []*probes.Case, do func(context.Context, *probes.Case) error) error {
	g, inner := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range min(max(1, s.model.Concurrency), len(cases)) {
		g.Go(func() error {
			for i := int(next.Add(1)) - 1; i < len(cases) && inner.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(inner, cases[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// needs tells whether the answer to a case can still change a verdict, once it
// can be told.
func (s *session) needs(ctx context.Context, c *probes.Case) (bool, error) {
	if s.early == nil {
		return true, nil
	}
	if err := s.early.wait(ctx, c); err != nil {
		return false, err
	}
	return s.early.needs(c)
}

// stillNeeded parts the cases that were left out into those that must be asked
// after all and those that need not.
func (s *session) stillNeeded(spared []*probes.Case) (needed, rest []*probes.Case, err error) {
	for _, c := range spared {
		yes, err := s.early.stillNeeds(c)
		if err != nil {
			return nil, nil, err
		}
		if yes {
			needed = append(needed, c)
		} else {
			rest = append(rest, c)
		}
	}
	return needed, rest, nil
}

// keep takes the scored answer to a case.
func (s *session) keep(c *probes.Case, o drift.Observation) {
	s.mu.Lock()
	s.seen[c.ID] = o
	if unasked(o) && o.Detail != s.gaveUp {
		s.missing[c.ID] = o.Detail
	}
	if s.left[c.Probe]--; s.left[c.Probe] == 0 {
		close(s.over[c.Probe])
	}
	s.mu.Unlock()
	if s.early != nil {
		s.early.note(c, o)
	}
}

// answer is the observation of a case while others are still asked.
func (s *session) answer(c *probes.Case) drift.Observation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.observation(c)
}

// askAgain asks cases a second time, under sample numbers of their own.
func (s *session) askAgain(ctx context.Context, report func(scored)) error {
	return s.each(ctx, s.again, func(ctx context.Context, c *probes.Case) error {
		o, err := s.observeFrom(ctx, c, c.Samples, s.ask)
		if err != nil {
			return err
		}
		s.mu.Lock()
		if !unasked(o) {
			s.second[c.ID] = o
		}
		s.mu.Unlock()
		report(scored{s.model.Name, nil, o.Outcome, s.total()})
		return nil
	})
}

// observe asks one case, all of its samples, and scores it.
func (s *session) observe(ctx context.Context, c *probes.Case) (drift.Observation, error) {
	return s.observeFrom(ctx, c, 0, s.ask)
}

// getter gives the response to a request that is made for a case.
type getter func(context.Context, *probes.Case, models.Request) (models.Response, error)

// observeFrom is observe with samples that are numbered from first on, and with
// responses by get.
func (s *session) observeFrom(ctx context.Context, c *probes.Case, first int, get getter) (drift.Observation, error) {
	t := tally{c: c}
	for sample := range c.Samples {
		texts, failure, err := converse(ctx, c, first+sample, get)
		if err != nil {
			return drift.Observation{}, err
		}
		if failure != nil {
			return undecided(failure), nil
		}
		o, err := s.score(ctx, c, texts)
		if err != nil || o.Outcome == drift.Undecided {
			return o, err
		}
		t.add(o)
	}
	return t.observation(), nil
}

// converse holds one conversation: each asked turn is sent with all before it.
// It gives the response of each asked turn, nil for a scripted one.
func converse(ctx context.Context, c *probes.Case, sample int, get getter) ([]*models.Response, *models.Failure, error) {
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
		r, err := get(ctx, c, request(c, messages, sample))
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
		MaxTokens: c.Sampling.MaxTokens, Stop: c.Sampling.Stop, TopP: c.Sampling.TopP, Seed: c.Sampling.Seed, JSON: c.Sampling.JSON, Sample: sample,
		Case: c.ID, Groups: c.Groups,
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
	req, key := s.keyed(req)
	s.mu.Lock()
	if known := s.known(c, key); known != nil {
		s.mu.Unlock()
		return known.wait(ctx)
	}
	if s.gaveUp != "" {
		s.mu.Unlock()
		return models.Response{Error: &models.Failure{Kind: models.KindMissing, Text: s.gaveUp}}, nil
	}
	mine := &call{done: make(chan struct{})}
	s.share(c, key, mine)
	s.mu.Unlock()
	defer close(mine.done)
	mine.response, mine.err = s.call(ctx, c, req)
	return mine.response, mine.err
}

// errNoCall says that a response would take a call.
var errNoCall = errors.New("not asked so far")

// recall is ask without making a call: it is errNoCall where none was made.
func (s *session) recall(ctx context.Context, c *probes.Case, req models.Request) (models.Response, error) {
	_, key := s.keyed(req)
	s.mu.Lock()
	known := s.known(c, key)
	if known != nil {
		s.calls[key] = known // the case may be asked after all
	}
	s.mu.Unlock()
	if known == nil {
		return models.Response{}, errNoCall
	}
	return known.wait(ctx)
}

// keyed is the request as it is sent, with its key.
func (s *session) keyed(req models.Request) (models.Request, string) {
	if !s.model.ByCase() {
		req.Case = ""
	}
	return req, models.Key(req)
}

// known is the call of a key: one that an earlier run made, or this one; nil
// where there is none. The session must be locked.
func (s *session) known(c *probes.Case, key string) *call {
	kept, ok := s.kept[key]
	if !ok {
		return s.calls[key]
	}
	if s.asks(c) {
		s.reused++
	}
	s.heard.note(c, kept)
	s.meter.Add(kept.PromptTokens, kept.OutputTokens, kept.LatencyMS)
	delete(s.kept, key)
	known := &call{done: closed, response: kept}
	s.share(c, key, known)
	return known
}

// share keeps a call where another case may make it too. The session must be
// locked.
func (s *session) share(c *probes.Case, key string, k *call) {
	if across, ok := s.repeated[opening(c)]; ok {
		k.across = across
		s.calls[key] = k
	}
}

// wait gives the response of a call once it is there.
func (k *call) wait(ctx context.Context) (models.Response, error) {
	select {
	case <-k.done:
		return k.response, k.err
	case <-ctx.Done():
		return models.Response{}, ctx.Err()
	}
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
	s.count(c, r)
	if s.replayed {
		return r, nil
	}
	return r, s.journal.Answer(req, models.AnsweredRecord{
		Model: s.model.Name, Identity: models.Identity(s.model.Spec, s.info), Case: c.ID, Response: r,
	})
}

// count counts a call and its failure. Evidence without an answer is neither.
func (s *session) count(c *probes.Case, r models.Response) {
	if r.Error != nil && r.Error.Kind == models.KindMissing {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.asks(c):
	case s.replayed:
		s.reused++
	default:
		s.asked++
	}
	if r.Error == nil {
		s.watch(nil)
		s.heard.note(c, r)
		s.meter.Add(r.PromptTokens, r.OutputTokens, r.LatencyMS)
		return
	}
	s.failures[named(r.Error)]++
	s.watch(r.Error)
}

// asks tells whether a case takes calls at all: planted damage may answer it.
func (s *session) asks(c *probes.Case) bool {
	return s.model.Planted == nil || s.model.Planted.Asks(c.Groups)
}

// watch gives the model up where that is due. Failures of the past, which
// evidence holds, say nothing of the server now.
func (s *session) watch(f *models.Failure) {
	if why := s.breaker.note(f, s.model.Concurrency); s.gaveUp == "" && !s.replayed {
		s.gaveUp = why
	}
}

// describe is the model as reports name it.
func (s *session) describe() drift.Model {
	m := drift.Model{
		Name: s.model.Name, Provider: s.model.Provider, Model: cmp.Or(s.model.Model, s.info.Served), Endpoint: s.info.Endpoint,
		Digest: s.info.Digest, Bytes: s.info.Bytes, Expect: s.model.Expect, Calls: s.asked, Reused: s.reused,
		Spared: s.planned.n - s.needed.n, Usage: s.meter.Usage(),
	}
	if m.Bytes == 0 {
		m.Bytes = s.model.Bytes
	}
	if u := m.Usage; u != nil && u.PromptTokens > 0 {
		u.Cost = s.model.Price.of(u.PromptTokens, u.OutputTokens)
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
	missing := maps.Clone(s.unanswered)
	for _, text := range s.missing {
		missing[text]++
	}
	for _, text := range byCount(missing) {
		list = append(list, fmt.Sprintf("%s: %d cases have no answer: %s", s.model.Name, missing[text], text))
	}
	return list
}
