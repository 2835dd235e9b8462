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

func (t *Table) include(u Table) {
	t.BothPass += u.BothPass
	t.Loss += u.Loss
	t.Gain += u.Gain
	t.BothFail += u.BothFail
	t.Excluded += u.Excluded
}

// SelfFlips is how often a model contradicts itself: the share of cases, asked
// twice in the same way, whose outcome differs. The first answers are the
// references of the pairs, the second ones the candidates. Undecided pairs are
// left out; nil means that there is no other. It is the noise that flips
// between models are read against.
func SelfFlips(pairs []Pair) *Rate {
	t := NewTable(pairs)
	return share(t.Loss+t.Gain, t.N())
}
