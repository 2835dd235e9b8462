package reporters

import (
	"cmp"
	"math"
	"slices"

	"github.com/gambit-audit/gambit/drift"
)

// expecting returns the candidates of which that is expected, in audit order.
func expecting(a *drift.Audit, e drift.Expect) []drift.Model {
	var found []drift.Model
	for _, m := range a.Candidates {
		if m.Expect == e {
			found = append(found, m)
		}
	}
	return found
}

// verdictOf returns the judgement of a candidate; false where there is none.
func verdictOf(a *drift.Audit, candidate string) (drift.CandidateVerdict, bool) {
	for _, v := range a.Gate.Candidates {
		if v.Candidate == candidate {
			return v, true
		}
	}
	return drift.CandidateVerdict{}, false
}

// comparisonsOf returns the comparisons of a candidate for a reader who may
// stop early: what blocks first, then by verdict, then by the size of the
// harm. Equals stay in audit order.
func comparisonsOf(a *drift.Audit, candidate string) []drift.Comparison {
	var found []drift.Comparison
	for _, c := range a.Comparisons {
		if c.Candidate == candidate {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(x, y drift.Comparison) int {
		return cmp.Or(
			cmp.Compare(stand(a, y).state, stand(a, x).state),
			cmp.Compare(severity(x.Verdict), severity(y.Verdict)),
			cmp.Compare(harm(x), harm(y)),
		)
	})
	return found
}

// worstOf returns the worst comparison that counts for a candidate's verdict;
// false where there is none.
func worstOf(a *drift.Audit, candidate string) (drift.Comparison, bool) {
	for _, c := range comparisonsOf(a, candidate) {
		if !c.Advisory {
			return c, true
		}
	}
	return drift.Comparison{}, false
}

// severity orders verdicts, the worst first.
func severity(v drift.Verdict) int {
	order := []drift.Verdict{
		drift.VerdictFail, drift.VerdictInconclusive, drift.VerdictUninformative, drift.VerdictPass,
	}
	return slices.Index(order, v)
}

// harm orders changes, the greatest loss first and the undefined last.
func harm(c drift.Comparison) float64 {
	if c.Change == nil {
		return math.Inf(1)
	}
	return *c.Change
}

// failing keeps the comparisons that did not pass.
func failing(comparisons []drift.Comparison) []drift.Comparison {
	var found []drift.Comparison
	for _, c := range comparisons {
		if c.Verdict != drift.VerdictPass {
			found = append(found, c)
		}
	}
	return found
}

// mandatoryOf returns the mandatory cases of a candidate, in audit order.
func mandatoryOf(a *drift.Audit, candidate string) []drift.Mandatory {
	var found []drift.Mandatory
	for _, m := range a.Mandatory {
		if m.Candidate == candidate {
			found = append(found, m)
		}
	}
	return found
}
