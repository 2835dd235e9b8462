package scorers

import (
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// every is a list of scorers that must all hold. The reason is that of the
// first that fails; what was parsed, the share and the tiers are those of the
// first that gives one.
type every []Scorer

var _ Scorer = every{}

func (e every) Score(a Answer) Result {
	all := passed()
	var details []string
	for _, member := range e {
		r := member.Score(a)
		if r.Outcome == drift.Fail {
			details = append(details, r.Detail)
		}
		if all.Outcome == drift.Pass {
			all.Outcome, all.Reason = r.Outcome, r.Reason
		}
		if all.Parsed == "" {
			all.Parsed = r.Parsed
		}
		if all.Share == nil {
			all.Share = r.Share
		}
		if all.Tiers == nil {
			all.Tiers = r.Tiers
		}
	}
	all.Detail = strings.Join(details, "; ")
	return all
}
