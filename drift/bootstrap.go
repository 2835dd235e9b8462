package drift

import (
	"fmt"
	"iter"
	"slices"
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

// draws draws clusters with replacement: lists of as many cluster numbers as
// there are clusters, each in the place of the one before it. The same seed and
// names give the same draws for ever.
func (b Bootstrapped) draws(clusters int, statistic string) iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		from, draw := newStream(b.Seed, b.Name+" "+statistic), make([]int, clusters)
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
	size   int // sums a model
	number numbering
	// rows are those of one cluster after another: the reference's, then the
	// candidate's. They lie in one piece, since bootstraps go through them
	// thousands of times.
	rows []float64
}

func newSums(size int) *sums { return &sums{size: size} }

// clusters is the number of clusters.
func (s *sums) clusters() int { return len(s.number) }

func (s *sums) row(g int) []float64 { return s.rows[2*s.size*g:][:2*s.size] }

func (s *sums) add(cluster string, side, at int, x float64) {
	g := s.number.of(cluster)
	if 2*s.size*g == len(s.rows) {
		s.rows = append(s.rows, make([]float64, 2*s.size)...)
	}
	s.row(g)[side*s.size+at] += x
}

// statistic computes a number from sums. It is not ok where the number is
// undefined.
type statistic func(sums []float64) (x float64, ok bool)

// total is the row of all clusters together.
func (s *sums) total() []float64 {
	t := make([]float64, 2*s.size)
	for g := range s.clusters() {
		plus(t, s.row(g))
	}
	return t
}

func plus(t, row []float64) {
	for i, x := range row {
		t[i] += x
	}
}

// difference is the candidate's statistic less the reference's, of a row.
func (s *sums) difference(row []float64, f statistic) (float64, bool) {
	reference, ok := f(row[:s.size])
	candidate, both := f(row[s.size:])
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
	t := s.total()
	var c comparedStatistic
	c.Reference, c.Candidate = defined(f(t[:s.size])), defined(f(t[s.size:]))
	estimate, ok := s.difference(t, f)
	switch {
	case !ok:
		c.Why = "undefined: nothing to divide by"
		return c
	case !finite(estimate):
		c.Why = "undefined: a value is no finite number"
		return c
	case s.clusters() < 2:
		c.Change.Change, c.Why = &estimate, "no interval: one cluster"
		return c
	}
	c.Change.Change = &estimate
	if s.alike() {
		c.Why = "no interval: all draws are alike"
		return c
	}
	c.interval(estimate, s.replicates(f, b.draws(s.clusters(), name)), s.jackknife(f))
	return c
}

func defined(x float64, ok bool) *float64 {
	if !ok || !finite(x) {
		return nil
	}
	return &x
}

// alike tells whether all clusters are the same, as where a candidate answers
// every case like the reference: then so are all draws.
func (s *sums) alike() bool {
	for g := range s.clusters() {
		if !slices.Equal(s.row(g), s.row(0)) {
			return false
		}
	}
	return true
}

// replicates are the statistic over drawn clusters, without the draws in which
// it is undefined.
func (s *sums) replicates(f statistic, draws iter.Seq[[]int]) []float64 {
	var list []float64
	t := make([]float64, 2*s.size)
	for draw := range draws {
		clear(t)
		for _, g := range draw {
			plus(t, s.row(g))
		}
		if x, ok := s.difference(t, f); ok {
			list = append(list, x)
		}
	}
	return list
}

// jackknife is the statistic without each cluster, where it is defined.
func (s *sums) jackknife(f statistic) []float64 {
	var list []float64
	all, t := s.total(), make([]float64, 2*s.size)
	for g := range s.clusters() {
		for i, x := range s.row(g) {
			t[i] = all[i] - x
		}
		if x, ok := s.difference(t, f); ok {
			list = append(list, x)
		}
	}
	return list
}

// maxUndefined is the share of draws that may be undefined.
const maxUndefined = 0.05

func (c *comparedStatistic) interval(estimate float64, replicates, jackknife []float64) {
	undefined := bootstrapTimes - len(replicates)
	if float64(undefined) > maxUndefined*bootstrapTimes {
		c.Why = fmt.Sprintf("no interval: undefined in %s of %s draws", Count(undefined), Count(bootstrapTimes))
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

// manyClusters is the most clusters over which a mean is bootstrapped. With more,
// the formula's interval is the same to what is printed, and takes one pass.
const manyClusters = 1_000

// meanOf is the mean of values over clusters, with a bootstrap interval, or that
// of [clusterMean] where there are many clusters.
func meanOf(values []float64, clusters []string, b Bootstrapped, name string) Mean {
	s := sumsOf(values, clusters)
	if s.clusters() > manyClusters {
		return s.clusterMean(slices.Min(values), slices.Max(values))
	}
	c := s.change(meanOfSums, b, name)
	m := Mean{Interval: c.Interval, Method: c.Method}
	if c.Candidate != nil {
		m.Mean = *c.Candidate
	}
	return m
}

// clusterMean is the mean of the candidate's first sum over its second, with an
// interval within the range of the values.
func (s *sums) clusterMean(least, most float64) Mean {
	e := clusterMean(func(yield func(int, moments) bool) {
		for g := range s.clusters() {
			if row := s.row(g)[s.size:]; !yield(int(row[1]), moments{sum: row[0]}) {
				return
			}
		}
	})
	m := Mean{Mean: e.Estimate}
	if *e.SE > 0 {
		i := e.interval(reportConfidence)
		m.Interval, m.Method = &Interval{max(i.Low, least), min(i.High, most), i.Confidence}, "cluster_mean"
	}
	return m
}

// sumsOf sums values and how many there are. They stand for the candidate; the
// reference's are 0.
func sumsOf(values []float64, clusters []string) *sums {
	s := newSums(2)
	for i, x := range values {
		s.add(clusters[i], 1, 0, x)
		s.add(clusters[i], 1, 1, 1)
		s.add(clusters[i], 0, 1, 1)
	}
	return s
}

func meanOfSums(v []float64) (float64, bool) { return over(v[0], v[1]) }
