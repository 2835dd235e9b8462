package suites

import (
	"encoding/json"

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

// finished waits for the audit. Trouble ends all specs, not this one alone: it
// would say the same in each.
func (s *suite) finished(ctx ginkgo.SpecContext) *results {
	if s.results != nil {
		return s.results
	}
	a, err := s.source.wait(ctx)
	if err != nil {
		ginkgo.AbortSuite("ERROR: " + err.Error())
	}
	s.results = newResults(a)
	return s.results
}

func (s *suite) reportComparison(ctx ginkgo.SpecContext, id audit.ComparisonID) {
	r := s.finished(ctx)
	c, ok := r.comparisons[id]
	ruling := judge(r.audit, c)
	c.Flips = nil // long, and in the reports of the run
	report(entry{"comparison", string(c.Verdict), c}, ok, ruling)
}

func (s *suite) reportMandatory(ctx ginkgo.SpecContext, id audit.MandatoryID) {
	m, ok := s.finished(ctx).mandatory[id]
	report(entry{"mandatory", string(m.Observation.Outcome), m}, ok, judgeMandatory(m))
}

func (s *suite) reportControl(ctx ginkgo.SpecContext, candidate string) {
	v, ok := s.finished(ctx).candidates[candidate]
	report(entry{"control", string(v.Verdict), v}, ok, judgeControl(v))
}

// entry is what a spec attaches for machines: JSON, with one word for people.
type entry struct {
	name, word string
	judged     any
}

func (e entry) String() string               { return e.word }
func (e entry) MarshalJSON() ([]byte, error) { return json.Marshal(e.judged) }

// report attaches what was judged to the spec and ends the spec by the ruling.
func report(e entry, known bool, r ruling) {
	ginkgo.GinkgoHelper()
	if !known {
		ginkgo.Fail("ERROR: the finished audit lacks this " + e.name)
	}
	ginkgo.AddReportEntry(e.name, e, ginkgo.ReportEntryVisibilityNever)
	expect(r).To(acceptable{})
	if r.state == skipped {
		ginkgo.Skip(r.text)
	}
}
