package drift

import (
	"fmt"
	"iter"
)

// bootstrapTimes is how often a bootstrap draws.
const bootstrapTimes = 9_999

// Bootstrapped seeds the bootstraps of one analysis. Each statistic draws from
// a stream of its own, named after Name and the statistic.
type Bootstrapped struct {
	Seed uint64
	// Name tells analyses apart, e.g. the id of a probe. The candidate is no
	// part of it: all candidates are judged on the same draws.
	Name string
}

func (b Bootstrapped) stream(statistic string) stream {
	return newStream(b.Seed, b.Name+" "+statistic)
}

// draws ranges over the lists that [Resamples] makes, each in the place of the
// one before it.
func (b Bootstrapped) draws(clusters int, statistic string) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		from, draw := b.stream(statistic), make([]int, clusters)
		for range bootstrapTimes {
			for i := range draw {
				draw[i] = from.below(clusters)
			}
			if !yield(draw) {
				return
			}
		}
	}
}

// sums keeps, for each cluster and each of the two models, the sums that a
// statistic is computed from.
type sums struct {
	size     int // sums a model
	number   map[string]int
	clusters []clusterSums
}

type clusterSums [2][]float64 // of the reference, of the candidate

func newSums(size int) *sums { return &sums{size: size, number: map[string]int{}} }

func (s *sums) add(cluster string, side, at int, x float64) {
	g, ok := s.number[cluster]
	if !ok {
		g = len(s.clusters)
		s.number[cluster] = g
		s.clusters = append(s.clusters, clusterSums{make([]float64, s.size), make([]float64, s.size)})
	}
	s.clusters[g][side][at] += x
}

// statistic computes a number from sums. It is not ok where the number is
// undefined.
type statistic func(sums []float64) (x float64, ok bool)

// total adds up clusters.
func (s *sums) total(clusters iter.Seq[int]) clusterSums {
	t := clusterSums{make([]float64, s.size), make([]float64, s.size)}
	for g := range clusters {
		for side := range t {
			for i, x := range s.clusters[g][side] {
				t[side][i] += x
			}
		}
	}
	return t
}

func (s *sums) all(but int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for g := range s.clusters {
			if g != but && !yield(g) {
				return
			}
		}
	}
}

// difference is the candidate's statistic less the reference's.
func (t clusterSums) difference(f statistic) (float64, bool) {
	reference, ok := f(t[0])
	candidate, both := f(t[1])
	return candidate - reference, ok && both
}

// comparedStatistic is a statistic of both models. Why says why a part of it is
// missing, and P is nil without an interval.
type comparedStatistic struct {
	Change
	P   *float64
	Why string
}

// change compares a statistic, with a bootstrap interval over clusters, for
// which no formula is at hand. Draws in which it is undefined are left out; if
// there are too many of them, there is no interval.
func (s *sums) change(f statistic, b Bootstrapped, name string) comparedStatistic {
	t := s.total(s.all(-1))
	var c comparedStatistic
	c.Reference, c.Candidate = defined(f(t[0])), defined(f(t[1]))
	estimate, ok := t.difference(f)
	switch {
	case !ok:
		c.Why = "undefined: nothing to divide by"
		return c
	case len(s.clusters) < 2:
		c.Change.Change, c.Why = &estimate, "no interval: one cluster"
		return c
	}
	c.Change.Change = &estimate
	replicates, jackknife := s.resample(f, b.stream(name))
	c.interval(estimate, replicates, jackknife)
	return c
}

func defined(x float64, ok bool) *float64 {
	if !ok {
		return nil
	}
	return &x
}

func (s *sums) resample(f statistic, from stream) (replicates, jackknife []float64) {
	n := len(s.clusters)
	for range bootstrapTimes {
		t := s.total(func(yield func(int) bool) {
			for range n {
				if !yield(from.below(n)) {
					return
				}
			}
		})
		if x, ok := t.difference(f); ok {
			replicates = append(replicates, x)
		}
	}
	for g := range n {
		if x, ok := s.total(s.all(g)).difference(f); ok {
			jackknife = append(jackknife, x)
		}
	}
	return replicates, jackknife
}

// maxUndefined is the share of draws that may be undefined.
const maxUndefined = 0.05

func (c *comparedStatistic) interval(estimate float64, replicates, jackknife []float64) {
	undefined := bootstrapTimes - len(replicates)
	if float64(undefined) > maxUndefined*bootstrapTimes {
		c.Why = fmt.Sprintf("no interval: undefined in %s of %s draws", count(undefined), count(bootstrapTimes))
		return
	}
	i, err := BCaInterval(estimate, replicates, jackknife, reportConfidence)
	if err != nil || i.High-i.Low < rounding {
		c.Why = "no interval: all draws are alike"
		return
	}
	c.Interval, c.Method = &i.Interval, i.Method
	low, high := 0, 0
	for _, r := range replicates {
		if r <= rounding {
			low++
		}
		if r >= -rounding {
			high++
		}
	}
	c.P = pointer(min(1, 2*float64(1+min(low, high))/float64(len(replicates)+1)))
}

// meanOf is the mean of values over clusters, with a bootstrap interval.
func meanOf(values []float64, clusters []string, b Bootstrapped, name string) Mean {
	s := newSums(2)
	for i, x := range values {
		s.add(clusters[i], 1, 0, x)
		s.add(clusters[i], 1, 1, 1)
		s.add(clusters[i], 0, 1, 1) // the reference's sum stays 0
	}
	c := s.change(func(v []float64) (float64, bool) { return v[0] / v[1], v[1] > 0 }, b, name)
	m := Mean{Interval: c.Interval, Method: c.Method}
	if c.Candidate != nil {
		m.Mean = *c.Candidate
	}
	return m
}
