package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gambit-audit/gambit/importers"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
)

// listFlags are the flags of `gambit list`.
type listFlags struct {
	cases, scorers, imports, markdown bool
}

var listCommand = command{
	name: "list",
	args: "[PATH...] [--cases | --scorers | --imports] [--markdown]",
	text: "list probes: id, harm, cases at each size, groups; or their cases, all scorers, or all import formats",
	setup: func(flags *flag.FlagSet) action {
		f := new(listFlags)
		flags.BoolVar(&f.cases, "cases", false, "list the cases at standard size instead")
		flags.BoolVar(&f.scorers, "scorers", false, "list the scorers and their rules instead")
		flags.BoolVar(&f.imports, "imports", false, "list the formats of benchmark files that `import` reads instead")
		flags.BoolVar(&f.markdown, "markdown", false, "as a page of Markdown, with what each probe is about")
		return f.list
	},
}

func (f *listFlags) list(c console, paths []string) (int, error) {
	if f.cases && (f.scorers || f.imports || f.markdown) || f.imports && (f.scorers || f.markdown) {
		return statusUsage, errors.New("expected --cases or --imports alone")
	}
	if (f.scorers || f.imports) && len(paths) > 0 {
		return statusUsage, fmt.Errorf("unexpected %q: expected no path with --scorers or --imports", paths[0])
	}
	if f.scorers {
		return statusOK, listScorers(c.out, f.markdown)
	}
	if f.imports {
		return statusOK, listImports(c.out)
	}
	if len(paths) == 0 {
		paths = []string{"builtin"}
	}
	if f.cases {
		return listCases(c, paths)
	}
	list, err := sized(paths)
	if err != nil {
		return statusUsage, err
	}
	if f.markdown {
		catalogue(c.out, list)
		return statusOK, nil
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PROBE\tHARM\tSMOKE/STANDARD/FULL\tGROUPS")
	for _, p := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.ID, p.Harm, p.counts, groups(p.Probe))
	}
	return statusOK, w.Flush()
}

// listImports says what each format of benchmark files is.
func listImports(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "IMPORT\tREADS")
	for _, name := range importers.Formats() {
		fmt.Fprintf(w, "%s\t%s\n", name, importers.About(name))
	}
	return w.Flush()
}

func listCases(c console, paths []string) (int, error) {
	suite, err := probes.Load(paths, probes.LoadOptions{Size: probes.Standard})
	if err != nil {
		return statusUsage, err
	}
	for _, p := range suite.Probes {
		for _, kase := range p.Cases() {
			fmt.Fprintln(c.out, kase.ID)
		}
	}
	return statusOK, nil
}

// sizedProbe is a probe at standard size, with its number of cases at all.
type sizedProbe struct {
	*probes.Probe
	counts string // smoke/standard/full
}

func sized(paths []string) ([]sizedProbe, error) {
	counts := map[string][]string{}
	var list []sizedProbe
	for _, size := range []probes.Size{probes.Smoke, probes.Standard, probes.Full} {
		suite, err := probes.Load(paths, probes.LoadOptions{Size: size})
		if err != nil {
			return nil, err
		}
		for _, p := range suite.Probes {
			counts[p.ID] = append(counts[p.ID], fmt.Sprint(p.Count()))
			if size == probes.Standard {
				list = append(list, sizedProbe{Probe: p})
			}
		}
	}
	for i, p := range list {
		list[i].counts = strings.Join(counts[p.ID], "/")
	}
	return list, nil
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

// catalogue describes probes, pack by pack.
func catalogue(w io.Writer, list []sizedProbe) {
	fmt.Fprint(w, "# Probes\n\nMade by `gambit list --markdown`. Cases are those of the sizes smoke, standard and full; *scored* says whether the\n"+
		"model's text is, or the log-probability that it gives to each option.\n")
	pack := ""
	for _, p := range list {
		if p.Pack != pack {
			pack = p.Pack
			fmt.Fprintf(w, "\n## %s\n\n| probe | what it asks | harm | groups | cases | scored | source |\n|---|---|---|---|---|---|---|\n", pack)
		}
		scored := "text"
		if p.Cases()[0].OptionLogprob {
			scored = "options"
		}
		fmt.Fprintf(w, "| `%s` | %s | %s | %s | %s | %s | %s |\n", p.ID, cell(p.About), p.Harm, cell(groups(p.Probe)), p.counts, scored, cell(p.Source))
	}
}

// cell is a text within a table of Markdown.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

// listScorers lists the scorers, and the checks that one of them is made of.
func listScorers(w io.Writer, markdown bool) error {
	if markdown {
		fmt.Fprint(w, "# Scorers\n\nMade by `gambit list --scorers --markdown`. A probe's `want` names one, or a list that must all hold.\n\n| scorer | an answer passes where |\n|---|---|\n")
		printRules(w, scorers.Names(), scorers.Doc)
		fmt.Fprint(w, "\n## Checks of `constraints`\n\nFor example `want: {constraints: [{max_words: 20}, {no_comma: true}]}`.\n\n| check | it is met where |\n|---|---|\n")
		printRules(w, scorers.CheckNames(), scorers.CheckDoc)
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, name := range scorers.Names() {
		fmt.Fprintf(table, "%s\t%s\n", name, scorers.Doc(name))
	}
	fmt.Fprint(table, "\nchecks of constraints:\n")
	for _, name := range scorers.CheckNames() {
		fmt.Fprintf(table, "%s\t%s\n", name, scorers.CheckDoc(name))
	}
	return table.Flush()
}

// printRules writes the rows of a table of Markdown.
func printRules(w io.Writer, names []string, doc func(string) string) {
	for _, name := range names {
		fmt.Fprintf(w, "| `%s` | %s |\n", name, cell(doc(name)))
	}
}
