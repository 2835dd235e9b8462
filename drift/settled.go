package drift

// Settled tells whether the verdict of a comparison is final while cases are
// open: no way in which they may still end, undecided included, gives another
// one. It is exact, costs no error rate, and says so of a pass or a fail alone.
//
// The pairs must be independent: one case a cluster, each asked once. The table
// counts the pairs that are over, Open those that the reference has answered
// and the candidate has not. Family is how many comparisons Holm's method will
// adjust this one among, itself included; 1 for one that is not adjusted.
//
// Why the answer is right. Let b, c and n be the losses, gains and pairs of any
// completion. The score z of [TangoZ] at minus the margin never rises when a
// loss is added and never falls when a gain or an unchanged pair is (the
// convexity of Barnard 1947; the tests go through every small table). So over
// all completions z is lowest where each case that can be lost is lost and the
// others end undecided, and highest where each that can be gained is gained and
// nothing is lost.
//
// A pass has z above the critical value, whatever Holm's method does. So it is
// final where the lowest z passes, and where the pass cannot be taken back for
// another reason: n is never below that of the pairs that are over, and the
// reference's pass rate never below that with every open failure decided and
// every open pass undecided.
//
// A fail is final where family·p < alpha for the p of the highest z. Holm's
// adjusted p is at most family·p, whatever the p of the others, so the fail
// stands in every completion of the whole family.
//
// Nor does it matter to the others that the calls were spared. Holm's method
// rejects a hypothesis i where |I|·min p(I) < alpha for every set I of the
// family that holds i. That reads a p at or over alpha, as each pass has, only
// as such. And let j be rejected both under its p now and under the p it would
// have had: a set that holds i and j breaks the rule for i under neither, for it
// would break it for j too, and a set without j does not see the difference. So
// i is rejected under both or under neither.
//
// Want of answers is the one thing that is not foreseen: too many calls that
// fail make a comparison inconclusive, but calls that are not made do not fail.
func Settled(t Table, open OpenCases, family int, o CompareOptions) (Verdict, bool, error) {
	if err := o.check(); err != nil {
		return "", false, err
	}
	if err := t.check(); err != nil {
		return "", false, err
	}
	if open.ReferencePass < 0 || open.ReferenceFail < 0 || family < 1 {
		return "", false, invalid("open cases %d and %d in a family of %d: expected none below 0, and a family of at least 1",
			open.ReferencePass, open.ReferenceFail, family)
	}
	all := t.N() + t.Excluded + open.ReferencePass + open.ReferenceFail
	if t.N() < 2 || float64(t.Excluded) > o.MaxUndecided*float64(all) || o.guardFails() {
		return "", false, nil
	}
	switch {
	case failsAtBest(t, open, family, o):
		return VerdictFail, true, nil
	case passesAtWorst(t, open, o) && staysAble(t, open, o):
		return VerdictPass, true, nil
	}
	return "", false, nil
}

func failsAtBest(t Table, open OpenCases, family int, o CompareOptions) bool {
	gains := t.Gain + open.ReferenceFail
	n := t.N() + open.ReferencePass + open.ReferenceFail
	best := noninferiority(float64(t.Loss), float64(gains), float64(n), o.Margin, o.Alpha, 0)
	return best.Verdict == VerdictFail && float64(family)**best.PInferior < o.Alpha
}

func passesAtWorst(t Table, open OpenCases, o CompareOptions) bool {
	losses, n := t.Loss+open.ReferencePass, t.N()+open.ReferencePass
	return noninferiority(float64(losses), float64(t.Gain), float64(n), o.Margin, o.Alpha, 0).Verdict == VerdictPass
}

// staysAble tells whether no completion makes a pass mean nothing, by its size
// or by what the reference can do.
func staysAble(t Table, open OpenCases, o CompareOptions) bool {
	passes, n := float64(t.BothPass+t.Loss), float64(t.N()+open.ReferenceFail)
	base := value(o.Baseline)
	return !o.Smoke && t.N() >= floorAt(normalQuantile(1-2*o.Alpha), o.Margin) &&
		!withinNoise(passes/n, n, base) && passes/n-base > o.Margin
}
