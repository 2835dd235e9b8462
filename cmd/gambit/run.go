package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/fixtures"
	"github.com/gambit-audit/gambit/fixtures/specimens"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/reporters"
)

// runFlags are the flags of `gambit run`.
type runFlags struct {
	audit, size, only, format, out, resume string
}

var runCommand = command{
	name: "run",
	args: "[--audit FILE] [--size SIZE] [--only GLOB] [--format FORMAT,...] [--out DIR | --resume DIR]",
	text: "ask the models and judge their answers; without --audit, by GAMBIT_AUDIT or gambit.yaml",
	setup: func(flags *flag.FlagSet) action {
		f := new(runFlags)
		flags.StringVar(&f.audit, "audit", "", "the audit `file`, or builtin:specimens, or builtin:recorded")
		flags.StringVar(&f.size, "size", "", "`size` to run in place of the audit file's: smoke, standard or full")
		flags.StringVar(&f.only, "only", "", "run only the probes whose id matches the `glob`, such as 'edge.*'")
		flags.StringVar(&f.format, "format", "", "write further reports into the run's folder: a `format`, or several with commas between them")
		flags.StringVar(&f.out, "out", "", "make the run's folder in `dir`, not in the audit file's `out`")
		flags.StringVar(&f.resume, "resume", "", "go on with the run that is in the folder `dir`")
		return f.run
	},
}

func (f *runFlags) run(c console, args []string) (int, error) {
	if len(args) > 0 {
		return statusUsage, fmt.Errorf("unexpected %q: expected flags alone, such as --audit %s", args[0], args[0])
	}
	further, err := formatNames(f.format)
	if err != nil {
		return statusUsage, err
	}
	plan, err := f.plan(os.LookupEnv)
	if err != nil {
		return statusUsage, err
	}
	if err := plan.Unsupported(); err != nil {
		return statusUsage, err
	}
	if err := warn(c, plan); err != nil {
		return statusUsage, err
	}
	dir, err := f.dir(c, plan)
	if err != nil {
		return statusUsage, err
	}
	a, err := ask(c, plan, dir)
	if err != nil {
		return statusOf(err), err
	}
	if err := publish(c, a, dir, further); err != nil {
		return statusUsage, err
	}
	return a.Gate.Status, nil
}

// warn names, before anything is asked, what cannot pass.
func warn(c console, plan *audit.Plan) error {
	lines, err := plan.CannotPass()
	for _, line := range lines {
		fmt.Fprintln(c.err, "warning:", line)
	}
	return err
}

// plan reads the audit file and its probes.
func (f *runFlags) plan(env func(string) (string, bool)) (*audit.Plan, error) {
	file, err := f.file(env)
	if err != nil {
		return nil, err
	}
	if f.out != "" {
		file.Out = f.out
	}
	plan, err := file.Plan()
	if err != nil || f.only == "" {
		return plan, err
	}
	return only(plan, f.only)
}

func (f *runFlags) file(env func(string) (string, bool)) (*audit.File, error) {
	o := audit.FileOptions{LookupEnv: env, Size: probes.Size(f.size)}
	switch o.Size {
	case "", probes.Smoke, probes.Standard, probes.Full:
	default:
		return nil, fmt.Errorf("size %q: expected one of smoke, standard, full", f.size)
	}
	switch name := f.auditName(); name {
	case "":
		return nil, fmt.Errorf("no audit file: expected --audit FILE, the variable GAMBIT_AUDIT, or a %s here; --audit builtin:specimens runs the audit that comes with gambit", usualAudit)
	case "builtin:specimens":
		return audit.OpenFile(specimens.Files(), specimens.AuditFile, o)
	case "builtin:recorded":
		return audit.OpenFile(fixtures.Recorded(), fixtures.RecordedAudit, o)
	default:
		return audit.LoadFile(name, o)
	}
}

// usualAudit is the audit file of a folder.
const usualAudit = "gambit.yaml"

// auditName is the audit file that is meant, empty for none.
func (f *runFlags) auditName() string {
	if name := cmp.Or(f.audit, os.Getenv("GAMBIT_AUDIT")); name != "" {
		return name
	}
	if _, err := os.Stat(usualAudit); err != nil {
		return ""
	}
	return usualAudit
}

// only narrows an audit to the probes that match a glob.
func only(plan *audit.Plan, glob string) (*audit.Plan, error) {
	if err := audit.CheckPattern(glob); err != nil {
		return nil, fmt.Errorf("--only: %w", err)
	}
	kept := map[string]bool{} // cases of the probes that match
	for _, p := range plan.Suite().Probes {
		for _, kase := range p.Cases() {
			kept[kase.ID] = drift.MatchesProbe(glob, p.ID)
		}
	}
	plan.Note(fmt.Sprintf("filtered: only probes that match %q were run", glob))
	if err := plan.Select(
		func(id audit.ComparisonID) bool { return drift.MatchesProbe(glob, id.Probe) },
		func(id audit.MandatoryID) bool { return kept[id.Case] },
	); err != nil {
		return nil, fmt.Errorf("--only %q: %w", glob, err)
	}
	return plan, nil
}

// dir is the folder of the run.
func (f *runFlags) dir(c console, plan *audit.Plan) (string, error) {
	if f.resume != "" {
		if _, err := os.Stat(filepath.Join(f.resume, audit.EvidenceFile)); err != nil {
			return "", fmt.Errorf("--resume: %w: expected the folder of a run", err)
		}
		return f.resume, plan.Resumable(f.resume)
	}
	dir, resumed, err := audit.RunDir(plan.File().Out, plan, time.Now())
	if err != nil {
		return "", err
	}
	if resumed {
		fmt.Fprintf(c.err, "going on with the unfinished run in %s\n", dir)
	}
	return dir, nil
}

// ask runs the plan until it ends or is interrupted.
func ask(c console, plan *audit.Plan, dir string) (*drift.Audit, error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	p := newProgress(c.err, plan.File())
	defer p.end()
	return plan.Run(ctx, audit.RunOptions{Dir: dir, Version: version(), Progress: p.note})
}

// statusOf is the exit status for a run that came to no judgement.
func statusOf(err error) int {
	var unreachable *audit.UnreachableError
	if errors.As(err, &unreachable) || errors.Is(err, context.Canceled) {
		return statusUnreachable
	}
	return statusUsage
}

// publish prints the summary and writes the reports beside the evidence: the
// usual ones, and those that were asked for.
func publish(c console, a *drift.Audit, dir string, further []string) error {
	var errs []error
	for _, format := range append(reporters.Kept(), further...) {
		errs = append(errs, writeReport(usualName(dir, format), format, "", a))
	}
	errs = append(errs, summarise(c.out, a))
	fmt.Fprintf(c.err, "evidence and reports: %s\n", dir)
	return errors.Join(errs...)
}

// summarise prints the summary, in colours on a terminal that may have them, by
// the convention of NO_COLOR.
func summarise(w io.Writer, a *drift.Audit) error {
	if isTerminal(w) && os.Getenv("NO_COLOR") == "" {
		return reporters.WriteTerminal(w, a)
	}
	return reporters.Write("console", w, a)
}
