package drift

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// Cosine is the cosine in [-1,1] of the angle between two embeddings; nil
// where one is all zeros. The embeddings must not come from an audited model.
func Cosine(u, v []float64) (*float64, error) {
	switch {
	case len(u) != len(v):
		return nil, invalid("%d and %d numbers: expected as many", len(u), len(v))
	case !finite(u...) || !finite(v...):
		return nil, invalid("an embedding holds no number")
	case len(u) == 0:
		return nil, empty("no numbers")
	}
	lengths := floats.Norm(u, 2) * floats.Norm(v, 2)
	if lengths == 0 || math.IsInf(lengths, 0) {
		return nil, nil
	}
	return pointer(min(max(floats.Dot(u, v)/lengths, -1), 1)), nil
}
