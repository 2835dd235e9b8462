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
	fmt.Fprintf(&b, "  change     %s; accepted down to %s\n", change(c), points(-c.Margin))
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
		fmt.Fprintf(b, "    want       %s\n", unquoted(f.Want))
		fmt.Fprintf(b, "    %-10s %s\n", reference, observation(f.Reference))
		fmt.Fprintf(b, "    %-10s %s\n", c.Candidate, observation(f.Candidate))
	}
}

func explainMandatory(m drift.Mandatory) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: a mandatory case fails on %s\n", m.Case, m.Candidate)
	fmt.Fprintf(&b, "%s:%d: %s\n", m.File, m.Line, m.Probe)
	fmt.Fprintf(&b, "  asked      %s\n", quote(m.Prompt))
	fmt.Fprintf(&b, "  want       %s\n", unquoted(m.Want))
	fmt.Fprintf(&b, "  %-10s %s", m.Candidate, observation(m.Observation))
	return b.String()
}

// rate is a share with its interval, in percent; "?" is undefined.
func rate(r *drift.Rate) string {
	if r == nil {
		return "?"
	}
	return fmt.Sprintf("%.1f %% [%.1f, %.1f] of %d", 100*r.Share, 100*r.Interval.Low, 100*r.Interval.High, r.N)
}

// change is the change with its interval, in points; "?" is undefined.
func change(c drift.Comparison) string {
	if c.Change == nil {
		return "?"
	}
	text := points(*c.Change) + " points"
	if i := c.Interval; i != nil {
		text += fmt.Sprintf(" [%s, %s] at %g %%", points(i.Low), points(i.High), 100*i.Confidence)
	}
	return text
}

// points writes a change in [-1,1] as points, with a true minus sign.
func points(x float64) string {
	return strings.Replace(fmt.Sprintf("%+.1f", 100*x), "-", "−", 1)
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

// unquoted is quote for a text that is full of quotes itself.
func unquoted(s string) string {
	q := quote(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}
