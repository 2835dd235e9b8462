package main

import (
	"math/rand/v2"
	"strconv"

	"github.com/gambit-audit/gambit/drift"
	"gonum.org/v1/gonum/stat/distuv"
)

// alpha is the one-sided level of a gate.
const alpha = 0.05

// shares are how often each verdict came out.
type shares struct{ pass, fail float64 }

// verdicts judges so many simulated comparisons, as an audit does.
func (s setting) verdicts(runs int, source rand.Source) shares {
	var counts shares
	o := drift.CompareOptions{Margin: s.margin, Alpha: alpha, MaxUndecided: 0.05}
	for range runs {
		c, err := drift.Compare(s.draw(source), o)
		if err != nil {
			panic(err) // the options are constants
		}
		switch c.Verdict {
		case drift.VerdictPass:
			counts.pass += 1 / float64(runs)
		case drift.VerdictFail:
			counts.fail += 1 / float64(runs)
		}
	}
	return counts
}

// draw makes the pairs of one comparison. The rates of loss and gain of a
// template are drawn from a Dirichlet distribution with the setting's means,
// which makes the flips within a template correlated.
func (s setting) draw(source rand.Source) []drift.Pair {
	r := rand.New(source)
	var pairs []drift.Pair
	for t := range s.templates {
		loss, gain := s.rates(source)
		cluster := strconv.Itoa(t)
		for range s.casesOf(t) {
			pairs = append(pairs, s.pair(cluster, loss, gain, r))
		}
	}
	return pairs
}

func (s setting) casesOf(template int) int {
	if s.ragged {
		return 1 + template%(2*s.cases-1)
	}
	return s.cases
}

// rates are the shares of a template's cases that move down and up.
func (s setting) rates(source rand.Source) (loss, gain float64) {
	loss, gain = s.loss/s.size(), s.gain/s.size()
	if s.icc == 0 {
		return loss, gain
	}
	scale := (1 - s.icc) / s.icc
	draw := func(mean float64) float64 {
		if mean == 0 {
			return 0
		}
		return distuv.Gamma{Alpha: mean * scale, Beta: 1, Src: source}.Rand()
	}
	l, g, same := draw(loss), draw(gain), draw(1-loss-gain)
	sum := l + g + same
	if sum == 0 {
		return 0, 0
	}
	return l / sum, g / sum
}

func (s setting) pair(cluster string, loss, gain float64, r *rand.Rand) drift.Pair {
	if s.samples > 1 {
		return s.sampled(cluster, loss, gain, r)
	}
	p := drift.Pair{Cluster: cluster, Reference: observed(1, 1), Candidate: observed(1, 1)}
	switch x := r.Float64(); {
	case x < loss:
		p.Candidate = observed(0, 1)
	case x < loss+gain:
		p.Reference = observed(0, 1)
	}
	return p
}

// sampled draws several answers of one case: flips lower one model's chance of
// a pass by the size of a move.
func (s setting) sampled(cluster string, loss, gain float64, r *rand.Rand) drift.Pair {
	usual := 1.0
	if s.move == 0 {
		usual = 0.75
	}
	reference, candidate := usual, usual
	switch x := r.Float64(); {
	case x < loss:
		candidate -= s.size()
	case x < loss+gain:
		reference -= s.size()
	}
	passes := func(chance float64) int {
		k := 0
		for range s.samples {
			if r.Float64() < chance {
				k++
			}
		}
		return k
	}
	return drift.Pair{Cluster: cluster, Reference: observed(passes(reference), s.samples), Candidate: observed(passes(candidate), s.samples)}
}

func observed(passes, samples int) drift.Observation {
	o := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Passes: passes, Samples: samples}
	if 2*passes > samples {
		o.Outcome, o.Reason = drift.Pass, ""
	}
	return o
}
