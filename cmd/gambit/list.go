package main

import (
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/gambit-audit/gambit/probes"
)

var listCommand = command{
	name: "list",
	args: "[PATH...] [--cases]",
	text: "list probes: id, harm, cases at each size, groups",
	setup: func(flags *flag.FlagSet) action {
		cases := flags.Bool("cases", false, "list the cases at standard size instead")
		return func(c console, paths []string) (int, error) {
			if len(paths) == 0 {
				paths = []string{"builtin"}
			}
			if *cases {
				return listCases(c, paths)
			}
			return listProbes(c, paths)
		}
	},
}

func listCases(c console, paths []string) (int, error) {
	suite, err := probes.Load(paths, probes.LoadOptions{Size: probes.Standard})
	if err != nil {
		return statusUsage, err
	}
	for _, p := range suite.Probes {
		for _, kase := range p.Cases {
			fmt.Fprintln(c.out, kase.ID)
		}
	}
	return statusOK, nil
}

func listProbes(c console, paths []string) (int, error) {
	counts := map[string][]string{}
	var standard *probes.Suite
	for _, size := range []probes.Size{probes.Smoke, probes.Standard, probes.Full} {
		suite, err := probes.Load(paths, probes.LoadOptions{Size: size})
		if err != nil {
			return statusUsage, err
		}
		for _, p := range suite.Probes {
			counts[p.ID] = append(counts[p.ID], fmt.Sprint(len(p.Cases)))
		}
		if size == probes.Standard {
			standard = suite
		}
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PROBE\tHARM\tSMOKE/STANDARD/FULL\tGROUPS")
	for _, p := range standard.Probes {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.ID, p.Harm, strings.Join(counts[p.ID], "/"), groups(p))
	}
	return statusOK, w.Flush()
}

// groups are the paths by which a probe is compared; "-" is none.
func groups(p *probes.Probe) string {
	list := p.CompareBy
	if p.GuardAtLeast != nil {
		list = append(append([]string{}, list...), "guard")
	}
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, ", ")
}
