package reporters

import (
	"fmt"
	"io"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("console", format{
	file:   "summary.txt",
	doc:    "a summary for a terminal: what blocks first, the gate last",
	render: renderConsole,
})

// What a summary explains at most; the other formats show more.
const (
	maxExplained    = 10
	maxConsoleFlips = 2
)

// legend explains the signs of the tables.
const legend = "change and margin in points; ~ no detected difference, the interval holds 0; ? undefined"

// gateLegend names the interval that the verdicts rest on, which is narrower
// than the one that the tables print.
func gateLegend(a *drift.Audit) string {
	return fmt.Sprintf("a verdict rests on the %s interval, so a pass may print one that crosses its margin", gateLevel(a))
}

// gateLevel is the confidence of the interval that the verdicts rest on: 1-2α.
func gateLevel(a *drift.Audit) string { return plain(1-2*a.Policy.Alpha) + " %" }

// terminalLegend explains the words of the tables for terminals.
const terminalLegend = "worse: measurably, and within the margin; collapsed: no better than without looking"

// page is text for a terminal.
type page struct {
	strings.Builder
	colours palette
}

func (p *page) printf(format string, args ...any) {
	fmt.Fprintf(p, format+"\n", args...)
}

func (p *page) list(indent string, lines []string) {
	for _, l := range lines {
		p.printf("%s%s", indent, l)
	}
}

func renderConsole(a *drift.Audit) ([]byte, error) { return summary(a, palette{}), nil }

// WriteTerminal writes format console in the colours of a terminal.
func WriteTerminal(w io.Writer, a *drift.Audit) error {
	if _, err := w.Write(summary(a, terminal)); err != nil {
		return fmt.Errorf("write console report: %w", err)
	}
	return nil
}

func summary(a *drift.Audit, colours palette) []byte {
	p := page{colours: colours}
	p.header(a)
	for _, m := range expecting(a, drift.ExpectPass) {
		p.gated(a, m)
	}
	if controls := expecting(a, drift.ExpectBlocked); len(controls) > 0 {
		p.printf("")
		for _, m := range controls {
			p.printf("%s", control(a, m))
		}
	}
	for _, m := range expecting(a, drift.ExpectAny) {
		p.informal(a, m)
	}
	p.footer(a)
	return []byte(p.String())
}

func (p *page) header(a *drift.Audit) {
	p.printf("%s", titled("Gambit "+name(a.Version), sentence(a.Title)))
	for _, n := range a.Notes {
		p.printf("note: %s", sentence(n))
	}
	p.printf("")
	p.list("", modelGrid(a).lines())
	p.printf("")
	p.list("", policyLines(a))
	p.printf("%s", floorLine(a))
	p.printf("%s", sentence(a.ControlsLine()))
	p.list("", baselineLines(a))
}

func (p *page) gated(a *drift.Audit, m drift.Model) {
	p.title(a, m, "gated")
	comparisons := comparisonsOf(a, m.Name)
	if len(comparisons) > 0 {
		p.printf("")
		p.list("  ", p.colours.painted(terminalGrid(a, comparisons, maxColumns-2)))
		p.printf("  %s\n  %s\n  %s", legend, gateLegend(a), terminalLegend)
	}
	p.beside(a, m.Name)
	p.missed(p.mandatory(a, m.Name))
	p.explained(a, failing(comparisons))
	p.next(comparisons)
}

// next says what to do about what is not settled.
func (p *page) next(comparisons []drift.Comparison) {
	if steps := nextSteps(comparisons); len(steps) > 0 {
		p.printf("\n  next:")
		p.list("    ", steps)
	}
}

// beside shows what describes a candidate, nothing where there is none.
func (p *page) beside(a *drift.Audit, candidate string) {
	if lines := observed(a, candidate); len(lines) > 0 {
		p.printf("\n  %s", beside)
		p.list("    ", lines)
	}
}

func (p *page) informal(a *drift.Audit, m drift.Model) {
	p.title(a, m, "for information")
	if comparisons := comparisonsOf(a, m.Name); len(comparisons) > 0 {
		p.printf("")
		p.list("  ", p.colours.painted(terminalGrid(a, comparisons, maxColumns-2)))
		p.list("  ", unsettled(comparisons))
	}
	p.beside(a, m.Name)
	p.mandatory(a, m.Name)
}

func (p *page) title(a *drift.Audit, m drift.Model, role string) {
	p.printf("\n%s (%s): %s", name(m.Name), role, judged(a, m))
}

// mandatory counts the cases that must pass and returns those that do not.
func (p *page) mandatory(a *drift.Audit, candidate string) (missed []drift.Mandatory) {
	cases := mandatoryOf(a, candidate)
	if len(cases) == 0 {
		return nil
	}
	for _, m := range cases {
		if m.Observation.Outcome != drift.Pass {
			missed = append(missed, m)
		}
	}
	p.printf("\n  mandatory cases: %s of %s pass", count(len(cases)-len(missed)), count(len(cases)))
	return missed
}

// missed shows mandatory cases that did not pass.
func (p *page) missed(cases []drift.Mandatory) {
	for _, m := range cases[:min(maxExplained, len(cases))] {
		p.list("    ", explainMandatory(m))
	}
	p.omitted(len(cases) - maxExplained)
}

// explained shows why comparisons did not pass: those that block in full.
func (p *page) explained(a *drift.Audit, comparisons []drift.Comparison) {
	for _, c := range comparisons[:min(maxExplained, len(comparisons))] {
		p.printf("\n  %s", heading(a, c))
		p.printf("    %s", place(c.File, c.Line))
		if stand(a, c).state == skipped {
			p.list("    ", because(a, c))
			continue
		}
		p.list("    ", explain(a, c))
		p.list("      ", explainFlips(a, c, maxConsoleFlips))
	}
	p.omitted(len(comparisons) - maxExplained)
}

// omitted says how many explanations a summary has no room for.
func (p *page) omitted(n int) {
	if n > 0 {
		p.printf("\n  %s more not explained here: see the other formats", count(n))
	}
}

func (p *page) footer(a *drift.Audit) {
	if len(a.Warnings) > 0 {
		p.printf("")
	}
	for _, w := range a.Warnings {
		p.printf("warning: %s", sentence(w))
	}
	p.printf("")
	if a.Gate.Passed {
		p.printf("%s", p.colours.headline(a))
		return
	}
	for _, r := range gateReasons(a.Gate) {
		p.printf("%sGATE NOT PASSED%s: %s", p.colours.fail, p.colours.reset, r)
	}
}
