package reporters

import (
	"fmt"
	"math"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// webChoice is the choice between candidates.
type webChoice struct {
	Sentence string
	Plot     *chart // nil where fewer than two have a known size
	Grid     webGrid
}

func choiceOf(a *drift.Audit) webChoice {
	c := Choose(a)
	view := webChoice{Sentence: c.Sentence, Grid: variantGrid(a, c).web("Variants by size")}
	view.Plot = paretoChart(a, c)
	return view
}

func variantGrid(a *drift.Audit, c Choice) grid {
	g := grid{columns: []column{
		{title: "variant"}, {"weights", true}, {"of the reference", true}, {title: "speed"}, {"worst change, points", true}, {title: "passes"}, {title: "what blocks it"},
	}}
	for _, v := range c.Variants {
		share := undefined
		if v.Bytes != 0 && a.Reference.Bytes != 0 {
			share = fmt.Sprintf("%.0f %%", 100*float64(v.Bytes)/float64(a.Reference.Bytes))
		}
		worst := undefined
		if v.Worst != nil {
			worst = signed(-100 * *v.Worst)
		}
		fast := undefined
		if v.Faster != nil {
			fast = speed(*v.Faster)
		}
		passes, blocks := "no", v.describe()
		if v.Passes {
			passes, blocks = "yes", "nothing"
		}
		g.rows = append(g.rows, []string{name(v.Name), byteCount(v.Bytes), share, fast, worst, passes, blocks})
	}
	return g
}

// paretoChart draws size against harm: what is best lies at the left and low.
// A line joins the variants that no other beats on both.
func paretoChart(a *drift.Audit, c Choice) *chart {
	var sized []Variant
	largest, deepest := a.Reference.Bytes, 5.0
	for _, v := range c.Variants {
		if v.Bytes != 0 && v.Worst != nil {
			sized = append(sized, v)
			largest, deepest = max(largest, v.Bytes), max(deepest, 100**v.Worst)
		}
	}
	if len(sized) < 2 {
		return nil
	}
	plot := newChart("pareto", "Size against harm")
	plot.XLabel, plot.YLabel = "size of the weights", "worst drop, points"
	plot.Text = c.Sentence
	x, y := plot.x(0, 1.08*float64(largest)), plot.y(-0.04*deepest, 1.1*deepest)
	for _, t := range roundTicks(0, 1.08*float64(largest), 5) {
		plot.X = append(plot.X, tick{x.at(t), strings.Replace(byteCount(int64(t)), ".0 ", " ", 1)})
	}
	plot.X[0].Text = "0"
	for _, t := range roundTicks(0, 1.1*deepest, 5) {
		plot.Y = append(plot.Y, tick{y.at(t), shortSigned(-t)})
	}
	passing, blocked, front := series{Kind: 0, Name: "passes"}, series{Kind: 1, Name: "does not pass"}, series{Kind: 5, Name: "nothing beats it on both"}
	best := math.Inf(1)
	for _, v := range sized { // by size
		p := point{X: x.at(float64(v.Bytes)), Y: y.at(100 * *v.Worst), Label: name(v.Name), Anchor: "start",
			Text: fmt.Sprintf("%s: %s, worst %s points, %s", name(v.Name), byteCount(v.Bytes), signed(-100**v.Worst), v.describe())}
		if v.Passes {
			passing.Points = append(passing.Points, p)
		} else {
			blocked.Points = append(blocked.Points, p)
		}
		if *v.Worst < best {
			best = *v.Worst
			front.Path += " " + px(p.X) + "," + px(p.Y)
		}
	}
	if a.Reference.Bytes != 0 {
		p := point{X: x.at(float64(a.Reference.Bytes)), Y: y.at(0), Label: name(a.Reference.Name), Anchor: "end", Text: name(a.Reference.Name) + ": the reference"}
		plot.Series = append(plot.Series, series{Kind: 2, Name: "reference", Points: []point{p}})
	}
	for _, s := range []series{front, passing, blocked} {
		if len(s.Points) > 0 || s.Path != "" {
			plot.Series = append(plot.Series, s)
		}
	}
	return plot
}
