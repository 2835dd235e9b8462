package suites

import (
	"context"
	"errors"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestOtherProcessesGetTheAuditOfTheFirst(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	want := &drift.Audit{Title: "t", Gate: drift.Gate{Status: 1, Reasons: []string{"r"}}}
	finish := make(chan struct{})
	e := startEngine(func(context.Context) (*drift.Audit, error) { <-finish; return want, nil })
	url, err := e.serve()
	if err != nil {
		t.Fatal(err)
	}
	other := &remote{url: url}

	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := other.wait(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("wait with an ended context gives %v, want context.Canceled", err)
	}
	close(finish)
	got, err := other.wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
	e.stop()
	if again, err := other.wait(t.Context()); err != nil || again != got {
		t.Errorf("wait after the end = %p, %v; want the audit that was fetched", again, err)
	}
}

func TestTroubleReachesAllProcesses(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	e := startEngine(func(context.Context) (*drift.Audit, error) { return nil, errors.New("connection refused") })
	defer e.stop()
	url, err := e.serve()
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]waiter{"first": e, "other": &remote{url: url}} {
		if a, err := w.wait(t.Context()); a != nil || err == nil || err.Error() != "connection refused" {
			t.Errorf("%s process: wait = %v, %v; want connection refused", name, a, err)
		}
	}
}

func TestStopEndsTheRun(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	e := startEngine(func(ctx context.Context) (*drift.Audit, error) { <-ctx.Done(); return nil, ctx.Err() })
	e.stop()
	if _, err := e.wait(t.Context()); err == nil || err.Error() != "context canceled" {
		t.Errorf("wait after stop gives %v, want context canceled", err)
	}
}
