package drift

// AnswerSet holds the normalised answers of both models to cases that differ
// in one attribute only, in the same order.
type AnswerSet struct {
	Reference, Candidate []string
	// Undecided marks a set of which some member has no answer.
	Undecided bool
}

// Invariance compares how often sets of cases get one and the same answer.
// A set that is consistently wrong counts as consistent, so it is to be read
// beside the pass rate.
type Invariance struct {
	N        int
	Excluded int // sets undecided, or of fewer than two members
	Broken   int // consistent for the reference, not for the candidate
	Repaired int // the other way about
	// InconsistentReference and InconsistentCandidate are shares of sets.
	InconsistentReference float64
	InconsistentCandidate Estimate
	// Change is the candidate's share less the reference's: positive is harm.
	Change Estimate
	// PairwiseReference and PairwiseCandidate are the mean shares of pairs of
	// members with different answers.
	PairwiseReference, PairwiseCandidate float64
	MidP                                 float64
}

// CompareInvariance compares sets, with intervals at confidence for
// independent sets.
func CompareInvariance(sets []AnswerSet, confidence float64) (Invariance, error) {
	var r Invariance
	var t Table
	for i, s := range sets {
		switch {
		case len(s.Reference) != len(s.Candidate):
			return Invariance{}, invalid("set %d has %d and %d answers: expected as many", i, len(s.Reference), len(s.Candidate))
		case s.Undecided || len(s.Reference) < 2:
			r.Excluded++
			continue
		}
		reference, candidate := disagreement(s.Reference), disagreement(s.Candidate)
		t.add(reference == 0, candidate == 0)
		r.PairwiseReference += reference
		r.PairwiseCandidate += candidate
	}
	n := float64(t.N())
	if n == 0 {
		return Invariance{}, empty("no set of two answered members")
	}
	r.N, r.Broken, r.Repaired = t.N(), t.Loss, t.Gain
	r.PairwiseReference /= n
	r.PairwiseCandidate /= n
	r.InconsistentReference = float64(t.Gain+t.BothFail) / n
	return r, r.infer(t, confidence)
}

func (r *Invariance) infer(t Table, confidence float64) error {
	change, err := t.tango(confidence)
	if err != nil {
		return err
	}
	r.Change = Estimate{-change.Estimate, Interval{-change.High, -change.Low, confidence}}
	if r.InconsistentCandidate, err = Wilson(float64(t.Loss+t.BothFail), float64(t.N()), confidence); err != nil {
		return err
	}
	mc, err := McNemar(float64(t.Loss), float64(t.Gain))
	r.MidP = mc.MidP
	return err
}

// disagreement is the share of pairs of answers that differ, 1-Σv(v-1)/(k(k-1))
// for k answers and value counts v.
func disagreement(answers []string) float64 {
	counts := map[string]int{}
	for _, a := range answers {
		counts[a]++
	}
	same := 0
	for _, v := range counts {
		same += v * (v - 1)
	}
	k := len(answers)
	return float64(k*(k-1)-same) / float64(k*(k-1))
}
