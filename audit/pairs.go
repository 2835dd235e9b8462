package audit

import (
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// maxPrompt bounds the prompt that is kept with a pair, in bytes: long contexts
// would outweigh all answers, and the evidence has them whole.
const maxPrompt = 1000

// pairs lists every pair that the comparisons were made of, once for each
// candidate, in the order of the comparisons and of the cases.
func (p *Plan) pairs(by map[string]*session) []drift.ProbePair {
	reference := by[p.file.Reference.Name]
	var list []drift.ProbePair
	done := map[ComparisonID]bool{}
	for _, id := range p.comparisons {
		id.Group = ""
		if done[id] {
			continue
		}
		done[id] = true
		list = append(list, p.pairsOf(id, reference, by[id.Candidate])...)
	}
	return list
}

// pairsOf lists the pairs of one probe and candidate. What the candidate was
// spared, since it could change no verdict, is none.
func (p *Plan) pairsOf(id ComparisonID, reference, candidate *session) []drift.ProbePair {
	probe := p.probe(id.Probe)
	list := make([]drift.ProbePair, 0, len(probe.Cases))
	for _, u := range units(probe, "") {
		first := u.cases[0]
		if !p.needs(id.Candidate, first) || candidate.unneeded[first.ID] {
			continue
		}
		list = append(list, drift.ProbePair{
			Probe: id.Probe, Candidate: id.Candidate, Groups: u.groups(), Line: first.Line,
			Prompt: ends(first.Steps[len(first.Steps)-1].User(), maxPrompt), Want: first.Want,
			Pair: drift.Pair{
				Case: u.id, Cluster: first.Cluster,
				Reference: u.observe(probe.Relation, reference.observation),
				Candidate: u.observe(probe.Relation, candidate.observation),
			},
		})
	}
	return list
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
