package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// ComparisonID names one comparison: a probe, a candidate and a group, or all
// cases where Group is empty.
type ComparisonID struct{ Probe, Candidate, Group string }

// MandatoryID names one case that a candidate must pass.
type MandatoryID struct{ Case, Candidate string }

// Plan is what an audit will ask and compare.
type Plan struct {
	file        *File
	suite       *probes.Suite
	comparisons []ComparisonID
	mandatory   []MandatoryID
	groups      map[ComparisonID]bool // the selected comparisons
	must        map[MandatoryID]bool
}

// NewPlan lists every comparison of the audit: for each probe and candidate,
// all cases and each group; and every mandatory case.
func NewPlan(f *File, suite *probes.Suite) (*Plan, error) {
	p := &Plan{file: f, suite: suite}
	cases := 0
	for _, probe := range suite.Probes {
		cases += len(probe.Cases)
		groups := groupsOf(probe)
		for _, c := range f.Candidates {
			for _, g := range groups {
				p.comparisons = append(p.comparisons, ComparisonID{probe.ID, c.Name, g})
			}
			for _, k := range probe.Cases {
				if k.Mandatory {
					p.mandatory = append(p.mandatory, MandatoryID{k.ID, c.Name})
				}
			}
		}
	}
	if cases == 0 {
		return nil, errors.New("zero cases: expected probes with at least one case")
	}
	p.index()
	return p, p.checkPatterns()
}

// groupsOf lists "" for all cases, then the groups in order of path and of
// first appearance, "guard" last.
func groupsOf(probe *probes.Probe) []string {
	groups := []string{""}
	add := func(keep func(string) bool) {
		for _, c := range probe.Cases {
			for _, g := range c.Groups {
				if keep(g) && !slices.Contains(groups, g) {
					groups = append(groups, g)
				}
			}
		}
	}
	for _, path := range probe.CompareBy {
		add(func(g string) bool { return strings.HasPrefix(g, path+"=") })
	}
	add(func(g string) bool { return g == "guard" })
	return groups
}

func (p *Plan) index() {
	p.groups, p.must = map[ComparisonID]bool{}, map[MandatoryID]bool{}
	for _, id := range p.comparisons {
		p.groups[id] = true
	}
	for _, id := range p.mandatory {
		p.must[id] = true
	}
}

// checkPatterns refuses advisory globs and waivers that match no probe: a typing
// error there would block, or let pass, in silence.
func (p *Plan) checkPatterns() error {
	var errs []error
	check := func(what, glob string) {
		for _, probe := range p.suite.Probes {
			if drift.MatchesProbe(glob, probe.ID) {
				return
			}
		}
		errs = append(errs, fmt.Errorf("%s: %s %q matches no probe: expected the id of one, or a pattern such as edge.stability.*",
			p.file.Name, what, glob))
	}
	for _, glob := range p.file.Policy.Advisory {
		check("tiers.advisory", glob)
	}
	for _, w := range p.file.Policy.Waivers {
		check("waiver", w.Probe)
	}
	return errors.Join(errs...)
}

// Comparisons lists what is compared, in order of probe, candidate and group.
func (p *Plan) Comparisons() []ComparisonID { return slices.Clone(p.comparisons) }

// Mandatory lists the cases that candidates must pass.
func (p *Plan) Mandatory() []MandatoryID { return slices.Clone(p.mandatory) }

// File is the audit file of the plan, and Suite its probes.
func (p *Plan) File() *File          { return p.file }
func (p *Plan) Suite() *probes.Suite { return p.suite }

// Select keeps the comparisons and mandatory cases that the functions accept,
// so that only what they need is asked. Nothing left is an error.
func (p *Plan) Select(keep func(ComparisonID) bool, keepMandatory func(MandatoryID) bool) error {
	p.comparisons = slices.DeleteFunc(slices.Clone(p.comparisons), func(id ComparisonID) bool { return !keep(id) })
	p.mandatory = slices.DeleteFunc(slices.Clone(p.mandatory), func(id MandatoryID) bool { return !keepMandatory(id) })
	p.index()
	if len(p.comparisons)+len(p.mandatory) == 0 {
		return errors.New("nothing to compare: the filters leave no comparison and no mandatory case")
	}
	return nil
}

// needs tells whether a candidate is asked a case, by what is selected.
func (p *Plan) needs(candidate string, c *probes.Case) bool {
	if p.groups[ComparisonID{c.Probe.ID, candidate, ""}] || p.must[MandatoryID{c.ID, candidate}] {
		return true
	}
	return slices.ContainsFunc(c.Groups, func(g string) bool {
		return p.groups[ComparisonID{c.Probe.ID, candidate, g}]
	})
}

// cases lists the cases that a model is asked; the reference is asked once for
// all candidates, and the guard of every probe that is compared.
func (p *Plan) cases(model string) []*probes.Case {
	reference := model == p.file.Reference.Name
	compared := map[string]bool{}
	for _, id := range p.comparisons {
		compared[id.Probe] = true
	}
	var list []*probes.Case
	for _, probe := range p.suite.Probes {
		guarded := reference && probe.GuardAtLeast != nil && compared[probe.ID]
		for _, c := range probe.Cases {
			needed := slices.ContainsFunc(p.file.Candidates, func(m Model) bool {
				return (m.Name == model || reference) && p.needs(m.Name, c)
			})
			if needed || guarded && slices.Contains(c.Groups, "guard") {
				list = append(list, c)
			}
		}
	}
	return list
}
