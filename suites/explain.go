package suites

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// explain says in full why a comparison is red: the reason, the numbers it
// rests on and the worst flips.
func explain(a *drift.Audit, c drift.Comparison) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", c.Because)
	fmt.Fprintf(&b, "%s:%d: %s\n", c.File, c.Line, c.Probe)
	fmt.Fprintf(&b, "  pairs      %d in %d clusters, %d left out without an answer\n", c.N, c.Clusters, c.Excluded)
	fmt.Fprintf(&b, "  flips      %d lost, %d gained\n", c.Loss, c.Gain)
	fmt.Fprintf(&b, "  %-10s %s\n", a.Reference.Name, rate(c.Reference))
	fmt.Fprintf(&b, "  %-10s %s\n", c.Candidate, rate(c.CandidateRate))
	fmt.Fprintf(&b, "  change     %s, accepted down to -%.3g\n", change(c), c.Margin)
	explainFlips(&b, a.Reference.Name, c)
	return strings.TrimRight(b.String(), "\n")
}

// maxFlips bounds the flips that a failure shows.
const maxFlips = 3

func explainFlips(b *strings.Builder, reference string, c drift.Comparison) {
	flips := c.Flips
	if len(flips) > maxFlips {
		flips = flips[:maxFlips]
	}
	for _, f := range flips {
		fmt.Fprintf(b, "\n  %s (%s:%d)\n", f.Case, c.File, f.Line)
		fmt.Fprintf(b, "    asked      %s\n", quote(f.Prompt))
		fmt.Fprintf(b, "    want       %s\n", quote(f.Want))
		fmt.Fprintf(b, "    %-10s %s\n", reference, observation(f.Reference))
		fmt.Fprintf(b, "    %-10s %s\n", c.Candidate, observation(f.Candidate))
	}
}

func explainMandatory(m drift.Mandatory) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: a mandatory case fails on %s\n", m.Case, m.Candidate)
	fmt.Fprintf(&b, "%s:%d: %s\n", m.File, m.Line, m.Probe)
	fmt.Fprintf(&b, "  asked      %s\n", quote(m.Prompt))
	fmt.Fprintf(&b, "  want       %s\n", quote(m.Want))
	fmt.Fprintf(&b, "  %-10s %s", m.Candidate, observation(m.Observation))
	return b.String()
}

// rate is a share with its interval; "?" is undefined.
func rate(r *drift.Rate) string {
	if r == nil {
		return "?"
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f] of %d", r.Share, r.Interval.Low, r.Interval.High, r.N)
}

func change(c drift.Comparison) string {
	if c.Change == nil {
		return "?"
	}
	if c.Interval == nil {
		return fmt.Sprintf("%+.3f", *c.Change)
	}
	i := c.Interval
	return fmt.Sprintf("%+.3f [%+.3f, %+.3f] at %g %%", *c.Change, i.Low, i.High, 100*i.Confidence)
}

func observation(o drift.Observation) string {
	text := fmt.Sprintf("%s: %s", o.Outcome, quote(o.Text))
	if o.Reason != "" {
		text += fmt.Sprintf(" (%s)", o.Reason)
	}
	return text
}

// maxQuoted bounds a quoted text, in code points.
const maxQuoted = 160

// quote shows the text of a model or of a probe on one line: what does not
// print is escaped, and the middle of a long text is left out.
func quote(s string) string {
	runes := []rune(s)
	if len(runes) <= maxQuoted {
		return strconv.Quote(s)
	}
	half := maxQuoted / 2
	return strconv.Quote(string(runes[:half])) + " … " + strconv.Quote(string(runes[len(runes)-half:]))
}
