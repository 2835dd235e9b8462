package drift

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

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
	n := float64(len(cases))
	r := RepeatedSamples{N: len(cases)}
	var d []float64
	sampling, selfReference, selfCandidate, within := 0.0, 0.0, 0.0, true
	for _, s := range cases {
		if !possible(s.ReferencePasses, s.ReferenceSamples) || !possible(s.CandidatePasses, s.CandidateSamples) {
			return RepeatedSamples{}, invalid("passes %d of %d and %d of %d: expected 0 <= passes <= samples, of at least 1 sample",
				s.ReferencePasses, s.ReferenceSamples, s.CandidatePasses, s.CandidateSamples)
		}
		reference := float64(s.ReferencePasses) / float64(s.ReferenceSamples)
		candidate := float64(s.CandidatePasses) / float64(s.CandidateSamples)
		d = append(d, candidate-reference)
		r.ReferencePass += reference / n
		r.CandidatePass += candidate / n
		r.CrossFlip += (reference*(1-candidate) + (1-reference)*candidate) / n
		if s.ReferenceSamples < 2 || s.CandidateSamples < 2 {
			within = false
			continue
		}
		wf, wc := withinCase(s.ReferencePasses, s.ReferenceSamples), withinCase(s.CandidatePasses, s.CandidateSamples)
		sampling += (wf/float64(s.ReferenceSamples) + wc/float64(s.CandidateSamples)) / n
		selfReference += 2 * wf / n
		selfCandidate += 2 * wc / n
	}
	r.Change = stat.Mean(d, nil)
	if within {
		r.SamplingVariance = &sampling
		r.SelfFlipReference, r.SelfFlipCandidate = &selfReference, &selfCandidate
		r.ExcessFlip = pointer(r.CrossFlip - (selfReference+selfCandidate)/2)
	}
	r.split(d)
	return r, nil
}

func possible(passes, samples int) bool { return samples >= 1 && passes >= 0 && passes <= samples }

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
