package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
)

// planFlags are the flags of `gambit plan`.
type planFlags struct {
	runFlags
	flips float64
	json  bool
}

var planCommand = command{
	name: "plan",
	args: "[--audit FILE] [--size SIZE] [--only GLOB] [--flips SHARE] [--json]",
	text: "say, without a call, what an audit will ask, what that costs and what it can show",
	setup: func(flags *flag.FlagSet) action {
		f := new(planFlags)
		flags.StringVar(&f.audit, "audit", "", "the audit `file`")
		flags.StringVar(&f.size, "size", "", "`size` to plan in place of the audit file's: smoke, standard or full")
		flags.StringVar(&f.only, "only", "", "plan only the probes whose id matches the `glob`, such as 'edge.*'")
		flags.Float64Var(&f.flips, "flips", audit.PlannedFlips, "the `share` of cases that flip without a true drop")
		flags.BoolVar(&f.json, "json", false, "print the plan as JSON")
		return f.run
	},
}

func (f *planFlags) run(c console, args []string) (int, error) {
	if len(args) > 0 {
		return statusUsage, fmt.Errorf("unexpected %q: expected flags alone, such as --audit %s", args[0], args[0])
	}
	plan, err := f.plan(anyEnv)
	if err != nil {
		return statusUsage, err
	}
	if err := plan.Unsupported(); err != nil {
		return statusUsage, err
	}
	forecast, err := plan.Forecast(f.flips, time.Now().UTC().Format(time.DateOnly))
	if err != nil {
		return statusUsage, err
	}
	if f.json {
		err = printJSON(c.out, forecast)
	} else {
		err = printForecast(c.out, forecast)
	}
	if err != nil {
		return statusUsage, err
	}
	if forecast.Blocked {
		return statusBlocked, nil
	}
	return statusOK, nil
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func printForecast(w io.Writer, f *audit.Forecast) error {
	title := f.Title
	if title == "" {
		title = "an audit"
	}
	fmt.Fprintf(w, "Plan of %s: size %s, seed %d. Nothing was asked.\n\n", title, f.Size, f.Seed)
	if err := printModels(w, f.Models); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nCalls are at most: answers kept by an unfinished run and early stopping spare some, failures repeat some.\n"+
		"Input tokens are estimated from the texts by one count for all models, output tokens are the limits of the answers.\n\n")
	if err := printProspects(w, f.Comparisons); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nworth: independent cases, after the planned design effect of clusters. rules out: the smallest drop, in points,\n"+
		"that is ruled out where not one case flips. power: the chance of a pass without a true drop where %g %% of cases flip.\n"+
		"add: cases to a pass without a flip, and to a power of 80 %%.\n", 100*f.Flips)
	for i, line := range f.Warnings {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, "cannot pass:", line)
	}
	if f.Blocked {
		fmt.Fprintln(w, "\nThe gate cannot open: add the cases that are missing, widen the margin, or make the probe advisory.")
	}
	return nil
}

func printModels(w io.Writer, models []audit.ModelForecast) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "model\tcases\tcalls\tasked twice\tinput tokens\toutput tokens at most\tcost at most\t")
	total, priced := 0.0, 0
	for _, m := range models {
		cost := "no price"
		if m.Cost != nil {
			cost = strconv.FormatFloat(*m.Cost, 'f', 2, 64)
			total += *m.Cost
			priced++
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n",
			m.Name, drift.Count(m.Cases), drift.Count(m.Calls), drift.Count(m.Again), drift.Count(m.InputTokens), drift.Count(m.OutputTokens), cost)
	}
	if priced > 1 {
		fmt.Fprintf(t, "sum of %d prices\t\t\t\t\t\t%.2f\t\n", priced, total)
	}
	return t.Flush()
}

func printProspects(w io.Writer, list []audit.ComparisonForecast) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "probe\tgroup\tcases (clusters)\tworth\tmargin\trules out\tpower\tadd")
	for _, c := range list {
		group, smallest := c.Group, "nothing"
		if group == "" {
			group = "all"
		}
		if c.Smallest != nil {
			smallest = fmt.Sprintf("%.1f", 100**c.Smallest)
		}
		fmt.Fprintf(t, "%s\t%s\t%d (%d)\t%.0f\t%g\t%s\t%.0f %%\t%s\n",
			c.Probe, group, c.N, c.Clusters, c.Effective, 100*c.Margin, smallest, 100*c.Power, added(c))
	}
	return t.Flush()
}

// added is what is missing to a pass without a flip, and to the planned power.
func added(c audit.ComparisonForecast) string {
	switch {
	case c.AddForPower == 0:
		return "-"
	case c.AddToPass == 0:
		return fmt.Sprintf("%d for power", c.AddForPower)
	}
	return fmt.Sprintf("%d, %d for power", c.AddToPass, c.AddForPower)
}
