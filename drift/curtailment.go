package drift

// Curtailment tells whether open cases can still change a verdict.
type Curtailment struct {
	Worst, Best Verdict // over all ways in which the open cases may end
	// Verdict is that of both, or inconclusive where they differ.
	Verdict Verdict
	// Decided is true where the verdict is final, a pass or a fail.
	Decided bool
}

// OpenCases are the cases that the reference has answered and the candidate
// has not: one can only become a loss or only a gain.
type OpenCases struct{ ReferencePass, ReferenceFail int }

// Curtail asks whether the verdict of [Noninferiority] on b losses and c gains
// of n pairs is final while cases are open. It is exact and costs no error
// rate, for independent pairs only: a design effect moves with each answer.
// An open case may also end undecided, which is worst for one that cannot be
// lost.
func Curtail(b, c, n float64, open OpenCases, margin, alpha float64) (Curtailment, error) {
	if open.ReferencePass < 0 || open.ReferenceFail < 0 {
		return Curtailment{}, invalid("open cases %d and %d: expected none below 0", open.ReferencePass, open.ReferenceFail)
	}
	if !finite(b, c, n) || b < 0 || c < 0 || b+c > n {
		return Curtailment{}, invalid("%g losses and %g gains of %g pairs: expected at most all of them", b, c, n)
	}
	losable, gainable := float64(open.ReferencePass), float64(open.ReferenceFail)
	worst, err := Noninferiority(b+losable, c, n+losable, margin, alpha)
	if err != nil {
		return Curtailment{}, err
	}
	best, err := Noninferiority(b, c+gainable, n+losable+gainable, margin, alpha)
	if err != nil {
		return Curtailment{}, err
	}
	r := Curtailment{Worst: worst.Verdict, Best: best.Verdict, Verdict: VerdictInconclusive}
	if r.Worst == r.Best {
		r.Verdict = r.Best
		r.Decided = r.Verdict != VerdictInconclusive
	}
	return r, nil
}
