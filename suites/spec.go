package suites

import (
	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/onsi/ginkgo/v2"
)

// results are the parts of a finished audit by what specs know them by.
type results struct {
	audit       *drift.Audit
	comparisons map[audit.ComparisonID]drift.Comparison
	mandatory   map[audit.MandatoryID]drift.Mandatory
	candidates  map[string]drift.CandidateVerdict
}

func newResults(a *drift.Audit) *results {
	r := &results{
		audit:       a,
		comparisons: map[audit.ComparisonID]drift.Comparison{},
		mandatory:   map[audit.MandatoryID]drift.Mandatory{},
		candidates:  map[string]drift.CandidateVerdict{},
	}
	for _, c := range a.Comparisons {
		r.comparisons[audit.ComparisonID{Probe: c.Probe, Candidate: c.Candidate, Group: c.Group}] = c
	}
	for _, m := range a.Mandatory {
		r.mandatory[audit.MandatoryID{Case: m.Case, Candidate: m.Candidate}] = m
	}
	for _, v := range a.Gate.Candidates {
		r.candidates[v.Candidate] = v
	}
	return r
}

// finished waits for the audit; trouble fails the spec.
func (s *suite) finished(ctx ginkgo.SpecContext) *results {
	if s.results != nil {
		return s.results
	}
	a, err := s.source.wait(ctx)
	if err != nil {
		ginkgo.Fail("ERROR: " + err.Error())
	}
	s.results = newResults(a)
	return s.results
}

func (s *suite) reportComparison(ctx ginkgo.SpecContext, id audit.ComparisonID) {
	r := s.finished(ctx)
	c, ok := r.comparisons[id]
	report("comparison", c, ok, judge(r.audit, c))
}

func (s *suite) reportMandatory(ctx ginkgo.SpecContext, id audit.MandatoryID) {
	m, ok := s.finished(ctx).mandatory[id]
	report("mandatory", m, ok, judgeMandatory(m))
}

func (s *suite) reportControl(ctx ginkgo.SpecContext, candidate string) {
	v, ok := s.finished(ctx).candidates[candidate]
	report("control", v, ok, judgeControl(v))
}

// report attaches what was judged to the spec, for machines, and ends the spec
// by the ruling.
func report(kind string, judged any, known bool, r ruling) {
	ginkgo.GinkgoHelper()
	if !known {
		ginkgo.Fail("ERROR: the finished audit lacks this " + kind)
	}
	ginkgo.AddReportEntry(kind, judged, ginkgo.ReportEntryVisibilityNever)
	switch r.state {
	case red:
		ginkgo.Fail(r.text)
	case skipped:
		ginkgo.Skip(r.text)
	}
}
