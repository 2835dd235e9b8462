package audit_test

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/models"
)

func init() { children["fill"] = runOnFullDisk }

// runOnFullDisk runs the audit in a folder while no file may grow beyond 30 kB,
// which fails writes as a full disk does.
func runOnFullDisk(dir string) error {
	signal.Ignore(syscall.SIGXFSZ) // or the signal would end the process
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 30_000, Max: 30_000}); err != nil {
		return err
	}
	f, err := audit.ParseFile(filepath.Join(dir, "gambit.yaml"), []byte(auditText), audit.FileOptions{})
	if err != nil {
		return err
	}
	plan, err := f.Plan()
	if err != nil {
		return err
	}
	_, err = plan.Run(context.Background(), audit.RunOptions{
		Dir: filepath.Join(dir, "run"),
		Open: func(_ context.Context, s models.Spec) (audit.Asker, models.Info, error) {
			return &fake{answer: number}, models.Info{Digest: s.Name}, nil
		},
	})
	return err
}

// A disk that fills up ends the run with an error, before an answer that is not
// kept is judged. Once there is room, the same command goes on.
func TestAFullDiskLosesNothingThatWasKept(t *testing.T) {
	s, _ := newNumbers(t, 100)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childTask+"=fill "+s.dir)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "evidence: write") || !strings.Contains(string(out), "file too large") {
		t.Fatalf("got %v with %q, want an error of the evidence", err, out)
	}
	dir := s.options().Dir
	if _, err := os.Stat(filepath.Join(dir, "finished")); err == nil {
		t.Error("the run counts as finished")
	}
	kept := 0
	for r, err := range models.ReadEvidence(filepath.Join(dir, audit.EvidenceFile)) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := r.(models.AnsweredRecord); ok {
			kept++
		}
	}
	a := s.run(t)
	reused, calls := a.Reference.Reused+a.Candidates[0].Reused, a.Reference.Calls+a.Candidates[0].Calls
	if kept < 20 || reused != kept || calls != 400-kept {
		t.Errorf("%d answers were kept, %d reused and %d calls made: want all 400 once", kept, reused, calls)
	}
}
