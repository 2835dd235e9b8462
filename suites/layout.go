package suites

import (
	"fmt"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
)

// layOut makes the tree: pack, probe, candidate, and below them a spec for each
// comparison and each mandatory case; then the controls.
func (s *suite) layOut() *node {
	root := &node{}
	l := layout{suite: s, root: root, probes: map[string]*probes.Probe{}, cases: map[string]*probes.Case{}}
	for _, p := range s.plan.Suite().Probes {
		l.probes[p.ID] = p
		for _, c := range p.Cases() {
			l.cases[c.ID] = c
		}
	}
	for _, id := range s.plan.Comparisons() {
		l.comparison(id)
	}
	for _, id := range s.plan.Mandatory() {
		l.mandatory(id)
	}
	for _, c := range s.plan.File().Candidates {
		if c.Expect == drift.ExpectBlocked {
			l.control(c.Name)
		}
	}
	root.split()
	return root
}

type layout struct {
	*suite
	root   *node
	probes map[string]*probes.Probe
	cases  map[string]*probes.Case
}

// container is the one of a candidate's specs on a probe.
func (l layout) container(p *probes.Probe, candidate string) *node {
	pack := l.root.child(p.Pack, label("pack", p.Pack))
	probe := pack.child(p.ID, label("probe", p.ID), label("harm", p.Harm))
	probe.at = types.CodeLocation{FileName: p.File, LineNumber: p.Line}
	c := probe.child(candidate, label("candidate", candidate))
	c.at = probe.at
	return c
}

func (l layout) comparison(id audit.ComparisonID) {
	p := l.probes[id.Probe]
	in := l.container(p, id.Candidate)
	in.add(&node{
		text: claim(id.Group, l.plan.File().Policy.MarginOf(p.ID, p.Pack, p.Harm, id.Group)), at: in.at,
		pick: func(s *selection) { s.comparisons[id] = true },
		body: func(ctx ginkgo.SpecContext) { l.reportComparison(ctx, id) },
	})
}

// claim is what a comparison has to show, as the text of its spec.
func claim(group string, margin float64) string {
	text := fmt.Sprintf("loses no more than %.3g points", 100*margin)
	switch group {
	case "":
		return text
	case "guard":
		return text + " in the guarded cases"
	}
	return text + " in " + group
}

func (l layout) mandatory(id audit.MandatoryID) {
	c := l.cases[id.Case]
	l.container(c.Probe, id.Candidate).add(&node{
		text: "passes the mandatory case " + id.Case,
		at:   types.CodeLocation{FileName: c.Probe.File, LineNumber: c.Line},
		pick: func(s *selection) { s.mandatory[id] = true },
		body: func(ctx ginkgo.SpecContext) { l.reportMandatory(ctx, id) },
	})
}

func (l layout) control(candidate string) {
	at := types.CodeLocation{FileName: l.plan.File().Name, LineNumber: 1}
	in := l.root.child("controls", "controls").child(candidate, label("candidate", candidate))
	in.at = at
	in.add(&node{
		text: "is blocked, as a control with known damage must be", at: at,
		pick: func(s *selection) { s.controls[candidate] = true },
		body: func(ctx ginkgo.SpecContext) { l.reportControl(ctx, candidate) },
	})
}
