package suites

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
	"github.com/onsi/ginkgo/v2"
)

// gate runs once, after the specs of all processes: it writes the reports and
// turns the run red where the audit is not passed.
func (s *suite) gate(ctx ginkgo.SpecContext, r ginkgo.Report) {
	if r.SuiteConfig.DryRun {
		return
	}
	if s.problem != nil {
		ginkgo.Fail(s.problem.Error())
	}
	if s.engine == nil {
		ginkgo.Fail("ERROR: the audit was not run")
	}
	if !s.kept {
		defer os.RemoveAll(s.dir)
	}
	a, err := s.engine.wait(ctx)
	if err != nil {
		ginkgo.Fail("ERROR: " + err.Error())
	}
	if err := s.publish(a); err != nil {
		ginkgo.Fail("ERROR: " + err.Error())
	}
	if !a.Gate.Passed {
		ginkgo.Fail(refusal(a.Gate))
	}
}

// maxReasons bounds the reasons that the gate's failure repeats; the reports
// have all.
const maxReasons = 20

func refusal(g drift.Gate) string {
	var b strings.Builder
	b.WriteString("the gate did not pass:\n")
	for i, reason := range g.Reasons {
		if i == maxReasons {
			fmt.Fprintf(&b, "  and %d more\n", len(g.Reasons)-maxReasons)
			break
		}
		fmt.Fprintf(&b, "  %s\n", reason)
	}
	return strings.TrimRight(b.String(), "\n")
}

// publish prints the summary and writes the reports.
func (s *suite) publish(a *drift.Audit) error {
	fmt.Println()
	err := reporters.Write("console", os.Stdout, a)
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		// The location of a failure that Ginkgo hands on is one in Go.
		err = errors.Join(err, reporters.Write("github", os.Stdout, a))
	}
	if summary := os.Getenv("GITHUB_STEP_SUMMARY"); summary != "" {
		err = errors.Join(err, writeTo(summary, os.O_APPEND|os.O_CREATE|os.O_WRONLY, "markdown", a))
	}
	if !s.kept {
		return err
	}
	for _, format := range reporters.Kept() {
		path := filepath.Join(s.dir, reporters.Filename(format))
		err = errors.Join(err, writeTo(path, os.O_TRUNC|os.O_CREATE|os.O_WRONLY, format, a))
	}
	fmt.Printf("evidence and reports: %s\n", s.dir)
	return err
}

func writeTo(path string, flags int, format string, a *drift.Audit) error {
	f, err := os.OpenFile(path, flags, 0o644)
	if err != nil {
		return fmt.Errorf("write the %s report: %w", format, err)
	}
	return errors.Join(reporters.Write(format, f, a), f.Close())
}
