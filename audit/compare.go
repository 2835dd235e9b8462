package audit

import (
	"fmt"

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
	o := drift.CompareOptions{
		Margin: p.file.Policy.Margin, Alpha: p.file.Policy.Alpha, MaxUndecided: p.file.Policy.MaxUndecided,
		Baseline: baseline(list, probe.Relation), Smoke: p.file.Size == probes.Smoke,
	}
	if id.Group != "" {
		o.Margin = p.file.Policy.GroupMargin
	}
	if probe.GuardAtLeast != nil {
		o.GuardAtLeast, o.GuardRate = probe.GuardAtLeast, passRate(units(probe, "guard"), probe.Relation, reference)
	}
	c, err := drift.Compare(pairs, o)
	if err != nil {
		return c, fmt.Errorf("compare %s on %s: %w", id.Probe, id.Candidate, err)
	}
	c.Probe, c.Candidate, c.Group = id.Probe, id.Candidate, id.Group
	c.File, c.Line = probe.File, probe.Line
	c.Flips = flips(list, pairs)
	return c, nil
}

// passRate is a model's pass rate over decided units; nil where there are none.
func passRate(list []unit, relation string, s *session) *float64 {
	n, passes := 0, 0
	for _, u := range list {
		switch u.observe(relation, s.observation).Outcome {
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
	return drift.Observation{Outcome: drift.Undecided, Reason: drift.ReasonMissing, Detail: "not asked"}
}

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
