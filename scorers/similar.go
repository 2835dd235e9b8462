package scorers

import (
	"fmt"
	"math"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("similar", newSimilar,
	"the answer means what one of the texts means: their cosine similarity, by the embedder of the audit file, is at_least a number")

// similar compares the meaning of an answer with that of texts, as an embedder
// sees it. The share is the highest cosine similarity, with one below 0 as 0.
// What number is high depends on the embedder, so at_least has no default. An
// answer that is one of the texts, apart from case and white space, passes
// unasked.
type similar struct {
	to      []phrase
	atLeast float64 // in (0,1]
}

var _ Asking = similar{}

func newSimilar(arg any, _ Context) (Scorer, error) {
	f, err := readFields(arg, "to", "at_least")
	if err != nil {
		return nil, err
	}
	texts, err := need(f, "to", readTexts)
	if err != nil {
		return nil, err
	}
	to, err := newPhrases(texts)
	if err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	atLeast, err := need(f, "at_least", readShare)
	return similar{to, atLeast}, err
}

func (s similar) Score(a Answer) Result {
	if isBlank(a.Text) {
		r := blank(a.Text)
		r.Share = new(float64)
		return r
	}
	text := fold(a.Text)
	for _, p := range s.to {
		if p.folded == text {
			return s.scored(a, 1)
		}
	}
	return open(Embedder, "the similarity is known once the embedder is asked")
}

// Roles are the embedder alone.
func (s similar) Roles() []Role { return []Role{Embedder} }

func (s similar) Asks(a Answer) []Ask {
	if s.Score(a).Outcome != drift.Undecided {
		return nil
	}
	asks := []Ask{{Of: Embedder, Text: a.Text}}
	for _, p := range s.to {
		asks = append(asks, Ask{Of: Embedder, Text: p.text})
	}
	return asks
}

func (s similar) Settle(a Answer, replies []Reply) Result {
	if len(replies) != len(s.to)+1 {
		return s.Score(a)
	}
	if why := failed(replies); why != "" {
		return open(Embedder, why)
	}
	best := 0.0
	for _, r := range replies[1:] {
		x, err := cosine(replies[0].Vector, r.Vector)
		if err != nil {
			return open(Embedder, err.Error())
		}
		best = max(best, x)
	}
	return s.scored(a, best)
}

func (s similar) scored(a Answer, share float64) Result {
	r := passed()
	if !reaches(share, s.atLeast) {
		r = wrong("similarity %.3f to %s, want at least %g, got %s", share, quoteAll(texts(s.to)), s.atLeast, quote(a.Text))
	}
	r.Share = &share
	return r
}

// cosine is the cosine of the angle between two vectors, in [-1,1]. A vector
// without a direction, and two of different lengths, have none.
func cosine(x, y []float32) (float64, error) {
	if len(x) != len(y) || len(x) == 0 {
		return 0, fmt.Errorf("vectors of %d and %d numbers: expected as many, of one embedder", len(x), len(y))
	}
	var xy, xx, yy float64
	for i := range x {
		a, b := float64(x[i]), float64(y[i])
		xy, xx, yy = xy+a*b, xx+a*a, yy+b*b
	}
	c := xy / math.Sqrt(xx) / math.Sqrt(yy)
	if math.IsNaN(c) || math.IsInf(c, 0) {
		return 0, fmt.Errorf("a vector without a direction: expected numbers, not all of them 0")
	}
	return min(1, max(-1, c)), nil
}
