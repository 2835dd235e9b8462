package reporters

import (
	"fmt"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// maxColumns is how wide the tables of comparisons are, in terminal cells.
const maxColumns = 100

// leastLabel is the room that the name of a comparison has at least.
const leastLabel = 24

// terminalGrid shows comparisons within so many terminal cells. What does not
// fit is the middle of a long name.
func terminalGrid(a *drift.Audit, comparisons []drift.Comparison, cells int) grid {
	g := grid{columns: []column{
		{title: "probe, group"}, {"n", true}, {"change [95 %]", true}, {"margin", true}, {title: "verdict"},
	}}
	for _, c := range comparisons {
		g.rows = append(g.rows, []string{"", count(c.N), change(c), plain(c.Margin), shortVerdict(a, c)})
	}
	room := max(leastLabel, cells-g.width())
	for i, c := range comparisons {
		g.rows[i][0] = fit(label(c), room)
	}
	return g
}

// label names a comparison of a known candidate.
func label(c drift.Comparison) string {
	if c.Group == "" {
		return name(c.Probe)
	}
	return name(c.Probe) + " " + group(c)
}

// width is how many terminal cells the columns but the first take, with the
// gaps before them.
func (g grid) width() int {
	total := 0
	for i, c := range g.columns[1:] {
		widest := width(c.title)
		for _, row := range g.rows {
			widest = max(widest, width(row[i+1]))
		}
		total += widest + 2
	}
	return total
}

// fit leaves out the middle of a visible text that is wider than so many
// terminal cells.
func fit(visible string, cells int) string {
	shown := visible
	for points := cells; width(shown) > cells && points > 0; points-- {
		shown = shorten(visible, points)
	}
	return shown
}

// shortVerdict is a verdict with the one thing that most bears on it; the
// reason stands with the explanation.
func shortVerdict(a *drift.Audit, c drift.Comparison) string {
	word := name(string(c.Verdict))
	switch {
	case c.Waived != nil && !c.Waived.Expired:
		return word + ", waived"
	case c.Advisory:
		return word + ", advisory"
	case c.Gated && stand(a, c).state == skipped:
		return word + ", warning"
	case c.Judged != nil:
		return word + ", " + corrected(c.Judged)
	case c.Collapsed:
		return word + ", collapsed"
	case c.Worse && c.Verdict == drift.VerdictPass:
		return word + ", worse"
	}
	return word
}

// unsettled names by reason what is inconclusive for another reason than that
// the interval holds the margin, which its row shows.
func unsettled(comparisons []drift.Comparison) []string {
	var reasons []string
	by := map[string][]string{}
	for _, c := range comparisons {
		if c.Verdict != drift.VerdictInconclusive || c.Reason == "" || c.Reason == "interval_contains_margin" {
			continue
		}
		reasons = appendNew(reasons, c.Reason)
		by[c.Reason] = append(by[c.Reason], label(c))
	}
	var lines []string
	for _, r := range reasons {
		lines = append(lines, fmt.Sprintf("inconclusive as %s: %s", name(r), strings.Join(by[r], "; ")))
	}
	return lines
}

// maxSteps is how many next steps a summary names.
const maxSteps = 5

// nextSteps say how many more templates, or cases where each stands for
// itself, would settle what is inconclusive and counts, the fewest first in
// the order of the comparisons. They hold if there is no true drop.
func nextSteps(comparisons []drift.Comparison) []string {
	var steps []string
	for _, c := range comparisons {
		if c.Verdict == drift.VerdictInconclusive && !c.Advisory && c.NeedNoDrop != nil {
			steps = append(steps, nextStep(c))
		}
	}
	if more := len(steps) - maxSteps; more > 0 {
		steps = append(steps[:maxSteps], fmt.Sprintf("and %s more: see the other formats", count(more)))
	}
	return steps
}

func nextStep(c drift.Comparison) string {
	need := *c.NeedNoDrop
	switch {
	case need == 0:
		return fmt.Sprintf("a new run of this size is likely to settle %s", label(c))
	case c.Clusters > 0 && c.Clusters < c.N:
		templates := (need*c.Clusters + c.N - 1) / c.N
		return fmt.Sprintf("%s (≈%s) would settle %s (power 80 %% at this rate of flips, if there is no true drop)",
			plural(templates, "more template", "more templates"), plural(need, "case", "cases"), label(c))
	}
	return fmt.Sprintf("≈%s would settle %s (power 80 %% at this rate of flips, if there is no true drop)", plural(need, "more case", "more cases"), label(c))
}

// palette colours the words of a verdict; the zero palette colours nothing.
type palette struct{ pass, fail, open, reset string }

// terminal are colours of every terminal (SGR codes of ECMA-48).
var terminal = palette{pass: "\x1b[32m", fail: "\x1b[1;31m", open: "\x1b[33m", reset: "\x1b[0m"}

// paint colours a text by the verdict that it starts with.
func (p palette) paint(text string) string {
	colour := ""
	switch verdict, _, _ := strings.Cut(text, ","); drift.Verdict(verdict) {
	case drift.VerdictPass:
		colour = p.pass
	case drift.VerdictFail:
		colour = p.fail
	case drift.VerdictInconclusive:
		colour = p.open
	}
	if colour == "" {
		return text
	}
	return colour + text + p.reset
}

// headline is the judgement of a run that passed. A smoke run stays plain.
func (p palette) headline(a *drift.Audit) string {
	text := strings.ToUpper(headline(a))
	if gateClass(a) != string(drift.VerdictPass) {
		return text
	}
	return p.pass + text + p.reset
}

// painted are the lines of a grid whose last column is a verdict.
func (p palette) painted(g grid) []string {
	lines := g.lines()
	for i, row := range g.rows {
		if start, ok := strings.CutSuffix(lines[i+1], row[len(row)-1]); ok {
			lines[i+1] = start + p.paint(row[len(row)-1])
		}
	}
	return lines
}
