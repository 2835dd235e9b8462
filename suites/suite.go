package suites

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/onsi/ginkgo/v2"
)

// suite is one audit with its specs.
type suite struct {
	plan *audit.Plan
	kept bool // the run's folder stays
	tree *node
	// problem is why nothing can run; the gate reports it.
	problem error

	dir      string // of the run, in Ginkgo's first process
	engine   *engine
	progress *audit.Line
	source   waiter   // of the finished audit
	results  *results // nil until the audit is finished
}

// load reads the audit file and its probes and lays out the specs.
func (s *suite) load(o Options) error {
	f, kept, err := open(o)
	if err != nil {
		return err
	}
	s.kept = kept
	if s.plan, err = f.Plan(); err != nil {
		return err
	}
	s.tree = s.layOut()
	return nil
}

func (s *suite) title() string {
	f := s.plan.File()
	if f.Title == "" {
		return "Gambit audit " + f.Name
	}
	return f.Title
}

// grow registers the specs and what runs before and after them.
func (s *suite) grow() {
	for _, n := range s.tree.children {
		n.grow()
	}
	ginkgo.SynchronizedBeforeSuite(s.start, s.connect)
	ginkgo.SynchronizedAfterSuite(func() {}, s.stop)
}

// choose narrows the plan to the specs that will run, so that nothing else is
// asked.
func (s *suite) choose(preview ginkgo.Report) error {
	all := s.tree.specs()
	picked := newSelection()
	count := pickAll(all, preview, picked)
	if count == 0 {
		return errors.New("no spec matches the filters: expected label, focus and skip filters that leave at least one")
	}
	if count < len(all) {
		s.plan.Note(fmt.Sprintf("filtered: %d of %d specs were run", count, len(all)))
	}
	if err := s.narrow(picked); err != nil {
		return err
	}
	return s.plan.Unsupported() // before a model is opened
}

// narrow leaves in the plan what was picked. The spec of a control needs all of
// its comparisons.
func (s *suite) narrow(picked *selection) error {
	return s.plan.Select(
		func(id audit.ComparisonID) bool { return picked.comparisons[id] || picked.controls[id.Candidate] },
		func(id audit.MandatoryID) bool { return picked.mandatory[id] },
	)
}

// start begins to ask, in the first of Ginkgo's processes, and returns the URL
// at which the others find the audit.
func (s *suite) start() []byte {
	if err := s.makeDir(); err != nil {
		ginkgo.Fail("ERROR: " + err.Error())
	}
	if err := s.warn(); err != nil {
		ginkgo.Fail("ERROR: " + err.Error())
	}
	s.progress = newProgress(s.plan.File())
	ginkgo.DeferCleanup(ginkgo.AttachProgressReporter(func() string { return "gambit: " + s.progress.String() }))
	s.engine = startEngine(func(ctx context.Context) (*drift.Audit, error) {
		return s.plan.Run(ctx, audit.RunOptions{Dir: s.dir, Version: version(), Progress: s.progress.Note})
	})
	url, err := s.engine.serve()
	if err != nil {
		ginkgo.Fail("ERROR: " + err.Error())
	}
	return []byte(url)
}

// warn names, before anything is asked, what cannot pass.
func (s *suite) warn() error {
	lines, err := s.plan.CannotPass()
	for _, line := range lines {
		fmt.Fprintf(os.Stderr, "gambit: warning: %s\n", line)
	}
	return err
}

func (s *suite) makeDir() (err error) {
	if !s.kept {
		s.dir, err = os.MkdirTemp("", "gambit-run-")
		return err
	}
	// The user need not stand where the test binary runs.
	out, err := filepath.Abs(s.plan.File().Out)
	if err != nil {
		return err
	}
	dir, resumed, err := audit.RunDir(out, s.plan, time.Now())
	if resumed {
		fmt.Fprintf(os.Stderr, "gambit: going on with the unfinished run in %s\n", dir)
	}
	s.dir = dir
	return err
}

// connect tells each process where the audit will come from.
func (s *suite) connect(url []byte) {
	if s.engine != nil {
		s.source = s.engine
		return
	}
	s.source = &remote{url: string(url)}
}

// stop ends the engine, in the first process, once the specs of all are over.
func (s *suite) stop() {
	if s.engine != nil {
		s.engine.stop()
	}
}

// version is that of the module gambit in this build, or "devel".
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == "github.com/gambit-audit/gambit" && m.Version != "" && m.Version != "(devel)" {
			return m.Version
		}
	}
	return "devel"
}
