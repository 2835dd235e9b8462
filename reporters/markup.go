package reporters

import (
	"fmt"
	"html"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// structural are the signs that Markdown gives a meaning within a line. Those
// that could end a cell or open HTML become entities, which never have one. The
// space of no width keeps names from being called and addresses from becoming
// links.
var structural = strings.NewReplacer(
	`\`, "&#92;", "|", "&#124;", "`", "&#96;", "&", "&amp;", "<", "&lt;", ">", "&gt;",
	"*", `\*`, "_", `\_`, "[", `\[`, "~", `\~`, "$", `\$`,
	"://", ":&#8203;//", "www.", "www&#8203;.", "@", "@&#8203;",
)

// escaped makes visible text harmless within a line of Markdown.
func escaped(visible string) string { return structural.Replace(visible) }

// opening makes visible text harmless at the start of a line, where it could
// become a list, a heading or a rule.
func opening(visible string) string {
	text := escaped(visible)
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits > 0 && strings.IndexAny(text[digits:], ".)") == 0 {
		return text[:digits] + `\` + text[digits:]
	}
	if strings.IndexAny(text, "-+=#") == 0 {
		return `\` + text
	}
	return text
}

// inHTML makes visible text harmless in an HTML block.
func inHTML(visible string) string {
	return strings.ReplaceAll(html.EscapeString(visible), "@", "@&#8203;")
}

// code shows text as it was asked or answered, in an HTML block.
func code(visible string) string { return "<code>" + inHTML(visible) + "</code>" }

// A detail is one HTML block without an empty line: Markdown leaves its inside
// alone.
const (
	detailOpen  = "\n<details><summary>%s</summary>\n"
	detailClose = "</details>\n"
)

// comparisonDetail shows what a verdict rests on, with the worst flips, both
// answers side by side.
func comparisonDetail(a *drift.Audit, c drift.Comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, detailOpen, inHTML(heading(a, c)))
	fmt.Fprintf(&b, "<p>%s</p>\n<ul>\n", inHTML(place(c.File, c.Line)))
	for _, l := range explain(a, c) {
		fmt.Fprintf(&b, "<li>%s</li>\n", inHTML(l))
	}
	b.WriteString("</ul>\n")
	if len(c.Flips) > 0 {
		b.WriteString(flipTable(a, c))
	}
	return b.String() + detailClose
}

func flipTable(a *drift.Audit, c drift.Comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<table>\n<tr><th>case</th><th>asked</th><th>want</th><th>%s</th><th>%s</th></tr>\n",
		inHTML(name(a.Reference.Name)), inHTML(name(c.Candidate)))
	for _, f := range c.Flips {
		fmt.Fprintf(&b, "<tr><td>%s %s, line %d</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
			direction(f), inHTML(name(f.Case)), f.Line, code(excerpt(f.Prompt, maxQuoted)),
			code(excerpt(f.Want, maxQuoted)), answerCell(f.Reference), answerCell(f.Candidate))
	}
	return b.String() + "</table>\n"
}

func answerCell(o drift.Observation) string {
	return inHTML(outcome(o)) + "<br>" + code(excerpt(o.Text, maxQuoted))
}

// tableDetail is a grid that can be opened.
func tableDetail(summary string, g grid) string {
	var b strings.Builder
	fmt.Fprintf(&b, detailOpen+"<table>\n<tr>", inHTML(summary))
	for _, c := range g.columns {
		fmt.Fprintf(&b, "<th>%s</th>", inHTML(c.title))
	}
	b.WriteString("</tr>\n")
	for _, cells := range g.rows {
		b.WriteString("<tr>")
		for _, cell := range cells {
			fmt.Fprintf(&b, "<td>%s</td>", inHTML(cell))
		}
		b.WriteString("</tr>\n")
	}
	return b.String() + "</table>\n" + detailClose
}
