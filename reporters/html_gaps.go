package reporters

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// webGap shows the groups of one path before and after.
type webGap struct {
	Heading string
	Facts   []string
	Plot    *chart
}

// gapsOf draws the groups that a probe compares by, from their comparisons,
// and says what the analysis of the path found.
func gapsOf(a *drift.Audit) []webGap {
	var list []webGap
	for _, n := range ordinary(a) {
		for _, path := range n.Amplification {
			groups := groupsOf(a, n, path)
			if len(groups) < 2 {
				continue
			}
			list = append(list, webGap{
				Heading: fmt.Sprintf("%s on %s, by %s", name(n.Probe), name(n.Candidate), name(path.Path)),
				Facts:   gapFacts(a, n, path),
				Plot:    gapChart(a, n, path, groups, fmt.Sprintf("gap-%d", len(list))),
			})
		}
	}
	return list
}

// groupsOf are the comparisons of the groups of a path, in its order or in that
// of numbers.
func groupsOf(a *drift.Audit, n drift.Analysis, path drift.AmplificationAnalysis) []drift.Comparison {
	var list []drift.Comparison
	for _, g := range path.Groups {
		i := slices.IndexFunc(a.Comparisons, func(c drift.Comparison) bool {
			return c.Probe == n.Probe && c.Candidate == n.Candidate && c.Group == path.Path+"="+g.Name
		})
		if i >= 0 && a.Comparisons[i].Reference != nil && a.Comparisons[i].CandidateRate != nil {
			list = append(list, a.Comparisons[i])
		}
	}
	slices.SortStableFunc(list, func(x, y drift.Comparison) int { return compareGroups(x.Group, y.Group) })
	return list
}

// compareGroups puts numbers of one path in their order, and leaves the rest.
func compareGroups(x, y string) int {
	_, a, _ := strings.Cut(x, "=")
	_, b, _ := strings.Cut(y, "=")
	m, errA := strconv.ParseFloat(a, 64)
	n, errB := strconv.ParseFloat(b, 64)
	if errA != nil || errB != nil {
		return 0
	}
	return cmp.Compare(m, n)
}

func gapFacts(a *drift.Audit, n drift.Analysis, path drift.AmplificationAnalysis) []string {
	facts := []string{fmt.Sprintf("gap between the groups: %s %s, %s %s, change %s",
		name(a.Reference.Name), points(path.Gap.Reference), name(n.Candidate), points(path.Gap.Candidate), gapChange(path.Gap))}
	if path.Swap != nil {
		facts[0] += fmt.Sprintf("; chance widens it as much with p %s", probability(path.Swap.P))
	}
	for _, g := range path.Groups {
		if g.Beyond == nil {
			continue
		}
		text := fmt.Sprintf("%s moves by %s points beyond %s", name(g.Name), moved(g.Beyond, g.BeyondInterval), baseOf(path))
		if g.Amplification != nil {
			text += fmt.Sprintf("; amplification of errors %.2f", *g.Amplification)
		}
		if g.TooFew {
			text += fmt.Sprintf("; too few cases (n=%s)", count(g.N))
		}
		facts = append(facts, text)
	}
	for _, g := range path.Skipped {
		facts = append(facts, name(g)+": no decided pair")
	}
	return facts
}

// gapChange leaves out an interval that no method gives.
func gapChange(gap drift.Change) string {
	if gap.Interval == nil {
		return points(gap.Change)
	}
	return moved(gap.Change, gap.Interval)
}

func baseOf(path drift.AmplificationAnalysis) string {
	if path.Base == "" {
		return "the other groups"
	}
	return name(path.Base)
}

// gapChart draws for each group the pass rate of both models with an interval,
// one group a line.
func gapChart(a *drift.Audit, n drift.Analysis, path drift.AmplificationAnalysis, groups []drift.Comparison, id string) *chart {
	plot := newSidewaysChart(id, fmt.Sprintf("Pass rates by %s: %s on %s", name(path.Path), name(n.Probe), name(n.Candidate)), len(groups))
	x := plot.x(0, 100)
	for _, t := range []float64{0, 25, 50, 75, 100} {
		plot.X = append(plot.X, tick{x.at(t), brief(t)})
	}
	plot.XLabel = "pass rate, %"
	reference, candidate := series{Kind: 0, Name: name(a.Reference.Name)}, series{Kind: 1, Name: name(n.Candidate)}
	data := grid{columns: []column{
		{title: "group"}, {"n", true}, {name(a.Reference.Name), true}, {name(n.Candidate), true}, {"change [95 %]", true},
	}}
	for i, c := range groups {
		y := plot.Top + (float64(i)+0.5)*lineHeight
		plot.Y = append(plot.Y, tick{y, excerpt(strings.TrimPrefix(c.Group, path.Path+"="), maxTick)})
		reference.addAlong(x, y-6, c.Reference)
		candidate.addAlong(x, y+6, c.CandidateRate)
		data.rows = append(data.rows, []string{group(c), count(c.N), shareWithin(c.Reference), shareWithin(c.CandidateRate), change(c)})
	}
	plot.Series = []series{reference, candidate}
	plot.Data = data.web("Pass rates by group")
	plot.Text = fmt.Sprintf("Pass rates of %s groups for both models; the table below has the numbers.", count(len(groups)))
	return plot
}

// addAlong puts a rate onto a series of a sideways chart; nothing where it is
// undefined.
func (s *series) addAlong(x scale, y float64, r *drift.Rate) {
	if r == nil {
		return
	}
	s.Points = append(s.Points, point{
		X: x.at(100 * r.Share), Y: y, Text: shareWithin(r),
		Interval: &segment{x.at(100 * r.Interval.Low), y, x.at(100 * r.Interval.High), y},
	})
}
