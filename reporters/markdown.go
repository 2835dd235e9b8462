package reporters

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("markdown", format{
	file:   "report.md",
	doc:    "Markdown for the summary of a CI run, under 1 MiB, with the worst flips side by side",
	render: renderMarkdown,
})

// maxMarkdown is the size in bytes below which a report stays: GitHub refuses
// a job summary of more than 1 MiB.
const maxMarkdown = 1 << 20

// chunk is a piece of a report that can be left out as a whole.
type chunk struct {
	kind chunkKind
	text string
}

// chunkKind orders chunks by how much a report would miss them.
type chunkKind int

const (
	detail chunkKind = iota // what can be opened
	row                     // of a table or a list
	frame                   // headings and heads of tables
)

// document is a report in chunks, from the most to the least important of a
// kind.
type document struct{ chunks []chunk }

func (d *document) put(kind chunkKind, format string, args ...any) {
	d.chunks = append(d.chunks, chunk{kind, fmt.Sprintf(format, args...)})
}

func renderMarkdown(a *drift.Audit) ([]byte, error) {
	d := markdownOf(a)
	return []byte(d.fit(maxMarkdown)), nil
}

// markdownOf is a report of any length.
func markdownOf(a *drift.Audit) document {
	var d document
	d.gate(a)
	d.table(candidateGrid(a))
	for _, m := range expecting(a, drift.ExpectPass) {
		d.gated(a, m)
	}
	d.controls(a)
	for _, m := range expecting(a, drift.ExpectAny) {
		d.informal(a, m)
	}
	d.warnings(a)
	d.put(frame, "\n## Models and policy\n")
	d.table(modelGrid(a))
	d.list(slices.Concat(policyLines(a), []string{floorLine(a), sentence(a.ControlsLine())}, baselineLines(a), []string{"made by gambit " + name(a.Version)}))
	return d
}

func (d *document) gate(a *drift.Audit) {
	d.put(frame, "# %s\n", titled(capital(headline(a)), escaped(sentence(a.Title))))
	lines := gateReasons(a.Gate)
	for _, n := range a.Notes {
		lines = append(lines, "Note: "+sentence(n))
	}
	d.list(lines)
}

func (d *document) warnings(a *drift.Audit) {
	if len(a.Warnings) == 0 {
		return
	}
	d.put(frame, "\n## Warnings\n")
	var lines []string
	for _, w := range a.Warnings {
		lines = append(lines, sentence(w))
	}
	d.list(lines)
}

func (d *document) gated(a *drift.Audit, m drift.Model) {
	d.title(a, m, "gated")
	comparisons := comparisonsOf(a, m.Name)
	if len(comparisons) > 0 {
		d.table(comparisonGrid(a, comparisons))
		d.put(frame, "\n%s\n", escaped(legend))
	}
	d.beside(a, m.Name)
	d.mandatory(a, m.Name)
	for _, c := range comparisons {
		if c.Verdict != drift.VerdictPass || len(c.Flips) > 0 {
			d.put(detail, "%s", comparisonDetail(a, c))
		}
	}
}

func (d *document) informal(a *drift.Audit, m drift.Model) {
	d.title(a, m, "for information")
	d.table(compactGrid(comparisonsOf(a, m.Name)))
	d.beside(a, m.Name)
	d.mandatory(a, m.Name)
}

func (d *document) beside(a *drift.Audit, candidate string) {
	if lines := observed(a, candidate); len(lines) > 0 {
		d.put(frame, "\n%s\n", opening(beside))
		d.list(lines)
	}
}

func (d *document) title(a *drift.Audit, m drift.Model, role string) {
	d.put(frame, "\n## %s (%s)\n\n%s\n", escaped(name(m.Name)), role, opening(judged(a, m)))
}

func (d *document) controls(a *drift.Audit) {
	controls := expecting(a, drift.ExpectBlocked)
	if len(controls) == 0 {
		return
	}
	d.put(frame, "\n## Controls\n")
	var lines []string
	for _, m := range controls {
		lines = append(lines, control(a, m))
	}
	d.list(lines)
	for _, m := range controls {
		if comparisons := comparisonsOf(a, m.Name); len(comparisons) > 0 {
			d.put(detail, "%s", tableDetail("Comparisons of "+name(m.Name), comparisonGrid(a, comparisons)))
		}
	}
}

func (d *document) mandatory(a *drift.Audit, candidate string) {
	cases := mandatoryOf(a, candidate)
	if len(cases) == 0 {
		return
	}
	g := grid{columns: []column{{title: "mandatory case"}, {title: "outcome"}, {title: "want"}, {title: "answer"}}}
	for _, m := range cases {
		g.rows = append(g.rows, []string{
			fmt.Sprintf("%s (%s)", name(m.Case), place(m.File, m.Line)),
			outcome(m.Observation), quote(m.Want), reply(m.Observation),
		})
	}
	d.table(g)
}

func (d *document) list(lines []string) {
	if len(lines) == 0 {
		return
	}
	d.put(frame, "\n")
	for _, l := range lines {
		d.put(row, "- %s\n", opening(l))
	}
}

// table writes a grid as a Markdown table, and nothing where it has no rows.
func (d *document) table(g grid) {
	if len(g.rows) == 0 {
		return
	}
	titles, rules := make([]string, len(g.columns)), make([]string, len(g.columns))
	for i, c := range g.columns {
		titles[i], rules[i] = c.title, ":--"
		if c.right {
			rules[i] = "--:"
		}
	}
	d.put(frame, "\n%s| %s |\n", tableRow(titles), strings.Join(rules, " | "))
	for _, cells := range g.rows {
		d.put(row, "%s", tableRow(cells))
	}
}

func tableRow(cells []string) string {
	shown := make([]string, len(cells))
	for i, c := range cells {
		shown[i] = escaped(c)
	}
	return "| " + strings.Join(shown, " | ") + " |\n"
}

// fit leaves out what a report would miss least until it is shorter than limit
// bytes, the last first, and says below the title how much that was.
func (d *document) fit(limit int) string {
	const room = 200 // for the line on what was left out
	size := 0
	for _, c := range d.chunks {
		size += len(c.text)
	}
	var left [frame + 1]int
	for kind := detail; kind <= frame; kind++ {
		for i := len(d.chunks) - 1; i > 0 && size+room >= limit; i-- {
			if c := &d.chunks[i]; c.kind == kind {
				size -= len(c.text)
				c.text = ""
				left[kind]++
			}
		}
	}
	var b strings.Builder
	for i, c := range d.chunks {
		b.WriteString(c.text)
		if i == 0 && left != [frame + 1]int{} {
			fmt.Fprintf(&b, "\nLeft out to stay under %s bytes: %s, %s, %s. The JSON report has everything.\n", count(limit),
				plural(left[detail], "detail", "details"), plural(left[row], "row", "rows"),
				plural(left[frame], "other part", "other parts"))
		}
	}
	return b.String()
}
