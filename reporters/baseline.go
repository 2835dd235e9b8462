package reporters

import (
	"fmt"

	"github.com/gambit-audit/gambit/drift"
)

// baselineLines hold the run against the baseline that its audit file pins; none
// without one.
func baselineLines(a *drift.Audit) []string {
	b := a.AgainstBaseline
	if b == nil {
		return nil
	}
	standing := "not behind it"
	switch {
	case !b.Gate.Passed:
		standing = "behind it, or not shown otherwise"
	case a.Size == "smoke":
		standing = "no breakage found; smoke size shows nothing more"
	}
	lines := []string{fmt.Sprintf("against the baseline %s: %s", excerpt(b.Baseline, maxQuoted), standing)}
	for _, s := range b.Stick {
		lines = append(lines, "measuring stick: "+sentence(s))
	}
	for _, m := range b.Models {
		lines = append(lines, fmt.Sprintf("%s, weights %s: %s compared, %s regressed, %s repaired; %s added, %s removed, %s changed, %s rescored",
			name(m.Model), m.Weights(), plural(m.N, "case", "cases"), count(len(m.Regressed)), count(len(m.Repaired)),
			count(len(m.Added)), count(len(m.Removed)), count(len(m.Changed)), count(len(m.Rescored))))
	}
	return lines
}
