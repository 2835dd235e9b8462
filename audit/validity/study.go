package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gambit-audit/gambit/drift"
)

// parts are the sizes of a sampled audit, as parts of the clusters that standard
// size has.
var parts = []float64{0.25, 0.5, 1}

// population is what samples are drawn from.
type population struct {
	audit *drift.Audit
	// standard tells of each probe how standard size thins it.
	standard map[string]thinning
}

// thinning is the share of the clusters, and the share of the units within each,
// that are kept, both in (0,1].
type thinning struct{ clusters, units float64 }

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
func (s *study) sample(m drift.Model, pairs map[string][]drift.ProbePair, part float64, standard map[string]thinning, audits int, seed uint64) error {
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
			t := standard[p.ID]
			t.clusters *= part
			drawn[p.ID] = draw(pairs[p.ID], t, rand.New(rand.NewPCG(seed, uint64(k))))
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

// draw takes clusters at random, without replacement, and of each the share of
// its pairs.
func draw(pairs []drift.ProbePair, t thinning, r *rand.Rand) []drift.ProbePair {
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
	for _, cluster := range order[:min(len(order), int(math.Ceil(t.clusters*float64(len(order)))))] {
		list := clusters[cluster]
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		out = append(out, list[:some(t.units*float64(len(list)), r)]...)
	}
	return out
}

// some rounds x at random, so that it is x on average.
func some(x float64, r *rand.Rand) int {
	whole := math.Floor(x)
	if r.Float64() < x-whole {
		whole++
	}
	return int(whole)
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
