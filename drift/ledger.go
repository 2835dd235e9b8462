package drift

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// ledger sums pairs by cluster, which is all that a clustered interval needs.
// The zero value holds none.
type ledger struct {
	number  map[string]int // of each cluster, in order of first appearance
	cells   []cell
	sampled bool // some case was asked several times
}

// cell sums the pairs of one cluster.
type cell struct {
	name          string
	n, loss, gain int // by majority
	majority      int // cases that the reference passes by majority
	// Shares of passes, and how they change.
	reference, candidate, change moments
}

type moments struct{ sum, squares float64 }

func (m *moments) add(x float64) {
	m.sum += x
	m.squares += x * x
}

func (l *ledger) add(p *Pair) {
	c := l.cell(p.Cluster)
	c.n++
	if p.Reference.Outcome == Pass {
		c.majority++
	}
	switch {
	case p.Reference.Outcome == p.Candidate.Outcome:
	case p.Reference.Outcome == Pass:
		c.loss++
	default:
		c.gain++
	}
	reference, candidate := p.Reference.passShare(), p.Candidate.passShare()
	c.reference.add(reference)
	c.candidate.add(candidate)
	c.change.add(candidate - reference)
	l.sampled = l.sampled || p.Reference.Samples > 1 || p.Candidate.Samples > 1
}

func (l *ledger) cell(name string) *cell {
	g, ok := l.number[name]
	if !ok {
		if l.number == nil {
			l.number = map[string]int{}
		}
		g = len(l.cells)
		l.number[name], l.cells = g, append(l.cells, cell{name: name})
	}
	return &l.cells[g]
}

// include adds all of another ledger.
func (l *ledger) include(other *ledger) {
	for _, o := range other.cells {
		c := l.cell(o.name)
		c.n, c.loss, c.gain, c.majority = c.n+o.n, c.loss+o.loss, c.gain+o.gain, c.majority+o.majority
		c.reference.include(o.reference)
		c.candidate.include(o.candidate)
		c.change.include(o.change)
	}
	l.sampled = l.sampled || other.sampled
}

func (m *moments) include(o moments) {
	m.sum += o.sum
	m.squares += o.squares
}

// rounding is below every variance of shares that is not 0.
const rounding = 1e-12

// mean is [ClusterMean] of one of the sums, without its interval; there must be
// a pair.
func (l *ledger) mean(of func(cell) moments) ClusterEstimate {
	var e ClusterEstimate
	var sizes []int
	var all moments
	for _, c := range l.cells {
		e.N += c.n
		sizes = append(sizes, c.n)
		all.include(of(c))
	}
	n := float64(e.N)
	e.Estimate, e.Clusters, e.MeanSize = all.sum/n, len(sizes), meanSize(sizes)
	plain := 0.0
	if e.N > 1 {
		plain = max(0, all.squares-n*e.Estimate*e.Estimate) / (n - 1) / n
		e.SEIID = pointer(math.Sqrt(plain))
	}
	if e.Clusters < 2 {
		return e
	}
	robust := 0.0
	for _, c := range l.cells {
		deviation := of(c).sum - float64(c.n)*e.Estimate
		robust += deviation * deviation
	}
	g := float64(e.Clusters)
	robust *= g / (g - 1) / (n * n)
	if robust*n < rounding {
		robust = 0
	}
	e.SE = pointer(math.Sqrt(robust))
	if plain*n > rounding {
		e.DesignEffect = pointer(robust / plain)
	}
	return e
}

// flips is the mean of the changes by majority, in {-1,0,1}.
func (l *ledger) flips() ClusterEstimate {
	return l.mean(func(c cell) moments { return moments{float64(c.gain - c.loss), float64(c.gain + c.loss)} })
}

// rate is one model's share of passes, with a Wilson interval on counts that
// are divided by a design effect. As for [TangoClustered], the design effect is
// held to the planned one while few clusters hold the rarer outcome. With one
// cluster all cases count as one.
func (l *ledger) rate(of func(cell) moments) *Rate {
	if len(l.cells) == 0 {
		return nil
	}
	mean := l.mean(of)
	effect, degrees := mean.MeanSize, 0
	if mean.Clusters > 1 {
		passing, failing := 0, 0
		for _, c := range l.cells {
			if of(c).sum > 0 {
				passing++
			}
			if of(c).sum < float64(c.n) {
				failing++
			}
		}
		effect, _ = designEffect(mean, min(passing, failing))
		if mean.MeanSize > 1 {
			degrees = mean.Clusters - 1
		}
	}
	n := float64(mean.N) / effect
	share := min(max(mean.Estimate, 0), 1)
	w := wilson(min(share*n, n), n, reportConfidence, critical(reportConfidence, degrees))
	return &Rate{Share: share, N: mean.N, Interval: w.Interval}
}

func referenceShares(c cell) moments { return c.reference }
func candidateShares(c cell) moments { return c.candidate }
func changedShares(c cell) moments   { return c.change }

// shift is the change of the pairs in a ledger, with an interval at any
// confidence.
type shift struct {
	n, clusters int
	estimate    float64
	method      string
	effect      float64 // design effect, of at least 1
	// at is nil where there is one cluster.
	at func(confidence float64) Interval
}

// shift is that of the mean where cases were sampled several times and differ,
// else Tango's.
func (l *ledger) shift() shift {
	t := l.tango(reportConfidence)
	s := shift{n: t.N, clusters: t.Clusters, estimate: t.Estimate, method: "tango", effect: t.DesignEffect}
	if t.MeanSize > 1 {
		s.method = "tango_clustered"
	}
	if t.Clusters > 1 {
		s.at = t.interval
	}
	if !l.sampled {
		return s
	}
	mean := l.mean(changedShares)
	s.estimate = mean.Estimate
	if mean.SE != nil && *mean.SE > 0 {
		s.method = "cluster_mean"
		s.at = func(confidence float64) Interval {
			half := studentQuantile(confidence, mean.Clusters-1) * *mean.SE
			return *withinRange(Interval{mean.Estimate - half, mean.Estimate + half, confidence})
		}
	}
	return s
}

func (s shift) interval() *Interval {
	if s.at == nil {
		return nil
	}
	return pointer(s.at(reportConfidence))
}

// rateChange compares both models' shares of passes; empty where there is no
// pair.
func (l *ledger) rateChange() RateChange {
	if len(l.cells) == 0 {
		return RateChange{}
	}
	s := l.shift()
	return RateChange{
		Reference: l.rate(referenceShares), Candidate: l.rate(candidateShares),
		Change: &s.estimate, Interval: s.interval(), Method: s.method,
	}
}

// smallestP bounds the p-values that are found by inverting an interval.
const smallestP = 1e-12

// inverted is the two-sided p-value of 0: one less the largest confidence at
// which an interval still leaves 0 out. Intervals must widen with confidence.
func inverted(at func(confidence float64) Interval) float64 {
	outside := func(p float64) bool {
		i := at(1 - p)
		return i.Low > 0 || i.High < 0
	}
	low, high := math.Log(smallestP), 0.0
	for range 50 {
		middle := (low + high) / 2
		if outside(math.Exp(middle)) {
			high = middle
		} else {
			low = middle
		}
	}
	return math.Exp(high)
}

// studentP is the two-sided p-value of a t statistic.
func studentP(t float64, degrees int) float64 {
	return min(1, 2*distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(degrees)}.Survival(math.Abs(t)))
}
