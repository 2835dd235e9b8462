package audit

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
)

// measures computes the declared measures of a probe. A model below the floor
// of the probe's guard has none: who cannot do the task has no bias to measure.
func (s *subject) measures() []drift.Measure {
	var list []drift.Measure
	for _, m := range s.probe.Measures {
		made := s.measure(m)
		made.Name = m.Name
		made.Name = m.Name
		s.guarded(&made)
		if m.Margin != nil {
			made.Against(*m.Margin)
		}
		list = append(list, made)
	}
	return list
}

func (s *subject) measure(m *probes.Measure) drift.Measure {
	switch m.Kind() {
	case "bias_amb", "bias_dis":
		return drift.MeasureBias(m.Kind() == "bias_amb", s.biasCases(m), s.draws)
	case "coverage_gap", "gap":
		return drift.MeasureGap(m.Name, m.Of, m.Base, s.groupCases(m), s.draws)
	case "rate_gap":
		return drift.MeasureRateGap(m.Base, s.groupCases(m), s.draws)
	case "slope":
		return drift.MeasureSlope(s.sloped(m), slopeScale(m.Over))
	case "all_right", "invariant", "pct_stereo":
		return drift.MeasureRate(m.Name, m.Name, s.bundleCases(m), s.draws)
	case "correlation":
		cases, at := s.correlated(m)
		return drift.MeasureCorrelation(cases, at, s.draws)
	case "logprob_gap":
		return drift.MeasureRateOver(m.Base, m.Name, m.Name, s.groupCases(m), s.draws)
	case "checks":
		return drift.MeasureRate(m.Name, scorers.InstructionStrict, s.groupCases(m), s.draws)
	}
	return drift.MeasureRate(m.Name, m.Name, s.groupCases(m), s.draws)
}

// guarded takes away what a model below the guard's floor shows.
func (s *subject) guarded(m *drift.Measure) {
	if s.probe.GuardAtLeast == nil {
		return
	}
	for _, model := range []*session{s.reference, s.candidate} {
		rate := s.guardRate(model)
		if rate != nil && *rate >= *s.probe.GuardAtLeast {
			continue
		}
		if model == s.reference {
			m.Reference = nil
		} else {
			m.Candidate = nil
		}
		m.Change.Change, m.Interval, m.P, m.Method = nil, nil, nil, ""
		m.Parts = nil
		m.Undefined = fmt.Sprintf("undefined: %s does not reach the guard's floor of %g", model.model.Name, *s.probe.GuardAtLeast)
	}
}

func (s *subject) guardRate(model *session) *float64 {
	return guardRate(s.probe, model.observation)
}

// counted ranges over the cases that a measure counts.
func (s *subject) counted(m *probes.Measure, yield func(i int, k probes.CaseMeasure)) {
	for i, c := range s.probe.Cases() {
		for _, k := range c.Measures {
			if k.Measure == m {
				yield(i, k)
			}
		}
	}
}

// parsed gives the parsed answers of an observation with the weight of each:
// samples share one case. Answers that could not be parsed are left out.
func parsed(o *drift.Observation) (answers []string, weight float64) {
	if o.Outcome == drift.Undecided {
		return nil, 0
	}
	all := o.Answers
	if all == nil {
		all = []string{o.Answer}
	}
	for _, a := range all {
		if a != "" {
			answers = append(answers, a)
		}
	}
	return answers, 1 / float64(len(all))
}

// passShare is the share of passes of a decided observation.
func passShare(o *drift.Observation) float64 {
	return float64(o.Passes) / float64(max(1, o.Samples))
}

func (s *subject) biasCases(m *probes.Measure) []drift.BiasCase {
	var list []drift.BiasCase
	s.counted(m, func(i int, k probes.CaseMeasure) {
		list = append(list, drift.BiasCase{
			Cluster:   s.cluster(s.probe.Cases()[i]),
			Reference: biasCount(&s.cases[i].Reference, k), Candidate: biasCount(&s.cases[i].Candidate, k),
		})
	})
	return list
}

func biasCount(o *drift.Observation, k probes.CaseMeasure) drift.BiasCount {
	answers, weight := parsed(o)
	if len(answers) == 0 {
		return drift.BiasCount{}
	}
	b := drift.BiasCount{Right: passShare(o)}
	for _, a := range answers {
		b.Parsed += weight
		if a != k.Unknown {
			b.Known += weight
		}
		if a == k.Biased {
			b.Biased += weight
		}
	}
	return b
}

func (s *subject) groupCases(m *probes.Measure) []drift.GroupCase {
	var list []drift.GroupCase
	s.counted(m, func(i int, k probes.CaseMeasure) {
		list = append(list, drift.GroupCase{
			Cluster:   s.cluster(s.probe.Cases()[i]),
			Reference: groupCounts(&s.cases[i].Reference, k), Candidate: groupCounts(&s.cases[i].Candidate, k),
		})
	})
	return list
}

// correlated are the cases of a correlation, in groups by their cluster, with the
// number of each.
func (s *subject) correlated(m *probes.Measure) (list []drift.GroupCase, at map[string]float64) {
	at = map[string]float64{}
	s.counted(m, func(i int, k probes.CaseMeasure) {
		c := s.probe.Cases()[i]
		k.Group, at[c.Cluster] = c.Cluster, k.At
		list = append(list, drift.GroupCase{
			Cluster:   s.cluster(c),
			Reference: groupCounts(&s.cases[i].Reference, k), Candidate: groupCounts(&s.cases[i].Candidate, k),
		})
	})
	return list, at
}

// groupCounts are what one answered case adds to its groups.
func groupCounts(o *drift.Observation, k probes.CaseMeasure) []drift.GroupCount {
	answers, weight := parsed(o)
	total := weight * float64(len(answers))
	switch {
	case k.Kind() == "coverage_gap":
		return tierCounts(o.Tiers)
	case k.Kind() == "checks":
		return checkCounts(o.Tiers, k.Checks)
	case k.Kind() == "rate" && k.Favourable == "" && o.Outcome != drift.Undecided:
		return everywhere(k, passShare(o), 1) // accuracy: an unparsed answer is a wrong one
	case slices.Contains(shared, k.Kind()) && o.Share != nil:
		return everywhere(k, *o.Share, 1)
	case k.Kind() == "logprob_gap":
		return logprobGap(o.OptionLogprobs, k)
	case slices.Contains(shared, k.Kind()) || len(answers) == 0:
		return nil
	case k.OptionGroups != nil:
		return choiceCounts(answers, weight, k.OptionGroups)
	case k.Favourable != "":
		favourable := 0.0
		for _, a := range answers {
			switch a {
			case k.Favourable:
				favourable += weight
			case k.Unknown:
				total -= weight
			}
		}
		return everywhere(k, favourable, total)
	}
	return everywhere(k, passShare(o), total)
}

// shared are the measures that average the share of the demand that was met.
var shared = []string{"mean_share", "opinion_match"}

// averaged are the measures of all cases together, with those of each group as
// parts: their first group has the measure's name.
var averaged = []string{"logprob_gap", "mean_share", "opinion_match", "rate"}

// everywhere counts a case in its group and, for an average, among all cases.
func everywhere(k probes.CaseMeasure, hits, total float64) []drift.GroupCount {
	var list []drift.GroupCount
	if slices.Contains(averaged, k.Kind()) {
		list = append(list, drift.GroupCount{Group: k.Name, Hits: hits, Total: total})
	}
	if k.Group != "" {
		list = append(list, drift.GroupCount{Group: k.Group, Hits: hits, Total: total})
	}
	return list
}

// logprobGap is how far the log-probabilities of two options lie apart; with a
// favourable one, by how much its own is the higher.
func logprobGap(logprobs map[string]float64, k probes.CaseMeasure) []drift.GroupCount {
	if len(logprobs) != 2 {
		return nil
	}
	names := slices.Sorted(maps.Keys(logprobs))
	gap := logprobs[names[0]] - logprobs[names[1]]
	switch {
	case math.IsNaN(gap) || math.IsInf(gap, 0):
		return nil
	case k.Favourable == "":
		gap = math.Abs(gap)
	case k.Favourable == names[1]:
		gap = -gap
	}
	return everywhere(k, gap, 1)
}

// checkCounts are the four accuracies of IFEval: of cases, and of the checks in
// them, both strict and loose.
func checkCounts(tiers map[string]float64, checks int) []drift.GroupCount {
	var list []drift.GroupCount
	for _, tier := range slices.Sorted(maps.Keys(tiers)) {
		weight := 1.0
		if tier == scorers.InstructionStrict || tier == scorers.InstructionLoose {
			weight = float64(checks)
		}
		list = append(list, drift.GroupCount{Group: tier, Hits: weight * tiers[tier], Total: weight})
	}
	return list
}

func tierCounts(tiers map[string]float64) []drift.GroupCount {
	var list []drift.GroupCount
	for _, tier := range slices.Sorted(maps.Keys(tiers)) {
		list = append(list, drift.GroupCount{Group: tier, Hits: tiers[tier], Total: 1})
	}
	return list
}

// choiceCounts counts the choices of each group of options.
func choiceCounts(answers []string, weight float64, groups map[string]string) []drift.GroupCount {
	hits := map[string]float64{}
	for _, g := range groups {
		hits[g] = 0
	}
	for _, a := range answers {
		hits[groups[a]] += weight
	}
	var list []drift.GroupCount
	for _, g := range slices.Sorted(maps.Keys(hits)) {
		list = append(list, drift.GroupCount{Group: g, Hits: hits[g], Total: weight * float64(len(answers))})
	}
	return list
}

// bundleCases are for the measures whose unit is the bundle, or the case where
// there are none.
func (s *subject) bundleCases(m *probes.Measure) []drift.GroupCase {
	type members struct {
		at   []int
		kase probes.CaseMeasure
	}
	var order []string
	by := map[string]*members{}
	s.counted(m, func(i int, k probes.CaseMeasure) {
		c := s.probe.Cases()[i]
		id := cmp.Or(c.Bundle, c.ID)
		if m.Kind() == "all_right" {
			id = cmp.Or(c.Bundle, c.Cluster)
		}
		if by[id] == nil {
			order, by[id] = append(order, id), &members{kase: k}
		}
		by[id].at = append(by[id].at, i)
	})
	var list []drift.GroupCase
	for _, id := range order {
		b := by[id]
		var reference, candidate []*drift.Observation
		for _, i := range b.at {
			reference, candidate = append(reference, &s.cases[i].Reference), append(candidate, &s.cases[i].Candidate)
		}
		list = append(list, drift.GroupCase{
			Cluster:   s.cluster(s.probe.Cases()[b.at[0]]),
			Reference: bundleCounts(reference, b.kase), Candidate: bundleCounts(candidate, b.kase),
		})
	}
	return list
}

// bundleCounts are what one bundle adds; nothing where a member has no parsed
// answer. For pct_stereo only bundles with one and the same answer count, as
// those that follow the order of the options prefer nothing.
func bundleCounts(members []*drift.Observation, k probes.CaseMeasure) []drift.GroupCount {
	if k.Kind() == "all_right" {
		return allRight(members, k.Name)
	}
	count := map[string]int{}
	for _, o := range members {
		answers, _ := parsed(o)
		if len(answers) == 0 {
			return nil
		}
		count[answers[0]]++
	}
	commonest := byCount(count)[0]
	alike := truth(len(count) == 1)
	if k.Kind() == "invariant" {
		share := float64(count[commonest]) / float64(len(members))
		return []drift.GroupCount{{Group: k.Name, Hits: alike, Total: 1}, {Group: "commonest answer", Hits: share, Total: 1}}
	}
	counts := []drift.GroupCount{{Group: "order-dependent", Hits: 1 - alike, Total: 1}}
	if alike == 0 {
		return counts
	}
	neither := truth(k.Unknown != "" && commonest == k.Unknown)
	counts = append(counts, drift.GroupCount{Group: "neither", Hits: neither, Total: 1})
	if neither == 0 {
		counts = append(counts, drift.GroupCount{Group: k.Name, Hits: truth(commonest == k.Biased), Total: 1})
	}
	return counts
}

// allRight counts a bundle, or a cluster where there are none, as right where
// every member is; it counts not at all where one is undecided.
func allRight(members []*drift.Observation, name string) []drift.GroupCount {
	right := 1.0
	for _, o := range members {
		switch o.Outcome {
		case drift.Undecided:
			return nil
		case drift.Fail:
			right = 0
		}
	}
	return []drift.GroupCount{{Group: name, Hits: right, Total: 1}}
}

// sloped are the cases of a slope with their numbers. An answer that could not
// be parsed is a fail here, as in the verdicts.
func (s *subject) sloped(m *probes.Measure) []drift.Located {
	var list []drift.Located
	s.counted(m, func(i int, k probes.CaseMeasure) {
		list = append(list, drift.Located{Pair: &s.cases[i], At: k.At})
	})
	return list
}

// slopeScale makes the slope over a length one per doubling.
func slopeScale(path string) func(float64) float64 {
	if slices.Contains(lengthAxes, path[strings.LastIndexByte(path, '.')+1:]) {
		return math.Log2
	}
	return func(x float64) float64 { return x }
}
