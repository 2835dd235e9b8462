package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
	"golang.org/x/sync/errgroup"
)

// reportFlags are the flags of `gambit report`.
type reportFlags struct {
	audit, format, key, out string
}

var reportCommand = command{
	name: "report",
	args: "DIR [--audit FILE] [--format FORMAT,...] [--key FILE] [-o FILE]",
	text: "show the report of a run again; with --audit, judge its evidence anew, without a model",
	setup: func(flags *flag.FlagSet) action {
		f := new(reportFlags)
		flags.StringVar(&f.audit, "audit", "", "the audit `file` to judge the run's evidence by")
		flags.StringVar(&f.format, "format", "console", "`format`, or several with commas between them:\n"+formatRules())
		flags.StringVar(&f.key, "key", "", "sign the in-toto report with the Ed25519 key in the PEM `file`")
		flags.StringVar(&f.out, "o", "", "write to `file`, not to standard output; of several formats, the folder, in place of the run's")
		return f.run
	},
}

func (f *reportFlags) run(c console, args []string) (int, error) {
	if len(args) != 1 {
		return statusUsage, fmt.Errorf("got %d arguments: expected one, the folder of a run or its %s", len(args), audit.EvidenceFile)
	}
	names, err := f.names()
	if err != nil {
		return statusUsage, err
	}
	a, err := f.load(args[0], names)
	if err != nil {
		return statusUsage, err
	}
	if err := f.write(c, a, args[0], names); err != nil {
		return statusUsage, err
	}
	return a.Gate.Status, nil
}

// formatRules are the formats with what each is for, one a line.
func formatRules() string {
	var lines []string
	for _, name := range reporters.Formats() {
		lines = append(lines, fmt.Sprintf("%-16s %s", name, reporters.Doc(name)))
	}
	return strings.Join(lines, "\n")
}

// names are the formats that are asked for.
func (f *reportFlags) names() ([]string, error) {
	names, err := formatNames(f.format)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("--format is empty: expected the name of a format")
	}
	if f.key != "" && !slices.Contains(names, signedFormat) {
		return nil, fmt.Errorf("--key without %s: expected --format %s, which alone is signed", signedFormat, signedFormat)
	}
	return names, nil
}

// write prints one report, or writes it to the file that is named; several go
// into a folder, by their usual names.
func (f *reportFlags) write(c console, a *drift.Audit, run string, names []string) error {
	if len(names) > 1 {
		return f.writeAll(c, a, run, names)
	}
	if f.out != "" {
		return writeReport(f.out, names[0], f.key, a)
	}
	report, err := rendered(names[0], f.key, a)
	if err != nil {
		return err
	}
	_, err = c.out.Write(report)
	return err
}

// writeAll makes every report that can be made, and says where it is.
func (f *reportFlags) writeAll(c console, a *drift.Audit, run string, names []string) error {
	dir, _ := runFiles(run)
	if f.out != "" {
		dir = f.out
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	errs := make([]error, len(names))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, format := range names {
		g.Go(func() error {
			errs[i] = writeReport(usualName(dir, format), format, f.key, a)
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs, one a format
	for i, format := range names {
		if errs[i] == nil {
			fmt.Fprintln(c.out, usualName(dir, format))
		}
	}
	return errors.Join(errs...)
}

// runFiles are the folder of a run and its evidence, from either.
func runFiles(name string) (dir, evidence string) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return name, filepath.Join(name, audit.EvidenceFile)
	}
	return filepath.Dir(name), name
}

func (f *reportFlags) load(name string, formats []string) (*drift.Audit, error) {
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file or folder: expected the folder of a run, such as `gambit run` makes in gambit-runs", name)
	} else if err != nil {
		return nil, err
	}
	dir, evidence := runFiles(name)
	if f.audit != "" {
		return f.rebuild(evidence, slices.ContainsFunc(formats, reporters.NeedsPairs))
	}
	a, err := readReport(usualName(dir, "json"))
	if err == nil && slices.ContainsFunc(formats, reporters.NeedsPairs) {
		a.Pairs, err = readPairs(usualName(dir, "pairs"))
	}
	return a, err
}

// readPairs reads the pairs beside a report; there are none where the run kept
// none.
func readPairs(name string) ([]drift.ProbePair, error) {
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	pairs, err := reporters.ReadPairs(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return pairs, nil
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
// Pairs are many, and held only where a format shows them.
func (f *reportFlags) rebuild(evidence string, pairs bool) (*drift.Audit, error) {
	file, err := audit.LoadFile(f.audit, audit.FileOptions{LookupEnv: anyEnv})
	if err != nil {
		return nil, err
	}
	plan, err := file.Plan()
	if err != nil {
		return nil, err
	}
	o := audit.RunOptions{Version: version()}
	if !pairs {
		o.Pair = func(drift.ProbePair) error { return nil }
	}
	return plan.Rebuild(context.Background(), evidence, o)
}

// anyEnv gives variables that are not set a value that nothing reads: without
// a model, keys and addresses are not needed.
func anyEnv(name string) (string, bool) {
	return cmp.Or(os.Getenv(name), "1"), true
}
