package reporters

import (
	"math"
	"strconv"
	"strings"
)

// px prints a coordinate, to a tenth of a unit. The 0 turns −0 into 0.
func px(x float64) string {
	return strconv.FormatFloat(math.Round(x*10)/10+0, 'f', -1, 64)
}

// shortSigned prints a number with its sign, and a decimal where it has one.
func shortSigned(x float64) string { return strings.TrimSuffix(signed(x), ".0") }

// scale maps the values from low to high onto the coordinates from start to
// end. Values beyond are held at the ends.
type scale struct{ low, high, start, end float64 }

func (s scale) at(value float64) float64 {
	if s.high <= s.low {
		return (s.start + s.end) / 2
	}
	share := (value - s.low) / (s.high - s.low)
	return s.start + min(max(share, 0), 1)*(s.end-s.start)
}

// chart is a plot with two axes, laid out for SVG. What it shows stands in
// Data too, and what it says in Text, for those who do not see it.
type chart struct {
	ID, Title, Text string
	Width, Height   float64
	Left, Top       float64 // of the plot's area
	Right, Bottom   float64
	XLabel, YLabel  string
	X, Y            []tick
	Guides          []guide
	Series          []series
	Data            webGrid
}

// tick is a labelled place on an axis.
type tick struct {
	At   float64
	Text string
}

// guide is a horizontal line to read values against.
type guide struct {
	Y    float64
	Text string
}

// series are the points of one thing. Kind chooses shape, dashes and colour
// together, so that it is told without any one of them.
type series struct {
	Kind   int
	Name   string
	Path   string // points of a polyline; empty draws none
	Points []point
}

// point is a value, and its interval as a line.
type point struct {
	X, Y     float64
	Interval *segment // nil draws none
	Label    string   // drawn beside it; may be empty
	Anchor   string   // of the label: start or end
	Text     string   // what it says
}

type segment struct{ X1, Y1, X2, Y2 float64 }

// lineHeight is the room of one line of a sideways chart.
const lineHeight = 34.0

// maxTick is the most code points of a label on an axis.
const maxTick = 20

// newSidewaysChart is an empty chart of so many lines, with room for their
// names.
func newSidewaysChart(id, title string, lines int) *chart {
	c := newChart(id, title)
	c.Left, c.Bottom = 170, c.Top+float64(lines)*lineHeight
	c.Height = c.Bottom + 52
	return c
}

// newChart is an empty chart with room for its axes.
func newChart(id, title string) *chart {
	return &chart{ID: id, Title: title, Width: 680, Height: 320, Left: 58, Top: 18, Right: 664, Bottom: 268}
}

func (c *chart) x(low, high float64) scale { return scale{low, high, c.Left, c.Right} }

func (c *chart) y(low, high float64) scale { return scale{low, high, c.Bottom, c.Top} }

// pathOf are the points of a line, in order.
func pathOf(points []point) string {
	var b strings.Builder
	for i, p := range points {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(px(p.X) + "," + px(p.Y))
	}
	return b.String()
}

// roundTicks are some round numbers from low to high, both finite, about n of
// them: multiples of 1, 2 or 5 times a power of ten.
func roundTicks(low, high float64, n int) []float64 {
	if high <= low || n < 1 {
		return []float64{low}
	}
	step := math.Pow(10, math.Floor(math.Log10((high-low)/float64(n))))
	for _, times := range []float64{1, 2, 5, 10} {
		if (high-low)/(step*times) <= float64(n) {
			step *= times
			break
		}
	}
	var at []float64
	for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
		at = append(at, i*step)
	}
	return at
}
