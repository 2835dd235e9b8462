package suites

import (
	"errors"
	"fmt"
	"io"
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

// reportFormats are written into the run's folder.
var reportFormats = []string{"json", "markdown", "junit"}

// publish prints the summary and writes the reports.
func (s *suite) publish(a *drift.Audit) error {
	fmt.Println()
	err := reporters.Write("console", os.Stdout, a)
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		annotate(os.Stdout, a)
	}
	if summary := os.Getenv("GITHUB_STEP_SUMMARY"); summary != "" {
		err = errors.Join(err, writeTo(summary, os.O_APPEND|os.O_CREATE|os.O_WRONLY, "markdown", a))
	}
	if !s.kept {
		return err
	}
	for _, format := range reportFormats {
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

// annotate makes GitHub show what blocks at the YAML line of its probe: the
// location of a failure that Ginkgo hands on is one in Go.
func annotate(w io.Writer, a *drift.Audit) {
	for _, c := range a.Comparisons {
		if r := judge(a, c); r.state == red {
			annotation(w, c.File, c.Line, c.Name(), c.Because)
		}
	}
	for _, m := range a.Mandatory {
		if r := judgeMandatory(m); r.state == red {
			annotation(w, m.File, m.Line, m.Case, fmt.Sprintf("mandatory case on %s: %s", m.Candidate, m.Observation.Outcome))
		}
	}
}

var (
	commandText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func annotation(w io.Writer, file string, line int, title, text string) {
	fmt.Fprintf(w, "::error file=%s,line=%d,title=%s::%s\n",
		commandProperty.Replace(file), line, commandProperty.Replace(title), commandText.Replace(text))
}
