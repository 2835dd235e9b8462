package drift

// Table is the paired two-by-two table of reference against candidate.
type Table struct {
	BothPass int // a
	Loss     int // b: the reference passes, the candidate fails
	Gain     int // c: the reference fails, the candidate passes
	BothFail int // d
	Excluded int // pairs with an undecided side, in none of the cells
}

// N is the number of decided pairs.
func (t Table) N() int { return t.BothPass + t.Loss + t.Gain + t.BothFail }

// NewTable counts pairs. Repeated samples count by their majority, which is
// what Observation.Outcome holds.
func NewTable(pairs []Pair) Table {
	var t Table
	for i := range pairs {
		p := &pairs[i]
		if !p.decided() {
			t.Excluded++
			continue
		}
		t.add(p.Reference.Outcome == Pass, p.Candidate.Outcome == Pass)
	}
	return t
}

func (t Table) check() error {
	if min(t.BothPass, t.Loss, t.Gain, t.BothFail) < 0 {
		return invalid("cells %d, %d, %d, %d: expected none below 0", t.BothPass, t.Loss, t.Gain, t.BothFail)
	}
	return nil
}

func (t *Table) add(reference, candidate bool) {
	switch {
	case reference && candidate:
		t.BothPass++
	case reference:
		t.Loss++
	case candidate:
		t.Gain++
	default:
		t.BothFail++
	}
}

// FlipRates are the flips of a table in both directions. A nil pointer has no
// denominator.
type FlipRates struct {
	N                            int
	Flip                         float64 // (b+c)/n
	Interval                     Interval
	Loss, Gain                   float64 // b/n and c/n
	LossGivenReferencePass       *float64
	GainGivenReferenceFail       *float64
	ReferencePass, CandidatePass float64
	Change                       float64 // (c-b)/n
}

// Flips computes the flip rates with a Wilson interval at confidence.
func Flips(t Table, confidence float64) (FlipRates, error) {
	if err := t.check(); err != nil {
		return FlipRates{}, err
	}
	n := t.N()
	if n == 0 {
		return FlipRates{}, empty("no pairs")
	}
	w, err := Wilson(float64(t.Loss+t.Gain), float64(n), confidence)
	if err != nil {
		return FlipRates{}, err
	}
	share := func(k int) float64 { return float64(k) / float64(n) }
	return FlipRates{
		N: n, Flip: w.Estimate, Interval: w.Interval,
		Loss: share(t.Loss), Gain: share(t.Gain),
		LossGivenReferencePass: ratio(t.Loss, t.BothPass+t.Loss),
		GainGivenReferenceFail: ratio(t.Gain, t.Gain+t.BothFail),
		ReferencePass:          share(t.BothPass + t.Loss),
		CandidatePass:          share(t.BothPass + t.Gain),
		Change:                 share(t.Gain - t.Loss),
	}, nil
}

// ratio is nil where the denominator is 0.
func ratio(k, n int) *float64 {
	if n == 0 {
		return nil
	}
	r := float64(k) / float64(n)
	return &r
}
