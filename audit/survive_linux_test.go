package audit_test

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gambit-audit/gambit/audit"
)

// limitFiles makes writes beyond so many bytes fail, as on a full disk, until
// free is called.
func limitFiles(t *testing.T, bytes uint64) (free func()) {
	t.Helper()
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ) // or the signal would end the process
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	free = func() { _ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was) }
	t.Cleanup(func() { free(); signal.Reset(syscall.SIGXFSZ) })
	return free
}

// A disk that fills up ends the run with an error, before an answer that is not
// kept is judged; once there is room, the same command goes on.
func TestAFullDiskLosesNothingThatWasKept(t *testing.T) {
	s, fakes := newNumbers(t, 100)
	free := limitFiles(t, 30_000)
	_, err := s.plan.Run(t.Context(), s.options())
	free()
	if err == nil || !strings.Contains(err.Error(), "evidence: write") || !strings.Contains(err.Error(), "file too large") {
		t.Fatalf("got %v, want an error of the evidence", err)
	}
	if _, err := os.Stat(filepath.Join(s.options().Dir, "finished")); err == nil {
		t.Error("the run counts as finished")
	}
	a := s.run(t)
	if c := comparison(t, a, ""); c.N != 200 || a.Reference.Reused == 0 {
		t.Errorf("%d pairs, %d answers reused: want 200 and some", c.N, a.Reference.Reused)
	}
	repeated := 0
	for _, f := range fakes {
		for _, n := range f.calls {
			repeated += n - 1
		}
	}
	if repeated > 2*4+1 { // in flight, and the answer that did not fit
		t.Errorf("%d calls were repeated, want at most those in flight", repeated)
	}
	if _, err := s.plan.Rebuild(t.Context(), filepath.Join(s.options().Dir, audit.EvidenceFile), audit.RunOptions{Clock: s.options().Clock}); err != nil {
		t.Errorf("rebuild: %v", err)
	}
}
