package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/models"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gambit": main})
}

// TestScripts runs gambit, and suites in a module of their own, as a user does.
func TestScripts(t *testing.T) {
	b := &builder{dir: t.TempDir()}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			// Nothing of the workflow that runs these tests may reach them.
			e.Vars = append(e.Vars, "GITHUB_ACTIONS=", "GITHUB_STEP_SUMMARY=", "GAMBIT_AUDIT=")
			e.Values[serverKey{}] = newEchoServer()
			checkout, err := filepath.Abs("../..")
			e.Setenv("CHECKOUT", checkout)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"compile": compile,
			"held":    held,
			"record":  record,
			"release": release,
			"serve":   serve,
			"status":  status,
			"suite":   b.suite,
		},
	})
}

// status runs a command and checks its exit status: status N COMMAND ARGS...
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND ARGS...")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

// record makes the evidence that the models of an audit file replay, from
// models that repeat the last number of the prompt and are wrong where it is a
// multiple of k (0: never): record FILE MODEL=k...
func record(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: record FILE MODEL=k...")
	}
	f, err := audit.LoadFile(ts.MkAbs(args[0]), audit.FileOptions{})
	ts.Check(err)
	f.Curtail = false // the evidence holds every answer
	evidence := f.Reference.Evidence
	f.Reference.Provider = "openai"
	for i := range f.Candidates {
		f.Candidates[i].Provider = "openai"
	}
	plan, err := f.Plan()
	ts.Check(err)
	fakes := map[string]counter{}
	for _, arg := range args[1:] {
		name, k, _ := strings.Cut(arg, "=")
		wrong, err := strconv.Atoi(k)
		ts.Check(err)
		fakes[name] = counter{wrong}
	}
	dir := filepath.Dir(evidence)
	_, err = plan.Run(context.Background(), audit.RunOptions{
		Dir: dir,
		Open: func(_ context.Context, s models.Spec) (audit.Asker, models.Info, error) {
			return fakes[s.Name], models.Info{}, nil
		},
	})
	ts.Check(err)
	ts.Check(os.Rename(filepath.Join(dir, audit.EvidenceFile), evidence))
}

// counter is a model that repeats a number, except multiples of wrong (0 for
// none).
type counter struct{ wrong int }

var lastNumber = regexp.MustCompile(`[0-9]+$`)

func (c counter) Ask(_ context.Context, req models.Request) (models.Response, error) {
	text := lastNumber.FindString(req.Messages[len(req.Messages)-1].Text)
	n, err := strconv.Atoi(text)
	if err != nil {
		return models.Response{}, err
	}
	if c.wrong > 0 && n%c.wrong == 0 {
		text = "no idea"
	}
	return models.Response{Text: text, Finish: "stop"}, nil
}

func (counter) Check(models.Request) error { return nil }

// compile builds the suite of the module in the script's folder, without the
// network: compile.
func compile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: compile")
	}
	ts.Check(offline(ts.MkAbs("."), "test", "-c", "-o", os.DevNull, "."))
}

// builder builds, once for all scripts, the Ginkgo command and the test binary
// of a module as `gambit init` makes it.
type builder struct {
	dir  string
	once sync.Once
	err  error
}

func (b *builder) build() error {
	if err := initialise(console{io.Discard, io.Discard}, b.dir, "../.."); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"test", "-c", "-o", "audit.test", "."},
		{"build", "-o", "ginkgo", "github.com/onsi/ginkgo/v2/ginkgo"},
	} {
		if err := offline(b.dir, args...); err != nil {
			return err
		}
	}
	return nil
}

// offline runs the go command in a module's folder, without the network.
func offline(dir string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// suite puts ginkgo and the suite's test binary, audit.test, beside the
// script's files.
func (b *builder) suite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: suite")
	}
	b.once.Do(func() { b.err = b.build() })
	ts.Check(b.err)
	for _, name := range []string{"ginkgo", "audit.test"} {
		ts.Check(os.Link(filepath.Join(b.dir, name), ts.MkAbs(name)))
	}
}
