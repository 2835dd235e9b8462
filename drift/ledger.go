package drift

import (
	"iter"
	"math"
)

// numbering numbers names from 0 in the order in which they are first asked
// for. The zero value has none.
type numbering map[string]int

func (n *numbering) of(name string) int {
	i, known := (*n)[name]
	if !known {
		if *n == nil {
			*n = numbering{}
		}
		i = len(*n)
		(*n)[name] = i
	}
	return i
}

// ledger sums by cluster what two models show, which is all that a clustered
// interval needs. The zero value holds nothing.
type ledger struct {
	number  numbering
	cells   []cell
	sampled bool // some case was asked several times
}

// cell sums what is in one cluster.
type cell struct {
	name string
	n    int
	// Table counts pairs by majority. It stays empty where numbers are added.
	Table
	// Of pairs, these are shares of passes, and how they change.
	reference, candidate, change moments
	// lost and gained are the sums of the changes below and above 0.
	lost, gained float64
}

// add adds a decided pair.
func (l *ledger) add(p *Pair) {
	c := l.addNumbers(p.Cluster, p.Reference.passShare(), p.Candidate.passShare())
	c.Table.add(p.Reference.Outcome == Pass, p.Candidate.Outcome == Pass)
	l.sampled = l.sampled || p.Reference.Samples > 1 || p.Candidate.Samples > 1
}

// addNumbers adds a number of each model.
func (l *ledger) addNumbers(cluster string, reference, candidate float64) *cell {
	c := l.cell(cluster)
	c.n++
	c.reference.add(reference)
	c.candidate.add(candidate)
	change := candidate - reference
	c.change.add(change)
	c.lost += max(0, -change)
	c.gained += max(0, change)
	return c
}

func (l *ledger) cell(name string) *cell {
	i := l.number.of(name)
	if i == len(l.cells) {
		l.cells = append(l.cells, cell{name: name})
	}
	return &l.cells[i]
}

// include adds all of another ledger.
func (l *ledger) include(other *ledger) {
	for _, o := range other.cells {
		c := l.cell(o.name)
		c.n += o.n
		c.Table.include(o.Table)
		c.reference.include(o.reference)
		c.candidate.include(o.candidate)
		c.change.include(o.change)
		c.lost, c.gained = c.lost+o.lost, c.gained+o.gained
	}
	l.sampled = l.sampled || other.sampled
}

func (l *ledger) table() Table {
	var t Table
	for i := range l.cells {
		t.include(l.cells[i].Table)
	}
	return t
}

// Moments of a cell, of which there are means and rates.
func referenceOf(c *cell) moments { return c.reference }
func candidateOf(c *cell) moments { return c.candidate }
func changeOf(c *cell) moments    { return c.change }

// flipsOf are the moments of the changes by majority, in {-1,0,1}.
func flipsOf(c *cell) moments {
	return moments{float64(c.Gain - c.Loss), float64(c.Gain + c.Loss)}
}

// mean is that over all clusters; there must be something in the ledger.
func (l *ledger) mean(of func(*cell) moments) clusterEstimate { return clusterMean(l.by(of)) }

func (l *ledger) by(of func(*cell) moments) iter.Seq2[int, moments] {
	return func(yield func(int, moments) bool) {
		for i := range l.cells {
			if c := &l.cells[i]; !yield(c.n, of(c)) {
				return
			}
		}
	}
}

// plainRate is one model's share of passes with the interval of independent
// cases; nil where there is no pair.
func (l *ledger) plainRate(of func(*cell) moments) *Rate {
	n, passes := 0, 0.0
	for m, x := range l.by(of) {
		n, passes = n+m, passes+x.sum
	}
	w, err := Wilson(passes, float64(n), reportConfidence)
	if err != nil {
		return nil
	}
	return &Rate{Share: w.Estimate, N: n, Interval: w.Interval}
}

// rate is one model's share of passes, with a Wilson interval on counts that
// are divided by a design effect. As for the change, the design effect is held
// to the planned one while few clusters hold the rarer outcome. With one
// cluster all cases count as one. It is nil where there is no pair.
func (l *ledger) rate(of func(*cell) moments) *Rate {
	if len(l.cells) == 0 {
		return nil
	}
	mean := l.mean(of)
	effect, degrees := mean.MeanSize, 0
	if mean.Clusters > 1 {
		passing, failing := 0, 0
		for m, x := range l.by(of) {
			if x.sum > 0 {
				passing++
			}
			if x.sum < float64(m) {
				failing++
			}
		}
		effect, _ = designEffect(mean, min(passing, failing))
		degrees = mean.degrees()
	}
	n := float64(mean.N) / effect
	share := min(max(mean.Estimate, 0), 1)
	w := wilson(min(share*n, n), n, reportConfidence, degrees)
	return &Rate{Share: share, N: mean.N, Interval: w.Interval}
}

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

// shift is Tango's, on shares of samples where cases were sampled several times
// and not all moved alike; there must be a pair.
func (l *ledger) shift() shift {
	if !l.sampled {
		return l.tango().shift()
	}
	if mean := l.mean(changeOf); mean.SE == nil || *mean.SE == 0 {
		s := l.tango().shift()
		s.estimate = mean.Estimate
		return s
	}
	return l.sampledTango().shift()
}

func (t clusteredTango) shift() shift {
	s := shift{n: t.mean.N, clusters: t.mean.Clusters, estimate: t.mean.Estimate, method: t.method(), effect: t.effect}
	if t.mean.Clusters > 1 {
		s.at = t.at
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
		Reference: l.rate(referenceOf), Candidate: l.rate(candidateOf),
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
