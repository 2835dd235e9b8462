package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/models"
)

func newNumbers(t *testing.T, n int) (*setup, map[string]*fake) {
	fakes := map[string]*fake{"full": {answer: number}, "small": {answer: number}}
	return newSetup(t, auditText, fmt.Sprintf(probeText, n, "number"), fakes), fakes
}

func (s *setup) calls() int { return s.models["full"].total + s.models["small"].total }

// A folder that cannot be written is found out before anything is asked.
func TestAFolderThatCannotBeWrittenIsRefusedBeforeTheFirstCall(t *testing.T) {
	s, _ := newNumbers(t, 20)
	for name, prepare := range map[string]func(dir string) error{
		"a file in its place":   func(dir string) error { return os.WriteFile(dir, nil, 0o644) },
		"a read-only folder":    func(dir string) error { return os.Mkdir(dir, 0o555) },
		"evidence that is none": func(dir string) error { return os.MkdirAll(filepath.Join(dir, audit.EvidenceFile), 0o755) },
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a read-only folder" && os.Geteuid() == 0 {
				t.Skip("the superuser may write everywhere")
			}
			o := s.options()
			o.Dir = filepath.Join(t.TempDir(), "run")
			if err := prepare(o.Dir); err != nil {
				t.Fatal(err)
			}
			if _, err := s.plan.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), o.Dir) {
				t.Errorf("got %v, want an error that names %s", err, o.Dir)
			}
			if s.calls() != 0 {
				t.Errorf("%d calls were made", s.calls())
			}
		})
	}
}

// Evidence that was damaged in the middle is refused with its line, and left as
// it is.
func TestDamagedEvidenceIsRefusedBeforeTheFirstCall(t *testing.T) {
	s, _ := newNumbers(t, 20)
	s.run(t)
	before := s.calls()
	path := filepath.Join(s.options().Dir, audit.EvidenceFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines[9] = append(lines[9][:30:30], '\n')
	damaged := bytes.Join(lines, nil)
	write(t, path, string(damaged))
	if _, err := s.plan.Run(t.Context(), s.options()); err == nil || !strings.Contains(err.Error(), audit.EvidenceFile+": line 10:") {
		t.Errorf("got %v, want line 10 of the evidence", err)
	}
	if s.calls() != before {
		t.Errorf("%d calls were made", s.calls()-before)
	}
	if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, damaged) {
		t.Errorf("the evidence was changed: %v", err)
	}
}

// Answers count for what was asked of whom, and for nothing else.
func TestNothingStaleIsReused(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*testing.T, *setup)
		reused [2]int // of full and small, of 40 each
	}{
		{"the same again", func(*testing.T, *setup) {}, [2]int{40, 40}},
		{"another prompt", func(t *testing.T, s *setup) {
			s.plan = planIn(t, s.dir, auditText, fmt.Sprintf(probeText, 20, "the number"), audit.FileOptions{})
		}, [2]int{0, 0}},
		{"another wanted answer, which is scored anew", func(t *testing.T, s *setup) {
			probe := strings.Replace(fmt.Sprintf(probeText, 20, "number"), "else n }}", "else n + 1 }}", 1)
			s.plan = planIn(t, s.dir, auditText, probe, audit.FileOptions{})
		}, [2]int{40, 40}},
		{"another temperature", func(t *testing.T, s *setup) {
			s.plan = planIn(t, s.dir, auditText, fmt.Sprintf(probeText, 20, "number")+"sampling: {temperature: 0.5}\n", audit.FileOptions{})
		}, [2]int{0, 0}},
		{"another model under the same name", func(t *testing.T, s *setup) {
			s.plan = planIn(t, s.dir, strings.Replace(auditText, "model: y", "model: z", 1), fmt.Sprintf(probeText, 20, "number"), audit.FileOptions{})
		}, [2]int{40, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := newNumbers(t, 20)
			s.run(t)
			test.change(t, s)
			a := s.run(t)
			if got := [2]int{a.Reference.Reused, a.Candidates[0].Reused}; got != test.reused {
				t.Errorf("reused %v, want %v", got, test.reused)
			}
			if c := comparison(t, a, ""); c.N != 40 || a.Reference.Calls != 40-test.reused[0] {
				t.Errorf("%d pairs, %d calls of the reference, want every case once", c.N, a.Reference.Calls)
			}
		})
	}
}

// Other weights behind the same name and address are another model.
func TestAnswersOfOtherWeightsAreNotReused(t *testing.T) {
	s, _ := newNumbers(t, 20)
	o := s.options()
	for _, digest := range []string{"ab", "cd"} {
		o.Open = func(_ context.Context, spec models.Spec) (audit.Asker, models.Info, error) {
			return s.models[spec.Name], models.Info{Digest: digest}, nil
		}
		a, err := s.plan.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if a.Reference.Reused != 0 || a.Candidates[0].Calls != 40 {
			t.Errorf("digest %s: %d reused and %d calls, want 0 and 40", digest, a.Reference.Reused, a.Candidates[0].Calls)
		}
	}
}
