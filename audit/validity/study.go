package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gambit-audit/gambit/drift"
)

// parts are the sizes of a sampled audit, as parts of standard size. A probe
// with fewer cases is taken whole.
var parts = []float64{0.25, 0.5, 1}

// population is what samples are drawn from.
type population struct {
	audit *drift.Audit
	// standard is the part of each probe's cases that standard size has.
	standard map[string]float64
}

// study is what many sampled audits of one population showed.
type study struct {
	whole      *drift.Audit
	candidates []tallied // by candidate, then by size
	slices     []sliced  // by candidate and comparison, then by size
}

// tallied counts the verdicts of a candidate over audits of one size.
type tallied struct {
	model                 drift.Model
	part                  float64 // of standard size
	audits, blocked, pass int
}

// sliced counts the verdicts of one comparison over audits of one size.
type sliced struct {
	of                          *drift.Comparison // over the whole population
	part                        float64           // of standard size
	n                           int               // cases of this comparison in a sample, on average
	audits, fail, pass, neither int
}

func newStudy(p population, audits int, seed uint64) (study, error) {
	whole := p.audit
	s := study{whole: whole}
	byProbe := map[string]map[string][]drift.ProbePair{} // by candidate, then probe
	for _, pair := range whole.Pairs {
		if byProbe[pair.Candidate] == nil {
			byProbe[pair.Candidate] = map[string][]drift.ProbePair{}
		}
		byProbe[pair.Candidate][pair.Probe] = append(byProbe[pair.Candidate][pair.Probe], pair)
	}
	for _, m := range whole.Candidates {
		for _, part := range parts {
			if err := s.sample(m, byProbe[m.Name], part, p.standard, audits, seed); err != nil {
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
func (s *study) sample(m drift.Model, pairs map[string][]drift.ProbePair, part float64, standard map[string]float64, audits int, seed uint64) error {
	total := tallied{model: m, part: part, audits: audits}
	var wholes []*drift.Comparison
	for i := range s.whole.Comparisons {
		if c := &s.whole.Comparisons[i]; c.Candidate == m.Name {
			wholes = append(wholes, c)
		}
	}
	counts := make([]sliced, len(wholes))
	for k := range audits {
		drawn := map[string][]drift.ProbePair{}
		for _, p := range s.whole.Probes { // in one order, so that draws repeat
			n := int(math.Round(part * standard[p.ID] * float64(len(pairs[p.ID]))))
			drawn[p.ID] = draw(pairs[p.ID], n, rand.New(rand.NewPCG(seed, uint64(k)<<16|uint64(n))))
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
			counts[i].count(c)
		}
	}
	s.candidates = append(s.candidates, total)
	for i, x := range counts {
		x.of, x.part, x.audits = wholes[i], part, audits
		x.n /= audits
		s.slices = append(s.slices, x)
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
