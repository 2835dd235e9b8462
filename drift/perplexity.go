package drift

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// PerplexityChange compares how likely two models find the same tokens.
type PerplexityChange struct {
	Reference, Candidate float64 // perplexities
	Ratio                float64 // candidate over reference
	MeanChange           float64 // of the negative log-likelihood, nats per token
	SE                   *float64
}

// ComparePerplexity compares the negative log-likelihoods, in nats, of the same
// forced tokens. Both models must split text into the same tokens. The standard
// error is for independent tokens; give the differences to [ClusterMean]
// otherwise. It is nil for one token.
func ComparePerplexity(reference, candidate []float64) (PerplexityChange, error) {
	switch {
	case len(reference) != len(candidate):
		return PerplexityChange{}, invalid("%d and %d tokens: expected as many", len(reference), len(candidate))
	case !finite(reference...) || !finite(candidate...):
		return PerplexityChange{}, invalid("a log-likelihood is not a number")
	case len(reference) == 0:
		return PerplexityChange{}, empty("no tokens")
	}
	d := make([]float64, len(reference))
	for i := range d {
		d[i] = candidate[i] - reference[i]
	}
	r := PerplexityChange{
		Reference: math.Exp(stat.Mean(reference, nil)), Candidate: math.Exp(stat.Mean(candidate, nil)),
		MeanChange: stat.Mean(d, nil),
	}
	r.Ratio = math.Exp(r.MeanChange)
	if !finite(r.Reference, r.Candidate, r.Ratio) {
		return PerplexityChange{}, invalid("log-likelihoods of more than 700 nats a token")
	}
	if len(d) > 1 {
		r.SE = pointer(stat.StdDev(d, nil) / math.Sqrt(float64(len(d))))
	}
	return r, nil
}
