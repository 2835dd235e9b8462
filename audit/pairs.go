package audit

import (
	"iter"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// maxPrompt bounds the prompt that is kept with a pair, in bytes: long contexts
// would outweigh all answers, and the evidence has them whole.
const maxPrompt = 1000

// pairsOf are the pairs of one probe and candidate, in the order of the cases.
// What the candidate was spared, since it could change no verdict, is none.
func (p *Plan) pairsOf(probe *probes.Probe, reference, candidate *session) iter.Seq[drift.ProbePair] {
	return func(yield func(drift.ProbePair) bool) {
		for _, u := range units(probe, "") {
			first := u.cases[0]
			if !p.needs(candidate.model.Name, first) || candidate.unneeded[first.ID] {
				continue
			}
			if !yield(drift.ProbePair{
				Probe: probe.ID, Candidate: candidate.model.Name, Groups: u.groups(), Line: first.Line,
				Prompt: ends(first.Steps[len(first.Steps)-1].User(), maxPrompt), Want: first.Want,
				Pair: drift.Pair{
					Case: u.id, Cluster: first.Cluster,
					Reference: u.observe(probe.Relation, reference.observation),
					Candidate: u.observe(probe.Relation, candidate.observation),
				},
			}) {
				return
			}
		}
	}
}

// groups are those of any of the unit's cases, in the order in which they come.
func (u unit) groups() []string {
	if len(u.cases) == 1 {
		return u.cases[0].Groups
	}
	var all []string
	for _, c := range u.cases {
		for _, g := range c.Groups {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	return all
}

// ends leaves out the middle of a text of more than max bytes.
func ends(text string, max int) string {
	if len(text) <= max {
		return text
	}
	head, tail := text[:max/2], text[len(text)-max/2:]
	return strings.ToValidUTF8(head, "") + " … " + strings.ToValidUTF8(tail, "")
}
