package reporters

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// exploratory are tables of what describes and never gates: what the probes
// declare to be measured, and where to look further.
func exploratory(a *drift.Audit) []webGrid {
	var list []webGrid
	for _, g := range []webGrid{
		measureGrid(a).web("Declared measures"), findingGrid(a).web("Where to look: exploratory findings, after Benjamini and Hochberg"),
	} {
		if len(g.Rows) > 0 {
			list = append(list, g)
		}
	}
	return list
}

func measureGrid(a *drift.Audit) grid {
	g := grid{columns: []column{
		{title: "probe"}, {title: "candidate"}, {title: "measure"}, {"n", true}, {"reference", true}, {"candidate's", true}, {"change", true}, {title: "stands"},
	}}
	for _, n := range ordinary(a) {
		for _, m := range n.Measures {
			g.rows = append(g.rows, []string{
				name(n.Probe), name(n.Candidate), name(m.Name), count(m.N), three(m.Reference), three(m.Candidate), measured(m), marginStanding(m),
			})
		}
	}
	return g
}

// three prints a value with three decimals; nil is undefined.
func three(x *float64) string {
	if x == nil {
		return undefined
	}
	return strings.ReplaceAll(fmt.Sprintf("%.3f", *x), "-", minus)
}

func measured(m drift.Measure) string {
	if m.Change.Change == nil || m.Interval == nil {
		return three(m.Change.Change)
	}
	return fmt.Sprintf("%s [%s, %s]%s", three(m.Change.Change), three(&m.Interval.Low), three(&m.Interval.High), unusual(*m.Interval))
}

func marginStanding(m drift.Measure) string {
	if m.Undefined != "" {
		return sentence(m.Undefined)
	}
	if m.Margin == nil {
		return "no margin"
	}
	return fmt.Sprintf("%s %s", name(m.Standing), three(m.Margin))
}

func findingGrid(a *drift.Audit) grid {
	g := grid{columns: []column{
		{title: "candidate"}, {title: "probe"}, {title: "kind"}, {title: "what"}, {title: "estimate is the"}, {"n", true}, {"estimate [95 %]", true}, {"p, adjusted", true}, {"of", true},
	}}
	controls := expecting(a, drift.ExpectBlocked)
	for _, f := range a.Findings {
		if !f.Notable || slices.ContainsFunc(controls, func(m drift.Model) bool { return m.Name == f.Candidate }) {
			continue
		}
		g.rows = append(g.rows, []string{
			name(f.Candidate), name(f.Probe), name(f.Kind), name(f.What), estimated(f.Kind), count(f.N), found(f), probability(f.PAdjusted), count(f.Family),
		})
	}
	return g
}

// undecidedGrid counts the answers of each comparison of all cases that say
// nothing, or say less than they seem to.
func undecidedGrid(a *drift.Audit) webGrid {
	g := grid{columns: []column{
		{title: "probe"}, {title: "candidate"}, {"pairs", true}, {"left out", true},
		{"undecided, reference → candidate", true}, {"unparsed", true}, {"cut", true}, {"refused", true},
	}}
	for _, c := range a.Comparisons {
		r, k := c.ReferenceShares, c.CandidateShares
		if c.Group != "" || c.Excluded == 0 && r == (drift.Shares{}) && k == (drift.Shares{}) {
			continue
		}
		both := func(x, y int) string { return count(x) + " → " + count(y) }
		g.rows = append(g.rows, []string{
			name(c.Probe), name(c.Candidate), count(c.N + c.Excluded), count(c.Excluded),
			both(r.Undecided, k.Undecided), both(r.Unparsed, k.Unparsed), both(r.Cut, k.Cut), both(r.Refused, k.Refused),
		})
	}
	return g.web("Answers that were not there, not parsed, cut or refused, of all cases of a probe")
}

// maxReasonsShown bounds the list of reasons.
const maxReasonsShown = 20

// undecidedReasons count why pairs had no answer, the most frequent first.
func undecidedReasons(a *drift.Audit) []string {
	index, counts := newCaseIndex(), []int{}
	note := func(model string, o drift.Observation) {
		if o.Outcome != drift.Undecided {
			return
		}
		n := index.number(fmt.Sprintf("%s: %s: %s", name(model), orUndefined(name(o.Reason)), sentence(o.Detail)))
		if n == len(counts) {
			counts = append(counts, 0)
		}
		counts[n]++
	}
	for i, p := range a.Pairs {
		if i == 0 || p.Candidate == a.Pairs[0].Candidate {
			note(a.Reference.Name, p.Reference)
		}
		note(p.Candidate, p.Pair.Candidate)
	}
	order := make([]int, len(counts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return counts[y] - counts[x] })
	var list []string
	for _, i := range order[:min(maxReasonsShown, len(order))] {
		list = append(list, fmt.Sprintf("%s × %s", count(counts[i]), index.list[i]))
	}
	return list
}
