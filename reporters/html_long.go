package reporters

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/gambit-audit/gambit/drift"
)

// webLength is the pass rate over length for one probe and candidate.
type webLength struct {
	Heading string
	Facts   []string
	Plot    *chart
}

func lengthsOf(a *drift.Audit) []webLength {
	var list []webLength
	for _, n := range ordinary(a) {
		for _, l := range n.Lengths {
			if len(l.Points) > 0 {
				list = append(list, webLength{
					Heading: fmt.Sprintf("%s on %s, by %s", name(n.Probe), name(n.Candidate), name(l.Axis)),
					Facts:   lengthFacts(a, n, l),
					Plot:    lengthChart(a, n, l, fmt.Sprintf("length-%d", len(list))),
				})
			}
		}
	}
	return list
}

// ordinary are the analyses of all candidates but the controls, the gated ones
// first, in audit order.
func ordinary(a *drift.Audit) []drift.Analysis {
	var list []drift.Analysis
	for _, e := range []drift.Expect{drift.ExpectPass, drift.ExpectAny} {
		for _, m := range expecting(a, e) {
			for _, n := range a.Analyses {
				if n.Candidate == m.Name {
					list = append(list, n)
				}
			}
		}
	}
	return list
}

// maxDrawn bounds the plots of a section, so that an audit of many probes
// still opens at once.
const maxDrawn = 40

// drawn keeps the first of a section's plots and says what it leaves out.
func drawn[T any](plots []T) (kept []T, left string) {
	more := len(plots) - maxDrawn
	if more <= 0 {
		return plots, ""
	}
	return plots[:maxDrawn], plural(more, "more is", "more are") + " not drawn here: report.json has the numbers of all."
}

func lengthFacts(a *drift.Audit, n drift.Analysis, l drift.LengthAnalysis) []string {
	var facts []string
	for _, c := range l.Curves {
		facts = append(facts, fmt.Sprintf("%s: effective length %s%s; at the threshold of %s: %s",
			name(c.Model), effectiveLength(c), lengthLimits(l, c), name(a.Reference.Name), optionalNumber(c.SameThreshold)))
	}
	if l.Steps != nil {
		text := fmt.Sprintf("%s reaches %s", name(n.Candidate), stepsText(*l.Steps))
		if l.StepsLimits != nil {
			text += fmt.Sprintf(" [%s, %s]", steps(l.StepsLimits.Low), steps(l.StepsLimits.High))
		}
		facts = append(facts, text)
	}
	if s := l.Slope; s != nil {
		facts = append(facts, fmt.Sprintf("with each doubling of the length the change moves by %s points [%s, %s], p %s",
			signed(100*s.Estimate), signed(100*s.Interval.Low), signed(100*s.Interval.High), probability(s.P)))
	}
	return facts
}

// steps prints a number of tested lengths with its sign.
func steps(n int) string { return shortSigned(float64(n)) }

func stepsText(n int) string {
	switch {
	case n == 0:
		return "as far as the reference"
	case n < 0:
		return plural(-n, "tested length less", "tested lengths less")
	}
	return plural(n, "tested length more", "tested lengths more")
}

// effectiveLength is how far a model keeps most of what it can do.
func effectiveLength(c drift.ModelLength) string {
	if c.EffectiveLength == nil {
		return fmt.Sprintf("none (%s)", name(string(c.Censored)))
	}
	text := brief(*c.EffectiveLength)
	if c.Censored != "" && c.Censored != "none" {
		text += fmt.Sprintf(" (%s)", name(string(c.Censored)))
	}
	return text
}

func lengthLimits(l drift.LengthAnalysis, c drift.ModelLength) string {
	if !c.HasLimits {
		return ""
	}
	return fmt.Sprintf(" [%s, %s] at %s %%", limit(c.Low), limit(c.High), plain(l.Confidence))
}

func limit(x *float64) string {
	if x == nil {
		return "below the shortest"
	}
	return brief(*x)
}

func optionalNumber(x *float64) string {
	if x == nil {
		return undefined
	}
	return brief(*x)
}

// brief prints a number with at most six digits.
func brief(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

// lengthChart draws the pass rates of both models with their intervals, and
// the thresholds of effective length.
func lengthChart(a *drift.Audit, n drift.Analysis, l drift.LengthAnalysis, id string) *chart {
	plot := newChart(id, fmt.Sprintf("Pass rate by %s: %s on %s", name(l.Axis), name(n.Probe), name(n.Candidate)))
	plot.XLabel, plot.YLabel = name(l.Axis)+" (logarithmic)", "pass rate, %"
	x := plot.x(math.Log2(max(l.Points[0].Length, 1)), math.Log2(max(l.Points[len(l.Points)-1].Length, 2)))
	x.start, x.end = x.start+24, x.end-24
	y := plot.y(0, 100)
	for _, t := range []float64{0, 25, 50, 75, 100} {
		plot.Y = append(plot.Y, tick{y.at(t), brief(t)})
	}
	reference, candidate := series{Kind: 0, Name: name(a.Reference.Name)}, series{Kind: 1, Name: name(n.Candidate)}
	data := grid{columns: []column{
		{name(l.Axis), true}, {"n", true}, {"left out", true}, {name(a.Reference.Name), true}, {name(n.Candidate), true}, {"change [95 %]", true},
	}}
	for _, p := range l.Points {
		at := x.at(math.Log2(max(p.Length, 1)))
		plot.X = append(plot.X, tick{at, brief(p.Length)})
		reference.add(at-3, y, p.Reference)
		candidate.add(at+3, y, p.Candidate)
		data.rows = append(data.rows, []string{
			brief(p.Length), count(p.N), count(p.Excluded), shareWithin(p.Reference), shareWithin(p.Candidate), moved(p.Change, p.Interval),
		})
	}
	reference.Path, candidate.Path = pathOf(reference.Points), pathOf(candidate.Points)
	plot.Series = []series{reference, candidate}
	if len(l.Curves) > 0 {
		plot.Guides = append(plot.Guides, guide{y.at(100 * l.Curves[0].Threshold), fmt.Sprintf("threshold of %s", name(a.Reference.Name))})
	}
	plot.Data = data.web("Pass rates by length")
	plot.Text = fmt.Sprintf("Pass rates of %s and %s at %s; the table below has the numbers.",
		name(a.Reference.Name), name(n.Candidate), plural(len(l.Points), "length", "lengths"))
	return plot
}

// add puts a rate onto a series; nothing where it is undefined.
func (s *series) add(at float64, y scale, r *drift.Rate) {
	if r == nil {
		return
	}
	s.Points = append(s.Points, point{
		X: at, Y: y.at(100 * r.Share), Text: shareWithin(r),
		Interval: &segment{at, y.at(100 * r.Interval.Low), at, y.at(100 * r.Interval.High)},
	})
}

// moved prints a change in points with its interval; nil is undefined.
func moved(x *float64, i *drift.Interval) string {
	return change(drift.Comparison{Change: x, Interval: i})
}

// webDepth is a heat map of the pass rate by length and depth, one table for
// each model, and the change between them.
type webDepth struct {
	Heading string
	Facts   []string
	Depths  []string
	Rows    []webDepthRow
}

type webDepthRow struct {
	Length string
	Cells  []webDepthCell
}

// webDepthCell is a cell of the heat map. Level is 0 for no drop up to 4.
type webDepthCell struct {
	Level                        int
	Known                        bool
	N                            string
	Reference, Candidate, Change string
}

func depthsOf(a *drift.Audit) []webDepth {
	var list []webDepth
	for _, n := range ordinary(a) {
		if n.Depths == nil || len(n.Depths.Cells) == 0 {
			continue
		}
		d := heatOf(n.Depths.Cells)
		d.Heading = fmt.Sprintf("%s on %s", name(n.Probe), name(n.Candidate))
		gap := n.Depths.MiddleGap
		d.Facts = []string{fmt.Sprintf("the ends less the middle: %s %s, %s %s, change %s",
			name(a.Reference.Name), points(gap.Reference), name(n.Candidate), points(gap.Candidate), moved(gap.Change, gap.Interval))}
		list = append(list, d)
	}
	return list
}

// points prints a difference of shares in points; nil is undefined.
func points(x *float64) string {
	if x == nil {
		return undefined
	}
	return signed(100 * *x)
}

// heatOf lays out cells, which come by length and then by depth.
func heatOf(cells []drift.DepthCell) webDepth {
	var d webDepth
	column := map[float64]int{}
	for _, c := range cells {
		column[c.Depth] = 0
	}
	for i, depth := range slices.Sorted(maps.Keys(column)) {
		column[depth] = i
		d.Depths = append(d.Depths, plain(depth)+" %")
	}
	for i, c := range cells {
		if i == 0 || !sameLength(cells[i-1].Length, c.Length) {
			d.Rows = append(d.Rows, webDepthRow{Length: lengthName(c.Length), Cells: make([]webDepthCell, len(d.Depths))})
		}
		d.Rows[len(d.Rows)-1].Cells[column[c.Depth]] = heatCell(c)
	}
	return d
}

func sameLength(x, y *float64) bool {
	return x == y || x != nil && y != nil && *x == *y
}

func lengthName(x *float64) string {
	if x == nil {
		return "all"
	}
	return brief(*x)
}

func heatCell(c drift.DepthCell) webDepthCell {
	cell := webDepthCell{Known: true, N: count(c.N), Reference: rate(c.Reference), Candidate: rate(c.Candidate), Change: points(c.Change)}
	if c.Change != nil {
		for _, drop := range []float64{0.05, 0.10, 0.20, 0.40} {
			if *c.Change <= -drop {
				cell.Level++
			}
		}
	}
	return cell
}

// rate prints a share; nil is undefined.
func rate(x *float64) string {
	if x == nil {
		return undefined
	}
	return percent(*x)
}
