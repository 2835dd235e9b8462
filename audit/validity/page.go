package main

import (
	"bytes"
	"fmt"

	"github.com/gambit-audit/gambit/drift"
)

// page is the document, in Markdown.
func page(studies []study, audits int, seed uint64) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# How often the audit errs

Written by `+"`make validity`"+` (seed %d); do not edit. Each row counts %d seeded audits of a sample: clusters
drawn without replacement from all that were asked, and cases within them as far as standard size thins those too. *Part*
is that of the clusters of standard size. *Blocked* is at least one fail that stands among all
comparisons of the candidate (Holm); *passed* is no fail and nothing inconclusive. The *true* change is that over all cases
that were asked, so it is exact for this population and says nothing of other cases. Where no more than standard size was asked, part 1 is one
and the same audit each time. Shares carry 95 %% Wilson intervals.
`, seed, audits)
	for _, s := range studies {
		fmt.Fprintf(&b, "\n## %s\n", s.whole.Title)
		for _, note := range s.whole.Notes {
			fmt.Fprintf(&b, "\n%s\n", note)
		}
		s.quietAndDamaged(&b)
		s.bySlice(&b)
	}
	return b.Bytes()
}

func (s *study) quietAndDamaged(b *bytes.Buffer) {
	fmt.Fprint(b, "\n| candidate | expected | part | blocked | passed |\n|---|---|---|---|---|\n")
	for _, t := range s.candidates {
		fmt.Fprintf(b, "| %s | %s | %g | %s | %s |\n", t.model.Name, t.model.Expect, t.part, share(t.blocked, t.audits), share(t.pass, t.audits))
	}
}

// bySlice lists the comparisons whose true drop is beyond twice the margin.
func (s *study) bySlice(b *bytes.Buffer) {
	fmt.Fprint(b, "\nSlices with a true drop beyond twice the margin, each verdict by itself among all of its audit:\n\n")
	fmt.Fprint(b, "| candidate | slice | true change | margin | part | cases | fail | pass | inconclusive |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, x := range s.slices {
		if x.of.Change == nil || *x.of.Change >= -2*x.of.Margin {
			continue
		}
		name := x.of.Probe
		if x.of.Group != "" {
			name += ", " + x.of.Group
		}
		fmt.Fprintf(b, "| %s | %s | %+.1f | %.0f | %g | %d | %s | %s | %s |\n", x.of.Candidate, name, 100**x.of.Change, 100*x.of.Margin,
			x.part, x.n, share(x.fail, x.audits), share(x.pass, x.audits), share(x.neither, x.audits))
	}
}

// share is a count as a percentage with its interval.
func share(k, n int) string {
	e, err := drift.Wilson(float64(k), float64(n), 0.95)
	if err != nil {
		return "?"
	}
	return fmt.Sprintf("%.1f %% [%.1f, %.1f]", 100*float64(k)/float64(n), 100*e.Low, 100*e.High)
}
