package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// tryFlags are the flags of `gambit try`.
type tryFlags struct {
	audit, model string
	n            int
}

var tryCommand = command{
	name: "try",
	args: "PROBE --model NAME [--audit FILE] [--n N]",
	text: "ask one model a few cases of a probe now, and print its answers and their scores",
	setup: func(flags *flag.FlagSet) action {
		f := new(tryFlags)
		flags.StringVar(&f.audit, "audit", "gambit.yaml", "the audit `file` that has the model")
		flags.StringVar(&f.model, "model", "", "the `name` of the model in the audit file")
		flags.IntVar(&f.n, "n", 5, "how many `cases`, spread over the probe's")
		return f.try
	},
}

func (f *tryFlags) try(c console, args []string) (int, error) {
	if f.model == "" || f.n < 1 {
		return statusUsage, errors.New("expected --model NAME, a model of the audit file, and --n of at least 1")
	}
	probe, err := oneProbe(args, probes.Standard)
	if err != nil {
		return statusUsage, err
	}
	file, err := audit.LoadFile(f.audit, audit.FileOptions{LookupEnv: os.LookupEnv})
	if err != nil {
		return statusUsage, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	outcomes := map[drift.Outcome]int{}
	err = audit.Try(ctx, file, f.model, spread(probe.Cases(), f.n), audit.RunOptions{Version: version()},
		func(k *probes.Case, o drift.Observation) {
			outcomes[o.Outcome]++
			showCase(c.out, k, false)
			fmt.Fprintf(c.out, "answered:  %s\n", shortened(o.Text, false))
			fmt.Fprintf(c.out, "score:     %s\n", scored(o))
		})
	if err != nil {
		return statusOf(err), err
	}
	fmt.Fprintf(c.out, "\n%s: %d pass, %d fail, %d undecided\n", f.model,
		outcomes[drift.Pass], outcomes[drift.Fail], outcomes[drift.Undecided])
	if outcomes[drift.Undecided] > 0 {
		return statusUnreachable, nil
	}
	return statusOK, nil
}

// scored is an outcome with its reason, for people.
func scored(o drift.Observation) string {
	text := string(o.Outcome)
	if o.Reason != "" {
		text += " (" + o.Reason + ")"
	}
	if o.Share != nil {
		text += fmt.Sprintf(", share %.3f", *o.Share)
	}
	if o.Detail != "" {
		text += ": " + o.Detail
	}
	return strings.ReplaceAll(text, "\n", "\n           ")
}

// spread picks n cases at even distances, so that all groups of a probe show.
func spread(cases []*probes.Case, n int) []*probes.Case {
	n = min(n, len(cases))
	picked := make([]*probes.Case, n)
	for i := range picked {
		picked[i] = cases[i*len(cases)/n]
	}
	return picked
}
