package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Provider is a way to reach models.
type Provider struct {
	Name  string
	About string // one line for people
	Can   Capabilities
	open  func(context.Context, Spec, *http.Client) (connection, error)
}

// Capabilities are the parts of a [Request] and of a [Spec] that a provider
// carries to the model. What it does not carry is refused, never dropped.
type Capabilities struct {
	System         bool // a system message
	Turns          bool // more than one user message
	Temperature    bool
	TopP           bool
	Seed           bool
	Stop           bool
	JSON           bool // answers that are held to be JSON
	OptionLogprobs bool
	Embeddings     bool // vectors of texts
	OptionsOnly    bool // no text is written, options alone are scored
	NumCtx         bool // Spec.NumCtx is sent, or checked against the server
	ChatTemplate   bool // Spec.ChatTemplate
	// Reasoning are the values of Spec.Reasoning that can be sent; a server or a
	// model may know fewer, which shows when it is opened.
	Reasoning []string
}

// backend makes the calls of one opened model. Its error is a *Failure, or any
// error for what the exchange in ctx has not already explained.
type backend interface {
	answer(ctx context.Context, req Request) (Response, error)
}

// connection is an opened model.
type connection struct {
	backend backend
	info    Info
	// can narrows the provider's capabilities for this one model.
	can Capabilities
}

var providers = map[string]Provider{}

// register adds a provider under its name in audit files.
func register(name string, p Provider) bool {
	if _, ok := providers[name]; ok {
		panic(fmt.Sprintf("provider %q is registered twice", name))
	}
	p.Name = name
	providers[name] = p
	return true
}

// Providers returns the names of all providers, sorted.
func Providers() []string {
	return slices.Sorted(maps.Keys(providers))
}

// LookUp returns the provider of that name.
func LookUp(name string) (Provider, error) {
	p, ok := providers[name]
	if !ok {
		return Provider{}, fmt.Errorf("unknown provider %q: expected one of %s", name, strings.Join(Providers(), ", "))
	}
	return p, nil
}

// Model is an opened model.
type Model struct {
	spec   Spec
	can    Capabilities
	back   backend
	client *http.Client
	clock  clock
}

var _ Asker = (*Model)(nil)

// SettingError says that a model cannot be opened as it is set up, which trying
// again does not mend. Other errors of [Open] are of the network or a server.
type SettingError struct{ Err error }

func (e *SettingError) Error() string { return e.Err.Error() }
func (e *SettingError) Unwrap() error { return e.Err }

// Open reaches the model of s and learns what its server says of it. A server
// that is down and a refused key are errors here, before anything is asked; a
// model that the server does not have and a setting that the provider cannot
// carry are a [SettingError].
func Open(ctx context.Context, s Spec) (*Model, Info, error) {
	return open(ctx, s, wallClock{})
}

func open(ctx context.Context, s Spec, c clock) (*Model, Info, error) {
	p, err := LookUp(s.Provider)
	if err != nil {
		return nil, Info{}, &SettingError{fmt.Errorf("open model %q: %w", s.Name, err)}
	}
	s, notes, err := s.withDefaults().withKey()
	if err != nil {
		return nil, Info{}, &SettingError{fmt.Errorf("open model %q: %w", s.Name, err)}
	}
	m := &Model{spec: s, client: newClient(s, c), clock: c}
	conn, err := connect(ctx, p, s, m.client)
	if err != nil {
		m.Close()
		if ctx.Err() != nil {
			return nil, Info{}, ctx.Err()
		}
		shown := fmt.Errorf("open model %q (provider %s): %s", s.Name, p.Name, s.scrub(err.Error()))
		if errors.As(err, new(*Failure)) {
			return nil, Info{}, shown
		}
		return nil, Info{}, &SettingError{shown}
	}
	m.back, m.can = conn.backend, conn.can
	conn.info.Notes = append(conn.info.Notes, notes...)
	return m, s.scrubbedInfo(conn.info), nil
}

func connect(ctx context.Context, p Provider, s Spec, c *http.Client) (connection, error) {
	if err := errors.Join(p.checkSpec(s), checkKey(s.APIKey)); err != nil {
		return connection{}, err
	}
	conn, err := p.open(atOpening(ctx), s, c)
	if err != nil {
		return connection{}, err
	}
	if s.Weights == "" {
		return conn, nil
	}
	served := conn.info.Bytes
	conn.info.Digest, conn.info.Bytes, err = fileDigest(ctx, s.Weights)
	if note := otherSize(s.Weights, conn.info.Bytes, served); note != "" {
		conn.info.Notes = append(conn.info.Notes, note)
	}
	return conn, err
}

// CheckSettings refuses the settings of s that its provider would drop, without a
// model; what a server or a model does not know shows when it is opened.
func CheckSettings(s Spec) error {
	p, err := LookUp(s.Provider)
	if err != nil {
		return err
	}
	return p.checkSpec(s)
}

// checkSpec refuses the settings that the provider would drop.
func (p Provider) checkSpec(s Spec) error {
	switch {
	case s.NumCtx < 0:
		return fmt.Errorf("num_ctx is %d: expected tokens, or 0 for the server's own", s.NumCtx)
	case s.NumCtx > 0 && !p.Can.NumCtx:
		return errors.New("num_ctx cannot be set through this provider: set it where the server is started")
	case s.ChatTemplate != "" && !p.Can.ChatTemplate:
		return fmt.Errorf("chat_template %q: this provider always uses the server's own", s.ChatTemplate)
	case s.ChatTemplate != "" && s.ChatTemplate != noTemplate:
		return fmt.Errorf("chat_template %q: expected %q, or nothing for the server's own", s.ChatTemplate, noTemplate)
	}
	return p.checkReasoning(s.Reasoning)
}

// withDefaults fills in what stands for zero.
func (s Spec) withDefaults() Spec {
	if s.Timeout == 0 {
		s.Timeout = 120 * time.Second
	}
	if s.Attempts == 0 {
		s.Attempts = 5
	}
	s.Concurrency = max(s.Concurrency, 1)
	return s
}

// Close drops the idle connections, and the evidence of a replay. Calls in flight
// to a server go on.
func (m *Model) Close() {
	m.client.CloseIdleConnections()
	if c, ok := m.back.(io.Closer); ok {
		_ = c.Close() // nothing was written
	}
}

// Ask asks once, after [Model.Check]. See [Asker].
func (m *Model) Ask(ctx context.Context, req Request) (Response, error) {
	if err := m.Check(req); err != nil {
		return Response{Error: &Failure{Kind: KindError, Text: err.Error()}}, nil
	}
	ctx, x := withExchange(ctx)
	resp, err := m.answer(ctx, req, x)
	if err == nil {
		err = m.spec.reasonedAsAsked(resp)
	}
	if err != nil {
		if ctx.Err() != nil {
			return Response{}, ctx.Err()
		}
		resp = Response{Error: x.explain(err)}
	}
	if x.attempts > 0 {
		resp.Attempts, resp.LatencyMS = x.attempts, x.latencyMS()
	}
	return m.spec.scrubbed(resp), nil
}

// PromptTokens is how many tokens the longest prompt of a request takes, by the
// server's own tokeniser; false where the provider has none.
func (m *Model) PromptTokens(ctx context.Context, req Request) (n int, ok bool, err error) {
	counts, ok := m.back.(interface {
		promptTokens(context.Context, Request) (int, error)
	})
	if !ok {
		return 0, false, nil
	}
	ctx, x := withExchange(ctx)
	if n, err = counts.promptTokens(ctx, req); err != nil && ctx.Err() == nil {
		failure := x.explain(err)
		failure.Text = m.spec.scrub(failure.Text)
		err = failure
	}
	return n, true, err
}

// answer asks once more where a whole reply held no answer.
func (m *Model) answer(ctx context.Context, req Request, x *exchange) (Response, error) {
	resp, err := m.back.answer(ctx, req)
	if !errors.As(err, new(noAnswer)) || m.spec.Attempts < 2 {
		return resp, err
	}
	if err := m.clock.Wait(ctx, newBackOff().NextBackOff()); err != nil {
		return Response{}, err
	}
	x.again()
	return m.back.answer(ctx, req)
}
