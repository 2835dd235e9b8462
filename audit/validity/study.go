package main

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/gambit-audit/gambit/drift"
)

// sizes are the numbers of cases that a probe has in a sampled audit. A probe
// with fewer is taken whole.
var sizes = []int{60, 120, 250, 400}

// study is what many sampled audits of one population showed.
type study struct {
	whole      *drift.Audit
	candidates []tallied // by candidate, then by size
	slices     []sliced  // by candidate and comparison, then by size
}

// tallied counts the verdicts of a candidate over audits of one size.
type tallied struct {
	model                 drift.Model
	n                     int // cases a probe, at most
	audits, blocked, pass int
}

// sliced counts the verdicts of one comparison over audits of one size.
type sliced struct {
	of                          *drift.Comparison // over the whole population
	n                           int               // cases of this comparison in a sample, on average
	audits, fail, pass, neither int
}

func newStudy(whole *drift.Audit, audits int, seed uint64) (study, error) {
	s := study{whole: whole}
	byProbe := map[string]map[string][]drift.ProbePair{} // by candidate, then probe
	for _, p := range whole.Pairs {
		if byProbe[p.Candidate] == nil {
			byProbe[p.Candidate] = map[string][]drift.ProbePair{}
		}
		byProbe[p.Candidate][p.Probe] = append(byProbe[p.Candidate][p.Probe], p)
	}
	for _, m := range whole.Candidates {
		for _, n := range sizes {
			if err := s.sample(m, byProbe[m.Name], n, audits, seed); err != nil {
				return s, err
			}
		}
	}
	slices.SortStableFunc(s.slices, func(a, b sliced) int {
		return cmp.Or(cmp.Compare(a.of.Candidate, b.of.Candidate), cmp.Compare(a.of.Probe, b.of.Probe), cmp.Compare(a.of.Group, b.of.Group))
	})
	return s, nil
}

// sample makes the audits of one candidate at one size. The same seed draws the
// same cases for every candidate.
func (s *study) sample(m drift.Model, population map[string][]drift.ProbePair, n, audits int, seed uint64) error {
	total := tallied{model: m, n: n, audits: audits}
	var wholes []*drift.Comparison
	for i := range s.whole.Comparisons {
		if c := &s.whole.Comparisons[i]; c.Candidate == m.Name {
			wholes = append(wholes, c)
		}
	}
	parts := make([]sliced, len(wholes))
	for k := range audits {
		drawn := map[string][]drift.ProbePair{}
		for _, p := range s.whole.Probes { // in one order, so that draws repeat
			r := rand.New(rand.NewPCG(seed, uint64(k)<<16|uint64(n)))
			drawn[p.ID] = draw(population[p.ID], n, r)
		}
		a := &drift.Audit{Policy: s.whole.Policy, Candidates: []drift.Model{m}, Size: s.whole.Size}
		for _, c := range wholes {
			sampled, err := compare(drawn[c.Probe], c, s.whole.Policy)
			if err != nil {
				return err
			}
			a.Comparisons = append(a.Comparisons, sampled)
		}
		if err := drift.Judge(a, "2000-01-01"); err != nil {
			return err
		}
		v := a.Gate.Candidates[0]
		if v.Blocked {
			total.blocked++
		}
		if v.Verdict == drift.VerdictPass {
			total.pass++
		}
		for i, c := range a.Comparisons {
			parts[i].count(c)
		}
	}
	s.candidates = append(s.candidates, total)
	for i, part := range parts {
		part.of, part.audits = wholes[i], audits
		part.n /= audits
		s.slices = append(s.slices, part)
	}
	return nil
}

func (s *sliced) count(c drift.Comparison) {
	s.n += c.N
	switch c.Verdict {
	case drift.VerdictFail:
		s.fail++
	case drift.VerdictPass:
		s.pass++
	default:
		s.neither++
	}
}

// draw takes whole clusters at random, without replacement, until there are n
// pairs.
func draw(pairs []drift.ProbePair, n int, r *rand.Rand) []drift.ProbePair {
	if len(pairs) <= n {
		return pairs
	}
	var order []string
	clusters := map[string][]drift.ProbePair{}
	for _, p := range pairs {
		if clusters[p.Pair.Cluster] == nil {
			order = append(order, p.Pair.Cluster)
		}
		clusters[p.Pair.Cluster] = append(clusters[p.Pair.Cluster], p)
	}
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	var out []drift.ProbePair
	for _, cluster := range order {
		if len(out) >= n {
			break
		}
		out = append(out, clusters[cluster]...)
	}
	return out
}

// compare judges the drawn pairs as the whole comparison was judged.
func compare(drawn []drift.ProbePair, whole *drift.Comparison, policy drift.Policy) (drift.Comparison, error) {
	var pairs []drift.Pair
	for _, p := range drawn {
		if whole.Group == "" || slices.Contains(p.Groups, whole.Group) {
			pairs = append(pairs, p.Pair)
		}
	}
	c, err := drift.Compare(pairs, drift.CompareOptions{
		Margin: whole.Margin, Alpha: policy.Alpha, MaxUndecided: policy.MaxUndecided, Baseline: whole.Baseline,
	})
	c.Probe, c.Candidate, c.Group = whole.Probe, whole.Candidate, whole.Group
	return c, err
}
