package audit

import (
	"slices"
	"time"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// judging makes an audit probe by probe. Once a probe is judged, nothing is left
// of its cases and answers but what the audit says of them, so that evidence of
// any length can be judged anew.
type judging struct {
	plan     *Plan
	options  RunOptions
	sessions []*session
	by       map[string]*session // by model
	audit    *drift.Audit
	// comparisons and mandatory are those of each probe, in the plan's order.
	comparisons map[string][]ComparisonID
	mandatory   map[string][]MandatoryID
	// analyses and slices are those of each candidate.
	analyses map[string][]drift.Analysis
	slices   map[string][]drift.Finding
	twice    []drift.Pair // the reference's first and second answers
}

func (p *Plan) newJudging(sessions []*session, o RunOptions) *judging {
	f := p.file
	j := &judging{
		plan: p, options: o, sessions: sessions, by: map[string]*session{},
		audit: &drift.Audit{
			Schema: drift.SchemaVersion, Version: o.Version, Title: f.Title, Notes: slices.Concat(f.Notes, p.suite.Notes),
			Size: string(f.Size), Seed: f.Seed, Policy: f.Policy,
		},
		comparisons: map[string][]ComparisonID{}, mandatory: map[string][]MandatoryID{},
		analyses: map[string][]drift.Analysis{}, slices: map[string][]drift.Finding{},
	}
	for _, s := range sessions {
		j.by[s.model.Name] = s
	}
	for _, id := range p.comparisons {
		j.comparisons[id.Probe] = append(j.comparisons[id.Probe], id)
	}
	for _, id := range p.mandatory {
		j.mandatory[probeOf(id)] = append(j.mandatory[probeOf(id)], id)
	}
	return j
}

// probe judges one probe by what the sessions hold.
func (j *judging) probe(probe *probes.Probe) error {
	p, a := j.plan, j.audit
	a.Probes = append(a.Probes, p.probeInfo(probe))
	first := len(a.Comparisons)
	for _, id := range j.comparisons[probe.ID] {
		c, err := p.compare(id, j.sessions[0], j.by[id.Candidate])
		if err != nil {
			return err
		}
		a.Comparisons = append(a.Comparisons, c)
	}
	for _, s := range j.sessions[1:] {
		s.spare(p.casesOf(s.model.Name, probe), p.lacking(s, a.Comparisons[first:], j.mandatory[probe.ID]))
	}
	for _, id := range j.mandatory[probe.ID] {
		m, err := p.mandatoryCase(id, j.by[id.Candidate])
		if err != nil {
			return err
		}
		a.Mandatory = append(a.Mandatory, m)
	}
	j.twice = append(j.twice, p.twice(j.sessions[0], probe)...)
	j.analyse(probe)
	return j.pairs(probe)
}

// analyse describes what the answers show beside the verdicts, where the probe
// is compared as a whole.
func (j *judging) analyse(probe *probes.Probe) {
	for _, m := range j.plan.file.Candidates {
		if !j.plan.groups[ComparisonID{probe.ID, m.Name, ""}] {
			continue
		}
		s := j.plan.subject(probe, j.sessions[0], j.by[m.Name])
		j.analyses[m.Name] = append(j.analyses[m.Name], s.analysis())
		j.slices[m.Name] = append(j.slices[m.Name], s.slices()...)
	}
}

// pairs hands on the pairs of the probe, once for each candidate. They are held
// where nobody else takes them, or where a baseline is still to be compared.
func (j *judging) pairs(probe *probes.Probe) error {
	done := map[string]bool{} // candidates
	for _, id := range j.comparisons[probe.ID] {
		if done[id.Candidate] {
			continue
		}
		done[id.Candidate] = true
		for pair := range j.plan.pairsOf(probe, j.sessions[0], j.by[id.Candidate]) {
			if j.holds() {
				j.audit.Pairs = append(j.audit.Pairs, pair)
			}
			if j.options.Pair == nil {
				continue
			}
			if err := j.options.Pair(pair); err != nil {
				return err
			}
		}
	}
	return nil
}

func (j *judging) holds() bool { return j.options.Pair == nil || j.plan.file.Baseline != "" }

// finish judges the audit once all probes are.
func (j *judging) finish(controls *drift.Controls) (*drift.Audit, error) {
	p, a := j.plan, j.audit
	a.Reference, a.Floor = j.sessions[0].describe(), drift.SelfFlips(j.twice)
	a.Controls, a.ControlsOff = controls, !p.file.Controls
	for _, w := range p.suite.Warnings {
		a.Warnings = append(a.Warnings, w.Error())
	}
	p.describe(a, j.sessions)
	describePanel(a, j.sessions[0].panel)
	// The findings of a candidate are one family.
	for _, m := range p.file.Candidates {
		a.Analyses = append(a.Analyses, j.analyses[m.Name]...)
		a.Findings = append(a.Findings, drift.Explore(j.analyses[m.Name], j.slices[m.Name], p.file.Policy.Alpha)...)
	}
	today := j.options.Clock().UTC().Format(time.DateOnly)
	if err := drift.Judge(a, today); err != nil {
		return nil, err
	}
	if err := p.hold(a, today); err != nil {
		return nil, err
	}
	if j.options.Pair != nil {
		a.Pairs = nil
	}
	return a, nil
}
