package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// quantity is one estimate beside the verdicts, simulated where the truth is 0.
type quantity struct {
	name string
	// runs is a share of all runs: what draws a bootstrap of its own is dear.
	runs float64
	// draw gives the interval and the p-value of one simulation; nil for none.
	draw func(r *rand.Rand, source rand.Source) (*drift.Interval, *float64)
}

var quantities = []quantity{
	{"group beyond the rest, own templates (30×4 and 60×4)", 1, func(_ *rand.Rand, source rand.Source) (*drift.Interval, *float64) {
		return amplified(setting{templates: 90, cases: 4, icc: 0.3, loss: 0.08, gain: 0.04, samples: 1}, source, func(i int) bool { return i < 120 })
	}},
	{"group beyond the rest, templates shared by both (60×4)", 1, func(_ *rand.Rand, source rand.Source) (*drift.Interval, *float64) {
		return amplified(setting{templates: 60, cases: 4, icc: 0.3, loss: 0.08, gain: 0.04, samples: 1}, source, func(i int) bool { return i%2 == 0 })
	}},
	{"gap between groups that differ by 40 points, whole templates swapped (60×4)", 0.3, swapped},
	{"slope over length (50 templates, 4 lengths)", 1, sloped},
	{"bias score, where the text does not say (100 templates)", 0.05, biased},
	{"mean chrF-like score (60×3)", 0.05, averaged},
}

func swapped(r *rand.Rand, source rand.Source) (*drift.Interval, *float64) {
	s := setting{templates: 60, cases: 4, icc: 0.3, loss: 0.05, gain: 0.05, samples: 1}
	pairs := s.draw(source)
	for i, p := range pairs {
		if i%2 == 1 && p.Reference.Outcome == p.Candidate.Outcome && r.Float64() < 0.4 {
			pairs[i].Reference, pairs[i].Candidate = observed(0, 1), observed(0, 1)
		}
	}
	a := split(pairs, func(i int) bool { return i%2 == 0 })
	return nil, &a.Swap.P
}

// split compares two groups of pairs.
func split(pairs []drift.Pair, first func(i int) bool) *drift.AmplificationAnalysis {
	by := map[string][]*drift.Pair{}
	for i := range pairs {
		name := "second"
		if first(i) {
			name = "first"
		}
		by[name] = append(by[name], &pairs[i])
	}
	return drift.AnalyseGroups(by, drift.GroupOptions{Path: "group", Alpha: alpha, Seed: 1, Margin: func(string) float64 { return 0.1 }})
}

func amplified(s setting, source rand.Source, first func(i int) bool) (*drift.Interval, *float64) {
	g := split(s.draw(source), first).Groups[0]
	return g.BeyondInterval, g.P
}

func sloped(_ *rand.Rand, source rand.Source) (*drift.Interval, *float64) {
	s := setting{templates: 50, cases: 4, icc: 0.3, loss: 0.08, gain: 0.04, samples: 1}
	pairs := s.draw(source)
	var cases []drift.Located
	for i := range pairs {
		cases = append(cases, drift.Located{Pair: &pairs[i], At: float64(i % s.cases)})
	}
	m := drift.MeasureSlope(cases, func(x float64) float64 { return x })
	return m.Interval, m.P
}

func biased(r *rand.Rand, _ rand.Source) (*drift.Interval, *float64) {
	count := func() drift.BiasCount {
		switch x := r.Float64(); {
		case x < 0.4:
			return drift.BiasCount{Parsed: 1, Right: 1}
		case x < 0.75:
			return drift.BiasCount{Parsed: 1, Known: 1, Biased: 1}
		}
		return drift.BiasCount{Parsed: 1, Known: 1}
	}
	var cases []drift.BiasCase
	for t := range 100 {
		cases = append(cases, drift.BiasCase{Cluster: strconv.Itoa(t), Reference: count(), Candidate: count()})
	}
	m := drift.MeasureBias(true, cases, drift.Bootstrapped{Seed: r.Uint64()})
	return m.Interval, m.P
}

// averaged is a mean over clusters of a skewed score, less its true value.
func averaged(r *rand.Rand, _ rand.Source) (*drift.Interval, *float64) {
	var cases []drift.GroupCase
	for t := range 60 {
		shared := r.ExpFloat64()
		for range 3 {
			score := (shared + r.ExpFloat64()) / 2
			cases = append(cases, drift.GroupCase{
				Cluster:   strconv.Itoa(t),
				Reference: []drift.GroupCount{{Group: "score", Hits: 1, Total: 1}}, Candidate: []drift.GroupCount{{Group: "score", Hits: score, Total: 1}},
			})
		}
	}
	m := drift.MeasureRate("score", "score", cases, drift.Bootstrapped{Seed: r.Uint64()})
	return m.Interval, m.P
}

// explore simulates what is exploratory.
func explore(runs int, seed uint64) string {
	var b strings.Builder
	b.WriteString(exploreHead)
	for i, q := range quantities {
		n := max(1, int(q.runs*float64(runs)))
		source := rand.NewPCG(seed, uint64(1000+i))
		r := rand.New(source)
		var missed, intervals, small, values int
		for range n {
			interval, p := q.draw(r, source)
			if interval != nil {
				intervals++
				if interval.Low > 0 || interval.High < 0 {
					missed++
				}
			}
			if p != nil {
				values++
				if *p < 0.05 {
					small++
				}
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %s |\n", q.name, n, shareOf(missed, intervals), shareOf(small, values))
	}
	b.WriteString(exploreFoot)
	return b.String()
}

func shareOf(k, n int) string {
	if n == 0 {
		return "–"
	}
	return percent(float64(k)/float64(n), n)
}

const exploreHead = `
## Beside the verdicts

What an analysis shows never gates. Here nothing differs in truth: a 95 % interval should miss 0 in 5 % of the runs, and
p should lie below 0.05 as often.

| quantity | runs | interval misses 0 % | p < 0.05 % |
|---|--:|--:|--:|
`

const exploreFoot = `
The gap's p-value is one-sided, and it lies far below the level where the groups passed alike before: which of them
falls behind can go either way then, and the gap does not tell. How each number is computed: [statistics.md](statistics.md).
`
