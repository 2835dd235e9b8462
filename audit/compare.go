package audit

import (
	"fmt"
	"slices"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// maxFlips is how many flips a comparison shows.
const maxFlips = 5

// compare pairs the answers of one comparison and judges them.
func (p *Plan) compare(id ComparisonID, reference, candidate *session) (drift.Comparison, error) {
	probe := p.probe(id.Probe)
	list := units(probe, id.Group)
	pairs := make([]drift.Pair, len(list))
	for i, u := range list {
		pairs[i] = drift.Pair{
			Case: u.id, Cluster: u.cases[0].Cluster,
			Reference: u.observe(probe.Relation, reference.observation),
			Candidate: u.observe(probe.Relation, candidate.observation),
		}
	}
	o := p.options(id, list, reference.observation)
	o.Judge = reference.panel.judgeOf(probe)
	asked, err := p.asked(id, list, pairs, &o, reference, candidate)
	if err != nil {
		return drift.Comparison{}, fmt.Errorf("compare %s on %s: %w", id.Probe, id.Candidate, err)
	}
	c, err := drift.Compare(asked, o)
	if err != nil {
		return c, fmt.Errorf("compare %s on %s: %w", id.Probe, id.Candidate, err)
	}
	c.Probe, c.Candidate, c.Group = id.Probe, id.Candidate, id.Group
	c.File, c.Line = probe.File, probe.Line
	c.Floor = drift.SelfFlips(p.twice(reference, probe))
	c.Flips = flips(list, pairs)
	return c, nil
}

// options are what a comparison is judged by, given the reference's answers.
func (p *Plan) options(id ComparisonID, list []unit, reference func(*probes.Case) drift.Observation) drift.CompareOptions {
	probe := p.probe(id.Probe)
	o := drift.CompareOptions{
		Margin: p.margin(probe, id.Group), Alpha: p.file.Policy.Alpha, MaxUndecided: p.file.Policy.MaxUndecided,
		Baseline: p.baseline(id, list), Smoke: p.file.Size == probes.Smoke,
	}
	if probe.GuardAtLeast != nil {
		o.GuardAtLeast, o.GuardRate = probe.GuardAtLeast, guardRate(probe, reference)
	}
	return o
}

// baseline is that of a probe's group, worked out once: it goes through every
// answer that could be given.
func (p *Plan) baseline(id ComparisonID, list []unit) *float64 {
	id.Candidate = ""
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.baselines[id]; ok {
		return known
	}
	cases := make([][]*probes.Case, len(list))
	for i, u := range list {
		cases[i] = u.cases
	}
	rate := probes.Baseline(cases, p.probe(id.Probe).Relation)
	if p.baselines == nil {
		p.baselines = map[ComparisonID]*float64{}
	}
	p.baselines[id] = rate
	return rate
}

// margin is the drop that is accepted in a group, or over all cases where it is
// empty.
func (p *Plan) margin(probe *probes.Probe, group string) float64 {
	return p.file.Policy.MarginOf(probe.ID, probe.Pack, probe.Harm, group)
}

// guardRate is a model's pass rate over the decided cases of the guard, case by
// case: bundles may hold for a model that answers nothing right. It is nil where
// there are none.
func guardRate(probe *probes.Probe, answer func(*probes.Case) drift.Observation) *float64 {
	n, passes := 0, 0
	for _, c := range probe.Cases() {
		if !slices.Contains(c.Groups, "guard") {
			continue
		}
		switch answer(c).Outcome {
		case drift.Pass:
			passes++
			n++
		case drift.Fail:
			n++
		}
	}
	if n == 0 {
		return nil
	}
	share := float64(passes) / float64(n)
	return &share
}

// observation is what the model did with a case; a case that was never asked
// is undecided.
func (s *session) observation(c *probes.Case) drift.Observation {
	if o, ok := s.seen[c.ID]; ok {
		return o
	}
	return notAsked
}

var notAsked = drift.Observation{Outcome: drift.Undecided, Reason: drift.ReasonMissing, Detail: "not asked"}

// flips lists the first losses, then the first gains.
func flips(list []unit, pairs []drift.Pair) []drift.Flip {
	var out []drift.Flip
	for _, lost := range []drift.Outcome{drift.Pass, drift.Fail} {
		for i, pair := range pairs {
			won := drift.Fail
			if lost == drift.Fail {
				won = drift.Pass
			}
			if pair.Reference.Outcome != lost || pair.Candidate.Outcome != won || len(out) == maxFlips {
				continue
			}
			c := list[i].cases[0]
			out = append(out, drift.Flip{
				Case: pair.Case, Line: c.Line, Prompt: excerpt(c.Steps[len(c.Steps)-1].User()), Want: c.Want,
				Reference: pair.Reference, Candidate: pair.Candidate,
			})
		}
	}
	return out
}

// mandatoryCase is one case that a candidate must pass.
func (p *Plan) mandatoryCase(id MandatoryID, s *session) (drift.Mandatory, error) {
	for _, c := range s.cases {
		if c.ID != id.Case {
			continue
		}
		return drift.Mandatory{
			Case: c.ID, Probe: c.Probe.ID, Candidate: id.Candidate, File: c.Probe.File, Line: c.Line,
			Gated: s.model.Expect == drift.ExpectPass && !p.file.Policy.IsAdvisory(c.Probe.ID), Observation: s.observation(c),
			Prompt: excerpt(c.Steps[len(c.Steps)-1].User()), Want: c.Want,
		}, nil
	}
	return drift.Mandatory{}, fmt.Errorf("mandatory case %s on %s: not among the cases to ask", id.Case, id.Candidate)
}
