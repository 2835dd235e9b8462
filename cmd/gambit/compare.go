package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// compareFlags are the flags of `gambit compare`.
type compareFlags struct {
	audit string
	all   bool
	json  bool
}

var compareCommand = command{
	name: "compare",
	args: "OLD NEW [--audit FILE] [--all] [--json]",
	text: "hold a run against an earlier one, case by case: what regressed, and what changed of the measuring stick",
	setup: func(flags *flag.FlagSet) action {
		f := new(compareFlags)
		flags.StringVar(&f.audit, "audit", "", "judge the evidence of both runs anew by the audit `file`, so that one stick measures both")
		flags.BoolVar(&f.all, "all", false, "list every case that was added, removed or changed, not the first few")
		flags.BoolVar(&f.json, "json", false, "print the comparison as JSON")
		return f.run
	},
}

func (f *compareFlags) run(c console, args []string) (int, error) {
	if len(args) != 2 {
		return statusUsage, fmt.Errorf("got %d arguments: expected two, the folders of an earlier and of a later run, or their %s", len(args), audit.ResultsFile)
	}
	then, err := f.results(args[0])
	if err != nil {
		return statusUsage, err
	}
	now, err := f.results(args[1])
	if err != nil {
		return statusUsage, err
	}
	b, err := audit.Against(then, now, args[0], time.Now().UTC().Format(time.DateOnly))
	if err != nil {
		return statusUsage, err
	}
	if now.Size == string(probes.Smoke) {
		b.ShutForSmoke()
	}
	if f.json {
		err = printJSON(c.out, b)
	} else {
		err = f.print(c.out, b)
	}
	if err != nil {
		return statusUsage, err
	}
	return b.Gate.Status, nil
}

// results reads those of a run, or judges its evidence anew.
func (f *compareFlags) results(path string) (*audit.Results, error) {
	if f.audit == "" {
		return audit.ReadResults(path)
	}
	plan, err := (&runFlags{audit: f.audit}).plan(anyEnv)
	if err != nil {
		return nil, err
	}
	evidence := path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		evidence = filepath.Join(path, audit.EvidenceFile)
	}
	replayFrom(plan.File(), evidence)
	a, err := plan.Rebuild(context.Background(), evidence, audit.RunOptions{Version: version()})
	if err != nil {
		return nil, err
	}
	return audit.NewResults(plan, a), nil
}

// replayFrom makes every model of an audit answer from one file of evidence, and
// the audit stand by itself.
func replayFrom(f *audit.File, evidence string) {
	f.Baseline = ""
	f.Reference.Evidence, f.Reference.EvidenceFS = evidence, nil
	for i := range f.Candidates {
		f.Candidates[i].Evidence, f.Candidates[i].EvidenceFS = evidence, nil
	}
}

func (f *compareFlags) print(w io.Writer, b *drift.BaselineAudit) error {
	fmt.Fprintf(w, "Against %s\n\n", b.Baseline)
	if len(b.Stick) == 0 {
		fmt.Fprintln(w, "The measuring stick is the same.")
	} else {
		fmt.Fprintln(w, "The measuring stick has changed, which is no news about a candidate:")
	}
	for _, line := range b.Stick {
		fmt.Fprintln(w, " ", line)
	}
	for _, m := range b.Models {
		f.printModel(w, b, m)
	}
	fmt.Fprintln(w)
	if b.Gate.Passed {
		fmt.Fprintln(w, "NOT BEHIND THE BASELINE")
		return nil
	}
	standing := "NOT SHOWN TO KEEP UP WITH THE BASELINE:"
	if slices.ContainsFunc(b.Comparisons, behind) {
		standing = "BEHIND THE BASELINE:"
	}
	for _, r := range b.Gate.Reasons {
		fmt.Fprintln(w, standing, r)
	}
	return nil
}

// behind tells whether a comparison shows that a release candidate fell back.
func behind(c drift.Comparison) bool {
	return c.Gated && c.Verdict == drift.VerdictFail && (c.Waived == nil || c.Waived.Expired)
}

func (f *compareFlags) printModel(w io.Writer, b *drift.BaselineAudit, m drift.BaselineModel) {
	role := "candidate"
	if m.Reference {
		role = "reference"
	}
	fmt.Fprintf(w, "\n%s (%s), weights %s: %d cases compared, %d regressed, %d repaired; %d added, %d removed, %d changed, %d rescored, %d without two answers\n",
		m.Model, role, m.Weights(), m.N, len(m.Regressed), len(m.Repaired),
		len(m.Added), len(m.Removed), len(m.Changed), len(m.Rescored), m.Excluded)
	for _, list := range []struct {
		what  string
		cases []string
	}{{"regressed", m.Regressed}, {"repaired", m.Repaired}, {"added", m.Added}, {"removed", m.Removed}, {"changed", m.Changed}, {"rescored", m.Rescored}} {
		f.printCases(w, list.what, list.cases)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range b.Comparisons {
		if c.Candidate == m.Model {
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", c.Probe, group(c), c.Verdict, c.Because)
		}
	}
	t.Flush()
}

func group(c drift.Comparison) string {
	if c.Group == "" {
		return "all"
	}
	return c.Group
}

// maxListed bounds the cases of one list, but for --all.
const maxListed = 10

func (f *compareFlags) printCases(w io.Writer, what string, cases []string) {
	if len(cases) == 0 {
		return
	}
	rest := 0
	if !f.all && len(cases) > maxListed {
		cases, rest = cases[:maxListed], len(cases)-maxListed
	}
	fmt.Fprintf(w, "  %s: %s", what, strings.Join(cases, ", "))
	if rest > 0 {
		fmt.Fprintf(w, " and %d more (--all)", rest)
	}
	fmt.Fprintln(w)
}
