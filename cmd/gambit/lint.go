package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/probes"
)

var lintCommand = command{
	name: "lint",
	args: "PATH... [--watch]",
	text: "check audit files and probes (files, folders, builtin:PACK) and list every problem",
	setup: func(flags *flag.FlagSet) action {
		watching := flags.Bool("watch", false, "check again whenever a file changes, until interrupted")
		return func(c console, paths []string) (int, error) {
			if len(paths) == 0 {
				return statusUsage, errors.New("no path: expected audit files or probes, such as gambit.yaml or ./probes")
			}
			if *watching {
				ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
				defer stop()
				return lintWatching(ctx, c, paths)
			}
			return lint(c, paths)
		}
	},
}

// findings are what a check found, each once and in order.
type findings struct {
	problems, warnings []string
	cases              map[string]int     // by probe, at standard size
	options            probes.LoadOptions // with the margins to lint for
}

func lint(c console, paths []string) (int, error) {
	f := findings{cases: map[string]int{}}
	var sources []string
	for _, p := range paths {
		if probes.IsAudit(p) {
			f.audit(p)
			continue
		}
		for _, a := range auditsIn(p) {
			f.audit(a)
		}
		sources = append(sources, p)
	}
	if len(sources) > 0 {
		f.options = probes.LoadOptions{}
		f.load(func(size probes.Size) (*probes.Suite, error) {
			return probes.Load(sources, probes.LoadOptions{Size: size})
		})
	}
	for _, w := range f.warnings {
		fmt.Fprintln(c.err, "warning:", w)
	}
	if len(f.problems) > 0 {
		fmt.Fprintln(c.err, strings.Join(f.problems, "\n"))
		return statusUsage, nil
	}
	cases := 0
	for _, n := range f.cases {
		cases += n
	}
	fmt.Fprintf(c.out, "%s, %s: ok\n", counted(len(f.cases), "probe"), counted(cases, "case"))
	return statusOK, nil
}

// auditsIn are the audit files that lie in a folder, not below it; none where
// path is no folder.
func auditsIn(path string) []string {
	entries, _ := os.ReadDir(path)
	var list []string
	for _, e := range entries {
		name := filepath.Join(path, e.Name())
		if ext := filepath.Ext(name); (ext == ".yaml" || ext == ".yml") && !e.IsDir() && probes.IsAudit(name) {
			list = append(list, name)
		}
	}
	return list
}

func (f *findings) audit(path string) {
	file, err := audit.LoadFile(path, audit.FileOptions{LookupEnv: func(name string) (string, bool) {
		if os.Getenv(name) == "" {
			f.warn(fmt.Errorf("%s: the environment variable %s is not set, or empty: expected a value for it when the audit is run", path, name))
		}
		return anyEnv(name)
	}})
	if err != nil {
		f.problem(err)
		return
	}
	f.options = probes.LoadOptions{Margin: file.Policy.Margin, GroupMargin: file.Policy.GroupMargin}
	f.load(func(size probes.Size) (*probes.Suite, error) {
		file.Size = size
		plan, err := file.Plan()
		if err != nil {
			return nil, err
		}
		if err := plan.Unsupported(); err != nil {
			f.problem(err)
		}
		return plan.Suite(), nil
	})
}

// load loads probes at every size.
func (f *findings) load(at func(probes.Size) (*probes.Suite, error)) {
	for _, size := range []probes.Size{probes.Smoke, probes.Standard, probes.Full} {
		suite, err := at(size)
		if err != nil {
			f.problem(err)
			continue
		}
		for _, w := range suite.Warnings {
			f.warn(w)
		}
		if size != probes.Standard {
			continue
		}
		found := suite.Lint(f.options)
		for _, p := range found.Problems {
			f.problem(p)
		}
		for _, w := range found.Warnings {
			f.warn(w)
		}
		for _, p := range suite.Probes {
			f.cases[p.ID] = len(p.Cases())
		}
	}
}

func (f *findings) problem(err error) { f.problems = addLines(f.problems, err) }
func (f *findings) warn(err error)    { f.warnings = addLines(f.warnings, err) }

// addLines adds the lines of an error that are not in the list yet.
func addLines(list []string, err error) []string {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	return list
}

// counted is "1 probe", "2 probes".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
