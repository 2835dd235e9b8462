package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gambit-audit/gambit/reporters"
)

// historyFlags are the flags of `gambit history`.
type historyFlags struct{ out string }

var historyCommand = command{
	name: "history",
	args: "DIR [-o FILE]",
	text: "draw the course of each verdict over the runs in a folder, as a page of HTML",
	setup: func(flags *flag.FlagSet) action {
		f := new(historyFlags)
		flags.StringVar(&f.out, "o", "", "write to `file`, not to standard output")
		return f.run
	},
}

func (f *historyFlags) run(c console, args []string) (int, error) {
	if len(args) != 1 {
		return statusUsage, fmt.Errorf("got %d arguments: expected one, the folder that the folders of the runs are in", len(args))
	}
	runs, err := readRuns(args[0])
	if err != nil {
		return statusUsage, err
	}
	if f.out == "" {
		err = reporters.WriteHistory(c.out, runs)
	} else {
		err = writeHistory(f.out, runs)
	}
	if err != nil {
		return statusUsage, err
	}
	return statusOK, nil
}

// readRuns reads the reports of all finished runs in a folder. The name of a
// run's folder starts with its time, so that they come in the order of time.
func readRuns(dir string) ([]reporters.Run, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var runs []reporters.Run
	for _, e := range entries {
		name := filepath.Join(dir, e.Name(), reporters.Filename("json"))
		if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) || !e.IsDir() {
			continue
		}
		a, err := readReport(name)
		if err != nil {
			return nil, err
		}
		runs = append(runs, reporters.Run{Name: e.Name(), Audit: a})
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("%s: no finished run in it: expected folders with a %s, such as `gambit run` makes", dir, reporters.Filename("json"))
	}
	return runs, nil
}

func writeHistory(name string, runs []reporters.Run) error {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return errors.Join(reporters.WriteHistory(f, runs), f.Close())
}
