package reporters

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("json", format{
	file:   "report.json",
	doc:    "the whole audit for machines, as report.schema.json describes it",
	render: renderJSON,
})

// report is an audit with what follows from its verdicts.
type report struct {
	drift.Audit
	Choose Choice `json:"choose"`
}

func renderJSON(a *drift.Audit) ([]byte, error) {
	return indentJSON(report{listed(*a), Choose(a)})
}

// listed writes a list of nothing as [], not as null.
func listed(a drift.Audit) drift.Audit {
	a.Candidates = append([]drift.Model{}, a.Candidates...)
	a.Probes = append([]drift.ProbeInfo{}, a.Probes...)
	a.Comparisons = append([]drift.Comparison{}, a.Comparisons...)
	a.Gate.Candidates = append([]drift.CandidateVerdict{}, a.Gate.Candidates...)
	return a
}

// ReadJSON reads a report that format json wrote. A report of another
// [drift.SchemaVersion] is refused; fields that this version does not know are
// passed over, for they do not change the meaning of the others.
func ReadJSON(r io.Reader) (*drift.Audit, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if head.Schema != drift.SchemaVersion {
		return nil, fmt.Errorf("read report: unknown schema %q: expected %q", head.Schema, drift.SchemaVersion)
	}
	var a drift.Audit
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return &a, nil
}
