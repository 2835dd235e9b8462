package suites

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/gambit-audit/gambit/drift"
)

// waiter hands out the finished audit; it waits for it until ctx ends.
type waiter interface {
	wait(ctx context.Context) (*drift.Audit, error)
}

var (
	_ waiter = (*engine)(nil)
	_ waiter = (*remote)(nil)
)

// outcome is how a run of the engine ended: with an audit or with trouble.
type outcome struct {
	Audit   *drift.Audit `json:"audit,omitempty"`
	Trouble string       `json:"trouble,omitempty"`
}

func (o outcome) result() (*drift.Audit, error) {
	if o.Trouble != "" {
		return nil, errors.New(o.Trouble)
	}
	return o.Audit, nil
}

// engine is one run of the audit, in the first of Ginkgo's processes.
type engine struct {
	cancel context.CancelFunc
	done   chan struct{} // closed once outcome is final
	outcome
	server *http.Server  // nil where there are no other processes
	served chan struct{} // closed once the server has ended
}

// startEngine runs the audit in the background. Stop must be called.
func startEngine(run func(context.Context) (*drift.Audit, error)) *engine {
	ctx, cancel := context.WithCancel(context.Background())
	e := &engine{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(e.done)
		a, err := run(ctx)
		e.Audit = a
		if err != nil {
			e.outcome = outcome{Trouble: err.Error()}
		}
	}()
	return e
}

// stop ends the run, and waits until it has ended.
func (e *engine) stop() {
	e.cancel()
	<-e.done
	if e.server != nil {
		_ = e.server.Close() // all processes have had their answers
		<-e.served
	}
}

// wait returns the finished audit.
func (e *engine) wait(ctx context.Context) (*drift.Audit, error) {
	select {
	case <-e.done:
		return e.result()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the audit: %w", context.Cause(ctx))
	}
}

// serve answers Ginkgo's other processes over the loopback until the engine is
// stopped. The secret in the URL keeps other users of the machine out.
func (e *engine) serve() (url string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen for the other processes: %w", err)
	}
	path := "/" + rand.Text()
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, e.answer)
	e.server, e.served = &http.Server{Handler: mux}, make(chan struct{})
	go func() {
		defer close(e.served)
		_ = e.server.Serve(listener) // ErrServerClosed, once the engine is stopped
	}()
	return "http://" + listener.Addr().String() + path, nil
}

func (e *engine) answer(w http.ResponseWriter, r *http.Request) {
	select {
	case <-e.done:
		_ = json.NewEncoder(w).Encode(e.outcome) // the reader reports a broken answer
	case <-r.Context().Done():
	}
}

// remote is the engine as Ginkgo's other processes see it.
type remote struct {
	url string
	got *outcome // nil until the first answer
}

// wait returns the finished audit. Specs of one process run one after the
// other, so the first that waits asks for all.
func (r *remote) wait(ctx context.Context) (*drift.Audit, error) {
	if r.got != nil {
		return r.got.result()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return nil, fmt.Errorf("ask the first process: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the first process: %w", err)
	}
	defer resp.Body.Close()
	var o outcome
	if err := json.NewDecoder(resp.Body).Decode(&o); err != nil {
		return nil, fmt.Errorf("read the answer of the first process: %w", err)
	}
	r.got = &o
	return o.result()
}
