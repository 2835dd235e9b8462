package drift

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// smallestMass is that of a candidate's token in a logarithm.
const smallestMass = 1e-9

// TokenDrift compares two distributions of the next token of which only the
// likeliest tokens are known. It describes and never gates.
type TokenDrift struct {
	// KL is a lower bound in nats on the divergence of the candidate from the
	// reference: of the tokens in both lists and one bucket for all others.
	KL float64
	// Coverage is the reference's mass in [0,1] on tokens in both lists; below
	// 0.9 the bound says little.
	Coverage float64
	// SameTop tells whether the likeliest tokens agree.
	SameTop bool
}

// TopKKL compares the log-probabilities of tokens, in nats; -Inf is no mass.
func TopKKL(reference, candidate map[string]float64) (TokenDrift, error) {
	p, err := masses(reference)
	if err != nil {
		return TokenDrift{}, err
	}
	q, err := masses(candidate)
	if err != nil {
		return TokenDrift{}, err
	}
	var d TokenDrift
	seen := 0.0
	for _, token := range slices.Sorted(maps.Keys(p)) {
		if mass, ok := q[token]; ok {
			d.KL += divergence(p[token], mass)
			d.Coverage += p[token]
			seen += mass
		}
	}
	d.Coverage = min(d.Coverage, 1)
	d.KL = max(0, d.KL+divergence(1-d.Coverage, max(0, 1-seen)))
	d.SameTop = likeliest(reference) == likeliest(candidate)
	return d, nil
}

// masses are the probabilities of tokens. A sum slightly over 1 is rounding.
func masses(logs map[string]float64) (map[string]float64, error) {
	if len(logs) == 0 {
		return nil, empty("no tokens")
	}
	p, sum := map[string]float64{}, 0.0
	for _, token := range slices.Sorted(maps.Keys(logs)) {
		if !(logs[token] <= 1e-6) {
			return nil, invalid("log-probability %g of token %q: expected at most 0", logs[token], token)
		}
		p[token] = math.Exp(logs[token])
		sum += p[token]
	}
	if sum > 1.001 {
		return nil, invalid("probabilities that sum to %g: expected at most 1", sum)
	}
	for token := range p {
		p[token] /= max(1, sum)
	}
	return p, nil
}

func divergence(p, q float64) float64 {
	if p <= 0 {
		return 0
	}
	return p * math.Log(p/max(q, smallestMass))
}

// likeliest is the token of the highest log-probability, the first by text
// among equals.
func likeliest(logs map[string]float64) string {
	return slices.MinFunc(slices.Sorted(maps.Keys(logs)), func(x, y string) int { return cmp.Compare(logs[y], logs[x]) })
}
