package scorers

import (
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// every is a list of scorers that must all hold. The reason is that of the
// first that fails; what was parsed, the share and the tiers are those of the
// first that gives one. One that fails settles the list, whatever a member that
// is undecided would have said.
type every []Scorer

var _ Asking = every{}

func (e every) Score(a Answer) Result { return e.Settle(a, nil) }

// Roles are those of the members.
func (e every) Roles() []Role {
	var list []Role
	for _, member := range e {
		for _, role := range Roles(member) {
			if !slices.Contains(list, role) {
				list = append(list, role)
			}
		}
	}
	return list
}

// Asks lists what the members ask, unless one of the others fails anyway.
func (e every) Asks(a Answer) []Ask {
	if len(e.Roles()) == 0 {
		return nil
	}
	var asks []Ask
	for _, member := range e {
		if member.Score(a).Outcome == drift.Fail {
			return nil
		}
		asks = append(asks, Asks(member, a)...)
	}
	return asks
}

// Settle gives each member the replies to what it asked; with none at all it
// leaves those undecided that ask.
func (e every) Settle(a Answer, replies []Reply) Result {
	all := passed()
	var details []string
	for _, member := range e {
		n := min(len(Asks(member, a)), len(replies))
		r := Settle(member, a, replies[:n])
		replies = replies[n:]
		if r.Outcome != drift.Pass {
			details = append(details, r.Detail)
		}
		if all.Outcome == drift.Pass || all.Outcome == drift.Undecided && r.Outcome == drift.Fail {
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
