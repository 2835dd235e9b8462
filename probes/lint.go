package probes

import (
	"fmt"
	"slices"

	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// Findings are what [Suite.Lint] finds in probes that load, each as
// file:line:col: what, and what to do.
type Findings struct {
	Problems []error // certain mistakes
	Warnings []error // likely ones
}

// Lint looks for what makes a probe say less than it seems to: answers that are
// right too often, or stand in the question, groups that are too small once
// correlated cases are counted for what they are worth, missing sources, wrong
// tags of languages, and characters that look like others. It reads the texts
// of cases and so takes longer than loading.
func (s *Suite) Lint(o LoadOptions) Findings {
	o = o.filled()
	var f Findings
	for _, p := range s.Probes {
		l := linter{Findings: &f, probe: p, options: o}
		l.described()
		l.constants()
		l.echoed()
		l.powered()
		l.languages()
		l.lookalikes()
	}
	return f
}

// linter checks one probe.
type linter struct {
	*Findings
	probe   *Probe
	options LoadOptions
}

// warn adds a warning at the first of the keys that the file has.
func (l linter) warn(keys []string, format string, args ...any) {
	l.Warnings = append(l.Warnings, strictyaml.Position(l.probe.File, l.probe.written.key(keys...), format, args...))
}

// key is the node of the first of the keys that the file has; of none of them,
// that of its id.
func (s *spec) key(names ...string) *yaml.Node {
	for _, name := range append(names, "probe") {
		if i := slices.IndexFunc(s.keys, func(n *yaml.Node) bool { return n.Value == name }); i >= 0 {
			return s.keys[i]
		}
	}
	return s.node
}

// described asks for what every shipped probe tells its readers.
func (l linter) described() {
	if !slices.Contains(append(slices.Clone(Packs), SpecimenPack), l.probe.Pack) {
		return
	}
	if l.probe.About == "" {
		l.warn(nil, "no key \"about\": expected one sentence on what a good model does here")
	}
	if l.probe.Source == "" {
		l.warn(nil, "no key \"source\": expected where the construct, the facts and the figures come from, such as \"Own text.\"")
	}
}

// named is a group for a reader.
func named(group string) string {
	if group == "" {
		return "all cases"
	}
	return fmt.Sprintf("group %s", group)
}

// groups are "", for all cases, and the groups of the cases in order of their
// first case.
func (p *Probe) groups() []string {
	list := []string{""}
	for _, c := range p.Cases() {
		for _, g := range c.Groups {
			if !slices.Contains(list, g) {
				list = append(list, g)
			}
		}
	}
	return list
}
