package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/gambit-audit/gambit/probes"
)

var showCommand = command{
	name: "show",
	args: "PROBE [--n N] [--size SIZE] [--whole]",
	text: "show a probe's first cases as the models will see them, and how many cases each group has",
	setup: func(flags *flag.FlagSet) action {
		n := flags.Int("n", 3, "how many `cases`")
		size := flags.String("size", "standard", "`size`: smoke, standard or full")
		whole := flags.Bool("whole", false, "show long texts whole")
		return func(c console, args []string) (int, error) {
			probe, err := oneProbe(args, probes.Size(*size))
			if err != nil {
				return statusUsage, err
			}
			showProbe(c.out, probe)
			for _, k := range probe.Cases()[:min(max(0, *n), len(probe.Cases()))] {
				showCase(c.out, k, *whole)
			}
			return statusOK, nil
		}
	},
}

var shippedID = regexp.MustCompile(`^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$`)

// oneProbe loads the one probe that the arguments name: a file, or the id of a
// shipped probe.
func oneProbe(args []string, size probes.Size) (*probes.Probe, error) {
	if len(args) != 1 {
		return nil, errors.New("expected one probe: a file, or the id of a shipped one such as edge.negation.simple")
	}
	name := args[0]
	if _, err := os.Stat(name); err != nil && shippedID.MatchString(name) {
		name = "builtin:" + name
	}
	suite, err := probes.Load([]string{name}, probes.LoadOptions{Size: size})
	if err != nil {
		return nil, err
	}
	if len(suite.Probes) > 1 {
		return nil, fmt.Errorf("%s holds %d probes: expected one, such as %s", args[0], len(suite.Probes), suite.Probes[0].ID)
	}
	return suite.Probes[0], nil
}

// showProbe prints what a probe is, and the number of cases in each group.
func showProbe(w io.Writer, p *probes.Probe) {
	fmt.Fprintf(w, "%s (%s), %s\n", p.ID, p.Harm, counted(len(p.Cases()), "case"))
	for _, line := range []string{p.About, p.Source} {
		if line != "" {
			fmt.Fprintf(w, "%s\n", strings.Join(strings.Fields(line), " "))
		}
	}
	groups, order, clusters := map[string]int{}, []string{}, map[string]bool{}
	for _, k := range p.Cases() {
		clusters[k.Cluster] = true
		for _, g := range k.Groups {
			if groups[g] == 0 {
				order = append(order, g)
			}
			groups[g]++
		}
	}
	fmt.Fprintf(w, "%s\n", counted(len(clusters), "cluster"))
	for _, g := range order {
		fmt.Fprintf(w, "  %s: %s\n", g, counted(groups[g], "case"))
	}
}

// showCase prints one case: all that is sent, and what is wanted.
func showCase(w io.Writer, k *probes.Case, whole bool) {
	fmt.Fprintf(w, "\n── %s\n", k.ID)
	if system := k.System(); system != "" {
		fmt.Fprintf(w, "system:    %s\n", shortened(system, whole))
	}
	for _, step := range k.Steps {
		fmt.Fprintf(w, "user:      %s\n", shortened(step.User(), whole))
		if step.Scripted != nil {
			fmt.Fprintf(w, "assistant: %s (scripted)\n", shortened(*step.Scripted, whole))
		}
	}
	if k.OptionLogprob {
		var options []string
		for _, o := range k.Options {
			options = append(options, fmt.Sprintf("%s %q", o.Is, o.Text))
		}
		fmt.Fprintf(w, "options:   %s (by log-probability)\n", strings.Join(options, ", "))
	}
	fmt.Fprintf(w, "wanted:    %s\n", k.Want)
	for _, role := range k.Roles() {
		fmt.Fprintf(w, "scored by: the %s of the audit file\n", role)
	}
}

// longestShown is how many bytes of a text are shown of each end, at most.
const longestShown = 400

// shortened leaves out the middle of a long text, and says how much.
func shortened(text string, whole bool) string {
	if !whole && len(text) > 3*longestShown {
		head := strings.ToValidUTF8(text[:longestShown], "")
		tail := strings.ToValidUTF8(text[len(text)-longestShown:], "")
		text = fmt.Sprintf("%s\n[… %d bytes left out; --whole shows them …]\n%s", head, len(text)-len(head)-len(tail), tail)
	}
	return strings.ReplaceAll(text, "\n", "\n           ")
}
