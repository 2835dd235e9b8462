package drift

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// moreCases is the share of the standard error that samples cannot take away
// and above which cases are the better buy.
const moreCases = 0.8

// AnalyseSamples splits the variance of repeated samples; see
// [CompareRepeated]. The standard errors are for clustered cases. It is nil
// where no decided case was sampled several times.
func AnalyseSamples(pairs []Pair) *SampleAnalysis {
	var cases []Sampled
	var l ledger
	for p := range decided(pairs) {
		cases = append(cases, Sampled{p.Reference.Passes, max(1, p.Reference.Samples), p.Candidate.Passes, max(1, p.Candidate.Samples)})
		l.add(p)
	}
	if !l.sampled {
		return nil
	}
	r, err := CompareRepeated(cases)
	if err != nil {
		return nil
	}
	a := &SampleAnalysis{
		N: r.N, Change: r.Change, SamplingVariance: r.SamplingVariance, BetweenVariance: r.BetweenVariance,
		SEManySamples: r.SEManySamples, SelfFlipReference: r.SelfFlipReference, SelfFlipCandidate: r.SelfFlipCandidate,
		CrossFlip: r.CrossFlip, ExcessFlip: r.ExcessFlip,
	}
	a.Interval = l.shift().interval()
	a.SE = l.mean(changeOf).SE
	if r.SE != nil && r.SEManySamples != nil {
		a.BuyCases = *r.SEManySamples > moreCases**r.SE
	}
	return a
}

// Sampled is one case that both models answered several times.
type Sampled struct {
	ReferencePasses, ReferenceSamples int
	CandidatePasses, CandidateSamples int
}

// RepeatedSamples splits the variance of a change into that of the cases and
// that of the samples (Miller 2024), for independent cases. What one sample a
// case, or a single case, leaves undefined is nil.
type RepeatedSamples struct {
	N                            int
	ReferencePass, CandidatePass float64
	Change                       float64
	SE                           *float64
	SamplingVariance             *float64
	BetweenVariance              *float64
	// SEManySamples is the best that any number of samples can reach. Where it
	// is over 0.8·SE, buy cases, not samples.
	SEManySamples *float64
	// SelfFlipReference and SelfFlipCandidate are how often two samples of one
	// case differ.
	SelfFlipReference, SelfFlipCandidate *float64
	// CrossFlip is how often a sample of one model differs from one of the
	// other; ExcessFlip is what the models' own noise does not explain.
	CrossFlip  float64
	ExcessFlip *float64
}

// CompareRepeated compares the passes of sampled cases.
func CompareRepeated(cases []Sampled) (RepeatedSamples, error) {
	if len(cases) == 0 {
		return RepeatedSamples{}, empty("no cases")
	}
	r := RepeatedSamples{N: len(cases)}
	var d []float64
	for _, s := range cases {
		if !possible(s.ReferencePasses, s.ReferenceSamples) || !possible(s.CandidatePasses, s.CandidateSamples) {
			return RepeatedSamples{}, invalid("passes %d of %d and %d of %d: expected 0 <= passes <= samples, of at least 1 sample",
				s.ReferencePasses, s.ReferenceSamples, s.CandidatePasses, s.CandidateSamples)
		}
		reference, candidate := s.shares()
		d = append(d, candidate-reference)
		r.ReferencePass += reference / float64(r.N)
		r.CandidatePass += candidate / float64(r.N)
		r.CrossFlip += (reference*(1-candidate) + (1-reference)*candidate) / float64(r.N)
	}
	r.Change = stat.Mean(d, nil)
	r.within(cases)
	r.split(d)
	return r, nil
}

func possible(passes, samples int) bool { return samples >= 1 && passes >= 0 && passes <= samples }

func (s Sampled) shares() (reference, candidate float64) {
	return float64(s.ReferencePasses) / float64(s.ReferenceSamples), float64(s.CandidatePasses) / float64(s.CandidateSamples)
}

// within fills in what samples of the same case show, if every case has two
// for both models.
func (r *RepeatedSamples) within(cases []Sampled) {
	sampling, reference, candidate := 0.0, 0.0, 0.0
	for _, s := range cases {
		if s.ReferenceSamples < 2 || s.CandidateSamples < 2 {
			return
		}
		f, c := withinCase(s.ReferencePasses, s.ReferenceSamples), withinCase(s.CandidatePasses, s.CandidateSamples)
		sampling += (f/float64(s.ReferenceSamples) + c/float64(s.CandidateSamples)) / float64(r.N)
		reference += 2 * f / float64(r.N)
		candidate += 2 * c / float64(r.N)
	}
	r.SamplingVariance, r.SelfFlipReference, r.SelfFlipCandidate = &sampling, &reference, &candidate
	r.ExcessFlip = pointer(r.CrossFlip - (reference+candidate)/2)
}

// withinCase is the unbiased variance of one sample, k(K-k)/(K(K-1)).
func withinCase(passes, samples int) float64 {
	k, K := float64(passes), float64(samples)
	return k * (K - k) / (K * (K - 1))
}

// split takes the variance of the samples from that of the differences.
func (r *RepeatedSamples) split(d []float64) {
	if len(d) < 2 {
		return
	}
	n, variance := float64(len(d)), stat.Variance(d, nil)
	r.SE = pointer(math.Sqrt(variance / n))
	if r.SamplingVariance == nil {
		return
	}
	r.BetweenVariance = pointer(max(0, variance-*r.SamplingVariance))
	r.SEManySamples = pointer(math.Sqrt(*r.BetweenVariance / n))
}
