package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gambit-audit/gambit/exporters"
	"github.com/gambit-audit/gambit/probes"
)

// exportFlags are the flags of `gambit export`.
type exportFlags struct {
	out, size string
}

var exportCommand = command{
	name: "export",
	args: "PATH... -o DIR [--size SIZE]",
	text: "write probes as tasks of lm-evaluation-harness, where a probe can be said there",
	setup: func(flags *flag.FlagSet) action {
		f := new(exportFlags)
		flags.StringVar(&f.out, "o", "", "write into the `folder`; required")
		flags.StringVar(&f.size, "size", "standard", "`size`: smoke, standard or full")
		return f.run
	},
}

func (f *exportFlags) run(c console, paths []string) (int, error) {
	if f.out == "" || len(paths) == 0 {
		return statusUsage, errors.New("expected probes and -o, the folder to write into")
	}
	suite, err := probes.Load(paths, probes.LoadOptions{Size: probes.Size(f.size)})
	if err != nil {
		return statusUsage, err
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return statusUsage, err
	}
	written := 0
	for _, p := range suite.Probes {
		task, err := exporters.LMEval(p)
		if err != nil {
			fmt.Fprintln(c.err, "not exported:", err)
			continue
		}
		if err := f.write(task); err != nil {
			return statusUsage, err
		}
		fmt.Fprintf(c.out, "%s: %d cases\n", task.Name, len(p.Cases()))
		written++
	}
	if written == 0 {
		return statusUsage, errors.New("no probe can be said as a task: the reasons stand above")
	}
	return statusOK, nil
}

func (f *exportFlags) write(t exporters.Task) error {
	name := filepath.Join(f.out, t.Name)
	return errors.Join(os.WriteFile(name+".yaml", t.YAML, 0o644), os.WriteFile(name+".jsonl", t.Docs, 0o644))
}
