package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

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
	first       []*probes.Case  // of each probe that has any
	repeated    map[uint64]bool // see [openings.repeated]

	mu        sync.Mutex
	baselines map[ComparisonID]*float64 // that are known, without a candidate
	filtered  bool                      // Select has left comparisons out
}

// Plan loads the probes of the file and plans the audit.
func (f *File) Plan() (*Plan, error) {
	suite, err := f.LoadProbes()
	if err != nil {
		return nil, err
	}
	return NewPlan(f, suite)
}

// NewPlan lists every comparison of the audit: for each probe and candidate,
// all cases and each group; and every mandatory case.
func NewPlan(f *File, suite *probes.Suite) (*Plan, error) {
	p := &Plan{file: f, suite: suite}
	var all openings
	for _, probe := range suite.Probes {
		all.add(probe.Cases())
		if len(probe.Cases()) > 0 {
			p.first = append(p.first, probe.Cases()[0])
		}
		groups := groupsOf(probe)
		for _, c := range f.Candidates {
			for _, g := range groups {
				p.comparisons = append(p.comparisons, ComparisonID{probe.ID, c.Name, g})
			}
			for _, k := range probe.Cases() {
				if k.Mandatory {
					p.mandatory = append(p.mandatory, MandatoryID{k.ID, c.Name})
				}
			}
		}
		probe.Forget()
	}
	if len(p.first) == 0 {
		return nil, errors.New("zero cases: expected probes with at least one case")
	}
	p.repeated = all.repeated()
	p.index()
	return p, errors.Join(p.checkPatterns(), f.lacking(p.first))
}

// groupsOf lists "" for all cases, then the groups in order of path and of
// first appearance, "guard" last.
func groupsOf(probe *probes.Probe) []string {
	groups := []string{""}
	add := func(keep func(string) bool) {
		for _, c := range probe.Cases() {
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

// checkPatterns refuses tiers, waivers and margins that match nothing: a typing
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
	for _, glob := range p.file.Policy.Blocking {
		check("tiers.blocking", glob)
	}
	for _, w := range p.file.Policy.Waivers {
		check("waiver", w.Probe)
	}
	for i, r := range p.file.Policy.Margins {
		if !p.hasMargin(r) {
			errs = append(errs, fmt.Errorf("%s: rule %d of margins matches no comparison: expected the harm, pack, probe and group of one",
				p.file.Name, i+1))
		}
	}
	for _, c := range p.file.Candidates {
		if c.Planted != nil && c.Planted.Group != "" && !p.hasGroup(c.Planted.Group) {
			errs = append(errs, fmt.Errorf("%s: candidate %s: group %q has no case: expected a group that a probe compares by, such as %q",
				p.file.Name, c.Name, c.Planted.Group, p.anyGroup()))
		}
	}
	return errors.Join(errs...)
}

// hasMargin tells whether a rule is for any comparison.
func (p *Plan) hasMargin(r drift.MarginRule) bool {
	return slices.ContainsFunc(p.comparisons, func(id ComparisonID) bool {
		probe := p.probe(id.Probe)
		return r.Matches(probe.ID, probe.Pack, probe.Harm, id.Group)
	})
}

func (p *Plan) hasGroup(group string) bool {
	return slices.ContainsFunc(p.comparisons, func(id ComparisonID) bool { return id.Group == group })
}

// anyGroup is a group of the audit, for an example.
func (p *Plan) anyGroup() string {
	for _, id := range p.comparisons {
		if id.Group != "" {
			return id.Group
		}
	}
	return "tier=tail"
}

// Comparisons lists what is compared, in order of probe, candidate and group.
func (p *Plan) Comparisons() []ComparisonID { return slices.Clone(p.comparisons) }

// Mandatory lists the cases that candidates must pass.
func (p *Plan) Mandatory() []MandatoryID { return slices.Clone(p.mandatory) }

// File is the audit file of the plan, and Suite its probes.
func (p *Plan) File() *File          { return p.file }
func (p *Plan) Suite() *probes.Suite { return p.suite }

// Select keeps the comparisons and mandatory cases that the functions accept,
// so that only what they need is asked. A candidate with nothing left leaves
// the audit, and a control is held to be blocked only where all of its
// comparisons are left: it may be blocked by one that is not made. Nothing left
// at all is an error.
func (p *Plan) Select(keep func(ComparisonID) bool, keepMandatory func(MandatoryID) bool) error {
	before := p.comparisons
	p.comparisons = slices.DeleteFunc(slices.Clone(before), func(id ComparisonID) bool { return !keep(id) })
	p.mandatory = slices.DeleteFunc(slices.Clone(p.mandatory), func(id MandatoryID) bool { return !keepMandatory(id) })
	p.index()
	if len(p.comparisons)+len(p.mandatory) == 0 {
		return errors.New("nothing to compare: the filters leave no comparison and no mandatory case")
	}
	p.filtered = p.filtered || len(p.comparisons) < len(before)
	p.narrow(before)
	return nil
}

// hash tells plans apart: it is the audit file's, or, where filters have left
// something out, one over what is left.
func (p *Plan) hash() string {
	if !p.filtered {
		return p.file.Hash
	}
	h := sha256.New()
	fmt.Fprintln(h, p.file.Hash)
	for _, id := range p.comparisons {
		fmt.Fprintf(h, "%q %q %q\n", id.Probe, id.Candidate, id.Group)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// narrow makes the candidates fit what is left of the comparisons before.
func (p *Plan) narrow(before []ComparisonID) {
	left, partial := map[string]bool{}, map[string]bool{}
	for _, id := range p.mandatory {
		left[id.Candidate] = true
	}
	for _, id := range before {
		if p.groups[id] {
			left[id.Candidate] = true
		} else {
			partial[id.Candidate] = true
		}
	}
	f := *p.file
	f.Candidates = slices.DeleteFunc(slices.Clone(f.Candidates), func(m Model) bool { return !left[m.Name] })
	for i, m := range f.Candidates {
		if m.Expect == drift.ExpectBlocked && partial[m.Name] {
			f.Candidates[i].Expect = drift.ExpectAny
		}
	}
	p.file = &f
}

// Note adds a note that every report of the audit prints.
func (p *Plan) Note(text string) {
	f := *p.file
	f.Notes = append(slices.Clone(f.Notes), text)
	p.file = &f
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

// neededByAny tells whether any candidate is asked a case.
func (p *Plan) neededByAny(c *probes.Case) bool {
	return slices.ContainsFunc(p.file.Candidates, func(m Model) bool { return p.needs(m.Name, c) })
}

// cases lists the cases that a model is asked; the reference is asked once for
// all candidates, and the guard of every probe that is compared.
func (p *Plan) cases(model string) []*probes.Case {
	var list []*probes.Case
	for _, probe := range p.suite.Probes {
		list = append(list, p.casesOf(model, probe)...)
	}
	return list
}

// casesOf are the cases of one probe that a model is asked.
func (p *Plan) casesOf(model string, probe *probes.Probe) []*probes.Case {
	reference := model == p.file.Reference.Name
	guarded := reference && probe.GuardAtLeast != nil && p.compares(probe)
	var list []*probes.Case
	for _, c := range probe.Cases() {
		needed := p.needs(model, c) || reference && p.neededByAny(c)
		if needed || guarded && slices.Contains(c.Groups, "guard") {
			list = append(list, c)
		}
	}
	return list
}

// firstCases are the first cases of the probes that are asked.
func (p *Plan) firstCases() []*probes.Case {
	return slices.DeleteFunc(slices.Clone(p.first), func(c *probes.Case) bool {
		return !p.compares(c.Probe) && !slices.ContainsFunc(p.mandatory, func(id MandatoryID) bool { return probeOf(id) == c.Probe.ID })
	})
}

// probeOf is the id of the probe that a mandatory case is of.
func probeOf(id MandatoryID) string {
	probe, _, _ := strings.Cut(id.Case, "/")
	return probe
}

// compares tells whether a comparison is of the probe.
func (p *Plan) compares(probe *probes.Probe) bool {
	return slices.ContainsFunc(p.comparisons, func(id ComparisonID) bool { return id.Probe == probe.ID })
}
