// Calibrate simulates audits whose truth is known and prints, as Markdown, how
// often the verdicts are wrong or right:
//
//	go run ./drift/calibrate > docs/calibration.md
//
// The same seed prints the same document. With -runs 10000, as in the kept
// one, it takes a few minutes of one core.
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
)

// named is the share of wrong passes above which a setting is named: the level
// of 5 % with room for what the design effect cannot know.
const named = 0.065

func main() {
	runs := flag.Int("runs", 10_000, "simulated comparisons of each setting")
	seed := flag.Uint64("seed", 1, "of all simulations")
	flag.Parse()
	if *runs < 1 || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "calibrate: expected -runs of at least 1 and no arguments")
		os.Exit(2)
	}
	report(os.Stdout, *runs, *seed)
}

func report(w io.Writer, runs int, seed uint64) {
	fmt.Fprintf(w, head, runs, seed, alpha*100, errorOf(alpha, runs)*100, errorOf(0.5, runs)*100)
	var above []string
	for i, s := range settings {
		if s.samples == 0 {
			s.samples = 1
		}
		row := newRow(s, runs, rand.NewPCG(seed, uint64(i)))
		fmt.Fprint(w, row)
		if row.wrongPass > named {
			above = append(above, fmt.Sprintf("- %s, ICC %g: %.1f %%", s.name(), s.icc, 100*row.wrongPass))
		}
	}
	fmt.Fprintf(w, middle, named*100)
	if len(above) == 0 {
		fmt.Fprintln(w, "None.")
	}
	for _, line := range above {
		fmt.Fprintln(w, line)
	}
	fmt.Fprint(w, exact())
	fmt.Fprint(w, explore(runs, seed))
}

// row is one setting with its results.
type row struct {
	setting
	runs                 int
	wrongPass, wrongFail float64 // with a true drop of the margin
	rightPass            float64 // with no true drop
	rightFail            float64 // with a true drop of three margins
}

func newRow(s setting, runs int, source rand.Source) row {
	margin := s.verdicts(runs, source)
	return row{
		setting: s, runs: runs, wrongPass: margin.pass, wrongFail: margin.fail,
		rightPass: s.at(0).verdicts(runs, source).pass,
		rightFail: s.at(3*s.margin).verdicts(runs, source).fail,
	}
}

func (r row) String() string {
	return fmt.Sprintf("| %s | %g | %.1f / %.1f | %g | %s | %s | %s | %s |\n", r.name(), r.icc, 100*r.loss, 100*r.gain, 100*r.margin,
		r.share(r.wrongPass), r.share(r.wrongFail), r.share(r.rightPass), r.share(r.rightFail))
}

// share shows a share with its Monte-Carlo error.
func (r row) share(p float64) string { return percent(p, r.runs) }

func percent(p float64, runs int) string {
	return fmt.Sprintf("%.1f ± %.1f", 100*p, 100*errorOf(p, runs))
}

// errorOf is the standard error of a simulated share.
func errorOf(p float64, runs int) float64 { return math.Sqrt(p * (1 - p) / float64(runs)) }

const head = `# Calibration

Printed by ` + "`make calibrate`" + `: %d simulated comparisons of each setting, seed %d. Each is judged by the same function as in an
audit (drift.Compare). After each ± stands the Monte-Carlo standard error: a share of %.0f %% is known to ±%.1f points, one
of 50 %% to ±%.1f.

## Verdicts

*Templates × cases*: cases of one template are correlated; *ICC* is that correlation. *Loss / gain* are the true rates of
flips, in percent, at the margin. A **wrong pass** is a pass where the true drop is the margin, a **wrong fail** a fail
there; each should stay at or below 5 %%. A **right pass** is a pass where there is no true drop and as many flips; a
**right fail** a fail at a true drop of three margins. What is neither is inconclusive, which blocks by default and is
never wrong, only costly.

| templates × cases | ICC | loss / gain | margin | wrong pass %% | wrong fail %% | right pass %% | right fail %% |
|---|--:|--:|--:|--:|--:|--:|--:|
`

const middle = `
A fail in an audit stands only after Holm's adjustment over all comparisons of its candidate, so there are fewer wrong
fails than here.

### Settings with more than %.1f %% wrong passes

`
