package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// lengthAxes are the axes that are lengths of context by their name; depthAxis
// is where in it a fact stands.
var lengthAxes = []string{"length", "distance"}

const depthAxis = "depth"

// maxSlices is how many values an axis may have to be explored by value: one of
// more is a list of templates rather than of kinds.
const maxSlices = 20

// subject is one probe as both models answered it.
type subject struct {
	probe                *probes.Probe
	reference, candidate *session
	policy               drift.Policy
	draws                drift.Bootstrapped
	units                []unit
	pairs                []drift.Pair // of the units, in their order
	cases                []drift.Pair // of the cases
}

func (p *Plan) subject(probe *probes.Probe, reference, candidate *session) *subject {
	s := &subject{
		probe: probe, reference: reference, candidate: candidate, policy: p.file.Policy,
		draws: drift.Bootstrapped{Seed: p.file.Seed, Name: probe.ID}, units: units(probe, ""),
	}
	cases := probe.Cases()
	s.cases = make([]drift.Pair, len(cases))
	for i, c := range cases {
		s.cases[i] = drift.Pair{
			Case: c.ID, Cluster: c.Cluster, Reference: reference.observation(c), Candidate: candidate.observation(c),
		}
	}
	if !probe.Bundled() {
		s.pairs = s.cases // each unit is a case
		return s
	}
	s.pairs = make([]drift.Pair, len(s.units))
	for i, u := range s.units {
		s.pairs[i] = drift.Pair{
			Case: u.id, Cluster: u.cases[0].Cluster,
			Reference: u.observe(probe.Relation, reference.observation), Candidate: u.observe(probe.Relation, candidate.observation),
		}
	}
	return s
}

func (s *subject) analysis() drift.Analysis {
	a := drift.Analysis{Probe: s.probe.ID, Candidate: s.candidate.model.Name}
	a.Answers = drift.AnalyseAnswers(s.cases)
	if s.probe.Relation != "" {
		bundles := s.bundles()
		a.Bundles = drift.AnalyseBundles(s.probe.Relation, bundles)
		if s.probe.Relation == "invariant" {
			a.Sets = drift.AnalyseSets(bundles)
		}
	}
	a.Samples = drift.AnalyseSamples(s.pairs)
	a.Lengths = s.lengths()
	a.Depths = s.depths()
	for _, path := range s.probe.CompareBy {
		if groups := drift.AnalyseGroups(s.groups(path), s.groupOptions(path)); groups != nil {
			a.Amplification = append(a.Amplification, *groups)
		}
	}
	s.contents(&a)
	a.Measures = s.measures()
	a.Notes = s.notes(&a)
	return a
}

// contents compares what was written, or what was thought of the options.
func (s *subject) contents(a *drift.Analysis) {
	if s.probe.Cases()[0].OptionLogprob {
		a.Options = drift.AnalyseOptions(s.cases, s.wanted(), s.draws)
		return
	}
	a.Text = drift.AnalyseText(s.cases, s.draws)
	a.Tokens = drift.AnalyseTokens(s.cases)
}

// wanted names the option of each case that is right by itself; empty where
// none or several are.
func (s *subject) wanted() []string {
	list := make([]string, len(s.probe.Cases()))
	for i, c := range s.probe.Cases() {
		right := 0
		for j, o := range c.Options {
			answer := c.Taking(j)
			if c.Steps[0].Want.Score(answer).Outcome == drift.Pass {
				right++
				list[i] = o.Is
			}
		}
		if right != 1 {
			list[i] = ""
		}
	}
	return list
}

// bundles are the cases that are judged together, in case order.
func (s *subject) bundles() []drift.AnsweredBundle {
	var list []drift.AnsweredBundle
	at := map[string]int{}
	for i, c := range s.probe.Cases() {
		k, ok := at[c.Bundle]
		if !ok {
			k = len(list)
			at[c.Bundle] = k
			list = append(list, drift.AnsweredBundle{Cluster: s.cluster(c)})
		}
		list[k].ReferenceMembers = append(list[k].ReferenceMembers, s.cases[i].Reference)
		list[k].CandidateMembers = append(list[k].CandidateMembers, s.cases[i].Candidate)
	}
	for _, u := range s.pairs {
		if k, ok := at[u.Case]; ok {
			list[k].Reference, list[k].Candidate = u.Reference.Outcome, u.Candidate.Outcome
		}
	}
	return list
}

// cluster is what is resampled together with a case: paired bundles may cross
// clusters, and are kept whole then.
func (s *subject) cluster(c *probes.Case) string {
	if s.probe.Relation == "paired" && bundlesCross(s.probe) {
		return c.Bundle
	}
	return c.Cluster
}

func bundlesCross(probe *probes.Probe) bool {
	cluster := map[string]string{}
	for _, c := range probe.Cases() {
		if known, ok := cluster[c.Bundle]; ok && known != c.Cluster {
			return true
		}
		cluster[c.Bundle] = c.Cluster
	}
	return false
}

// axis gives the value of a case at a path.
func axis(c *probes.Case, path string) (string, bool) {
	for _, a := range c.Axes {
		if value, ok := strings.CutPrefix(a, path+"="); ok {
			return value, true
		}
	}
	return "", false
}

// number gives the key of a case on an axis of numbers.
func number(c *probes.Case, name string) (float64, bool) {
	key, ok := axis(c, name)
	if !ok {
		return 0, false
	}
	x, err := strconv.ParseFloat(key, 64)
	return x, err == nil
}

// located places units by a number of their cases, or cases where the units
// hold cases of several numbers. It is nil where a case has no number.
func (s *subject) located(at func(*probes.Case) (float64, bool)) []drift.Located {
	var list []drift.Located
	for i, u := range s.units {
		x, ok := at(u.cases[0])
		for _, c := range u.cases[1:] {
			if y, _ := at(c); y != x {
				return s.locatedCases(at)
			}
		}
		if !ok {
			return nil
		}
		list = append(list, drift.Located{Pair: &s.pairs[i], At: x})
	}
	return list
}

func (s *subject) locatedCases(at func(*probes.Case) (float64, bool)) []drift.Located {
	var list []drift.Located
	for i, c := range s.probe.Cases() {
		x, ok := at(c)
		if !ok {
			return nil
		}
		list = append(list, drift.Located{Pair: &s.cases[i], At: x})
	}
	return list
}

// lengths analyses the axes of length, and those that a slope is declared over.
func (s *subject) lengths() []drift.LengthAnalysis {
	names := slices.Clone(lengthAxes)
	for _, m := range s.probe.Measures {
		if m.Over != "" && !slices.Contains(names, m.Over) {
			names = append(names, m.Over)
		}
	}
	models := [2]string{s.reference.model.Name, s.candidate.model.Name}
	var list []drift.LengthAnalysis
	for _, name := range names {
		if l := drift.AnalyseLengths(name, models, s.located(over(name)), s.draws); l != nil {
			list = append(list, *l)
		}
	}
	return list
}

// over gives a case's number on an axis, or where a declared slope runs.
func over(name string) func(*probes.Case) (float64, bool) {
	return func(c *probes.Case) (float64, bool) {
		for _, m := range c.Measures {
			if m.Over == name {
				return m.At, true
			}
		}
		return number(c, name)
	}
}

func (s *subject) depths() *drift.DepthAnalysis {
	depth := func(c *probes.Case) (float64, bool) { return number(c, depthAxis) }
	cases := s.located(depth)
	if len(cases) == 0 {
		return nil
	}
	var lengths []float64
	for _, name := range lengthAxes {
		if placed := s.located(over(name)); len(placed) == len(cases) {
			for _, c := range placed {
				lengths = append(lengths, c.At)
			}
			break
		}
	}
	return drift.AnalyseDepths(cases, lengths, s.draws)
}

// groups are the units of each group of a path, by value.
func (s *subject) groups(path string) map[string][]*drift.Pair {
	return s.split(func(c *probes.Case) (string, bool) {
		for _, g := range c.Groups {
			if value, ok := strings.CutPrefix(g, path+"="); ok {
				return value, true
			}
		}
		return "", false
	})
}

// split divides the units by a value that all cases of a unit share.
func (s *subject) split(by func(*probes.Case) (string, bool)) map[string][]*drift.Pair {
	groups := map[string][]*drift.Pair{}
	for i, u := range s.units {
		value, ok := by(u.cases[0])
		for _, c := range u.cases[1:] {
			other, has := by(c)
			ok = ok && has && other == value
		}
		if ok {
			groups[value] = append(groups[value], &s.pairs[i])
		}
	}
	return groups
}

func (s *subject) groupOptions(path string) drift.GroupOptions {
	return drift.GroupOptions{
		Path: path, Base: s.probe.Base[path], Alpha: s.policy.Alpha, Seed: s.draws.Seed,
		Margin: func(group string) float64 {
			return s.policy.MarginOf(s.probe.ID, s.probe.Pack, s.probe.Harm, path+"="+group)
		},
	}
}

// slices explores the paths that nobody compares by and that have a few values.
// Of paths that divide the units in the same way, only the first is told.
func (s *subject) slices() []drift.Finding {
	var list []drift.Finding
	known := map[string]bool{}
	for _, path := range s.probe.CompareBy {
		known[s.division(path)] = true
	}
	for _, a := range s.probe.Cases()[0].Axes {
		path, _, _ := strings.Cut(a, "=")
		division := s.division(path)
		if known[division] {
			continue
		}
		known[division] = true
		groups := s.split(func(c *probes.Case) (string, bool) { return axis(c, path) })
		if len(groups) >= 2 && len(groups) <= maxSlices {
			list = append(list, drift.ExploreSlices(s.probe.ID, s.candidate.model.Name, groups, s.groupOptions(path))...)
		}
	}
	return list
}

// division tells how a path divides the units, whatever its values are called.
func (s *subject) division(path string) string {
	var b strings.Builder
	number := map[string]int{}
	for _, u := range s.units {
		value, _ := axis(u.cases[0], path)
		if _, ok := number[value]; !ok {
			number[value] = len(number)
		}
		fmt.Fprint(&b, number[value], " ")
	}
	return b.String()
}

// notes say what has a structure and could not be analysed.
func (s *subject) notes(a *drift.Analysis) []string {
	var list []string
	unanswered := 0
	for i := range s.cases {
		if s.cases[i].Reference.Outcome == drift.Undecided || s.cases[i].Candidate.Outcome == drift.Undecided {
			unanswered++
		}
	}
	if unanswered > 0 {
		list = append(list, fmt.Sprintf("%d of %d cases have no answer from both models and are left out", unanswered, len(s.cases)))
	}
	if s.probe.Relation == "invariant" && a.Sets == nil {
		list = append(list, "sets: undefined: no bundle has a parsed answer to every member from both models")
	}
	for _, g := range a.Amplification {
		if base := s.probe.Base[g.Path]; base != g.Base {
			list = append(list, fmt.Sprintf("%s: the base %s has no answered case, so groups are compared with all others", g.Path, base))
		}
	}
	return list
}
