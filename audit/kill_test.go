//go:build unix

package audit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/models"
)

func init() { children["audit"] = func(dir string) error { return runIn(context.Background(), dir) } }

// planFrom plans the audit file of a folder.
func planFrom(dir string) (*audit.Plan, error) {
	f, err := audit.LoadFile(filepath.Join(dir, "gambit.yaml"), audit.FileOptions{})
	if err != nil {
		return nil, err
	}
	return f.Plan()
}

// runIn runs the audit file of a folder, and goes on with it where it was.
func runIn(ctx context.Context, dir string) error {
	plan, err := planFrom(dir)
	if err != nil {
		return err
	}
	_, err = plan.Run(ctx, audit.RunOptions{Dir: filepath.Join(dir, "run")})
	return err
}

const killedAudit = `
reference: {name: full, provider: openai, model: m, base_url: "%s/full"}
candidates: [{name: small, provider: openai, model: m, base_url: "%s/small"}]
probes: [probe.yaml]
concurrency: 8
curtail: off
floor: 0
controls: off
`

// A process that is killed (SIGKILL) after its first call, and again at a
// quarter, at half and at three quarters, loses no answer: the next one asks
// again at most what was in flight, and every case has one answer.
func TestAKilledProcessLosesNothing(t *testing.T) {
	const cases, slots = 2000, 16 // of two models
	kills := []int64{1, cases / 2, cases, cases * 3 / 2}
	s := newStormy(t, false, nil)
	var calls, due atomic.Int64
	var reached chan struct{} // closed at the call that is due
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Config.Handler.ServeHTTP(w, r)
		if strings.HasSuffix(r.URL.Path, "/chat/completions") && calls.Add(1) == due.Load() {
			close(reached)
		}
	}))
	defer front.Close()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "gambit.yaml"), fmt.Sprintf(killedAudit, front.URL, front.URL))
	write(t, filepath.Join(dir, "probe.yaml"), stormyProbe)
	for _, at := range kills {
		reached = make(chan struct{})
		due.Store(at)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childTask+"=audit "+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-reached:
		case err := <-ended:
			t.Fatalf("it ended by itself before call %d: %v", at, err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-ended
	}
	if err := runIn(t.Context(), dir); err != nil {
		t.Fatal(err)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if got := len(s.calls); got != 2*cases {
		t.Errorf("%d questions were asked, want %d", got, 2*cases)
	}
	if repeated, most := calls.Load()-2*cases, int64(len(kills)*slots); repeated > most {
		t.Errorf("%d calls were made again, want at most the %d in flight at each kill", repeated, most)
	}
	rows := map[string]int{}
	for r, err := range models.ReadEvidence(filepath.Join(dir, "run", audit.EvidenceFile)) {
		if err != nil {
			t.Fatal(err)
		}
		if a, ok := r.(models.AnsweredRecord); ok {
			rows[a.Model+" "+a.Case]++
		}
	}
	if len(rows) != 2*cases {
		t.Errorf("the evidence has answers to %d cases, want %d", len(rows), 2*cases)
	}
	for row, n := range rows {
		if n != 1 {
			t.Errorf("%s has %d answers, want one", row, n)
		}
	}
}
