package models

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// fakeClock stands still, notes how long it was asked to wait, and never does.
type fakeClock struct {
	mu    sync.Mutex
	waits []time.Duration
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func (c *fakeClock) Now() time.Time { return noon }

func (c *fakeClock) Wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits = append(c.waits, d)
	return ctx.Err()
}

// fake is a server that plays one route after another's script, and keeps what
// it was sent.
type fake struct {
	*httptest.Server
	routes map[string]route
	mu     sync.Mutex
	bodies map[string][]string
	keys   []string
	// headers of all requests, in the order of their coming.
	headers []http.Header
}

// newFake serves the routes. A route is called with the number of its call,
// from 1, and the body it got.
func newFake(t *testing.T, routes map[string]route) *fake {
	t.Helper()
	f := &fake{routes: routes, bodies: map[string][]string{}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read request: %v", err)
		}
		f.mu.Lock()
		f.bodies[r.URL.Path] = append(f.bodies[r.URL.Path], string(body))
		f.keys = append(f.keys, r.Header.Get("Authorization"))
		f.headers = append(f.headers, r.Header.Clone())
		call := len(f.bodies[r.URL.Path])
		f.mu.Unlock()
		route, ok := f.routes[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		route(w, call, body)
	}))
	t.Cleanup(f.Close)
	return f
}

// sent is the last body that a path got, decoded.
func (f *fake) sent(t *testing.T, path string) map[string]any {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	got := f.bodies[path]
	if len(got) == 0 {
		t.Fatalf("nothing was sent to %s", path)
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(got[len(got)-1]), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

type route = func(w http.ResponseWriter, call int, body []byte)

func says(text string) route {
	return func(w http.ResponseWriter, _ int, _ []byte) { io.WriteString(w, text) }
}

// openFake opens a model without real waiting.
func openFake(t *testing.T, s Spec) (*Model, *fakeClock) {
	t.Helper()
	clock := new(fakeClock)
	m, _, err := open(t.Context(), s, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m, clock
}

func ask(t *testing.T, m *Model, req Request) Response {
	t.Helper()
	r, err := m.Ask(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func question(text string) Request {
	return Request{Messages: []Message{{"user", text}}, MaxTokens: 16}
}
