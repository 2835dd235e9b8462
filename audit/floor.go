package audit

import (
	"cmp"
	"slices"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// The floor of flips: even at temperature 0 a server's answers drift, by
// batching and by hardware. So the reference is asked some cases of each probe
// a second time, with sample numbers of their own, and contradicts itself as
// often as it does. Flips beyond that are the candidate's.

// again lists the cases that the reference is asked twice: of each probe that
// is compared, a sample by the seed, of whole bundles. Smoke size asks none.
func (p *Plan) again() []*probes.Case {
	var list []*probes.Case
	for _, probe := range p.suite.Probes {
		list = append(list, p.againOf(probe, p.casesOf(p.file.Reference.Name, probe))...)
	}
	return list
}

// againOf are those of one probe, among its cases that the reference is asked.
func (p *Plan) againOf(probe *probes.Probe, asked []*probes.Case) []*probes.Case {
	if p.file.Size == probes.Smoke {
		return nil
	}
	first := map[string]bool{}
	for _, c := range asked {
		first[c.ID] = true
	}
	var list []*probes.Case
	for _, u := range p.sampled(probe) {
		if !slices.ContainsFunc(u.cases, func(c *probes.Case) bool { return !first[c.ID] }) {
			list = append(list, u.cases...)
		}
	}
	return list
}

// sampled are the units of a probe that are asked twice.
func (p *Plan) sampled(probe *probes.Probe) []unit {
	if p.file.Floor == 0 {
		return nil
	}
	list := units(probe, "")
	rank := map[string]uint64{}
	for _, u := range list {
		rank[u.id] = draw(p.file.Seed, "floor", u.id)
	}
	slices.SortStableFunc(list, func(x, y unit) int { return cmp.Compare(rank[x.id], rank[y.id]) })
	return list[:min(p.file.Floor, len(list))]
}

// twice pairs the reference's answers with its own second ones, where it was
// asked a probe twice.
func (p *Plan) twice(reference *session, probe *probes.Probe) []drift.Pair {
	if len(reference.second) == 0 {
		return nil
	}
	var pairs []drift.Pair
	for _, u := range p.sampled(probe) {
		pairs = append(pairs, drift.Pair{
			Reference: u.observe(probe.Relation, reference.observation),
			Candidate: u.observe(probe.Relation, reference.secondObservation),
		})
	}
	return pairs
}

// secondObservation is the answer to the second asking.
func (s *session) secondObservation(c *probes.Case) drift.Observation {
	if o, ok := s.second[c.ID]; ok {
		return o
	}
	return notAsked
}
