package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
)

// reportFlags are the flags of `gambit report`.
type reportFlags struct {
	audit, format, out string
}

var reportCommand = command{
	name: "report",
	args: "DIR [--audit FILE] [--format FORMAT] [-o FILE]",
	text: "show the report of a run again; with --audit, judge its evidence anew, without a model",
	setup: func(flags *flag.FlagSet) action {
		f := new(reportFlags)
		flags.StringVar(&f.audit, "audit", "", "the audit `file` to judge the run's evidence by")
		flags.StringVar(&f.format, "format", "console", "`format`: "+strings.Join(reporters.Formats(), ", "))
		flags.StringVar(&f.out, "o", "", "write to `file`, not to standard output")
		return f.run
	},
}

func (f *reportFlags) run(c console, args []string) (int, error) {
	if len(args) != 1 {
		return statusUsage, fmt.Errorf("got %d arguments: expected one, the folder of a run or its %s", len(args), audit.EvidenceFile)
	}
	a, err := f.load(args[0])
	if err != nil {
		return statusUsage, err
	}
	if f.out == "" {
		err = reporters.Write(f.format, c.out, a)
	} else {
		err = f.write(a)
	}
	if err != nil {
		return statusUsage, err
	}
	return a.Gate.Status, nil
}

// write leaves an older file as it is where the format is unknown.
func (f *reportFlags) write(a *drift.Audit) error {
	if reporters.Doc(f.format) == "" {
		return reporters.Write(f.format, io.Discard, a)
	}
	return writeReport(f.out, f.format, a)
}

func (f *reportFlags) load(name string) (*drift.Audit, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	evidence, judged := name, filepath.Join(filepath.Dir(name), reporters.Filename("json"))
	if info.IsDir() {
		evidence, judged = filepath.Join(name, audit.EvidenceFile), filepath.Join(name, reporters.Filename("json"))
	}
	if f.audit != "" {
		return f.rebuild(evidence)
	}
	return readReport(judged)
}

func readReport(name string) (*drift.Audit, error) {
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file: expected a finished run, or --audit FILE to judge its evidence by", name)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	a, err := reporters.ReadJSON(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// rebuild judges evidence by the audit file and its probes as they are now.
func (f *reportFlags) rebuild(evidence string) (*drift.Audit, error) {
	file, err := audit.LoadFile(f.audit, audit.FileOptions{LookupEnv: anyEnv})
	if err != nil {
		return nil, err
	}
	suite, err := file.LoadProbes()
	if err != nil {
		return nil, err
	}
	plan, err := audit.NewPlan(file, suite)
	if err != nil {
		return nil, err
	}
	return plan.Rebuild(context.Background(), evidence, audit.RunOptions{Version: version()})
}

// anyEnv gives variables that are not set a value that nothing reads: without
// a model, keys and addresses are not needed.
func anyEnv(name string) (string, bool) {
	if value, ok := os.LookupEnv(name); ok {
		return value, true
	}
	return "1", true
}
