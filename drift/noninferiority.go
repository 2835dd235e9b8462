package drift

// gateTest is the non-inferiority test of one comparison, before Holm.
type gateTest struct {
	verdict Verdict // pass, fail or inconclusive
	// reason is noninferior, inferior, interval_contains_margin or one_cluster.
	reason string
	// interval is two-sided, 1-2α, and inferior the p-value of a drop within
	// the margin; nil with one cluster.
	interval *Interval
	inferior *float64
	worse    bool // the whole interval lies below 0
}

func checkGate(margin, alpha float64) error {
	switch {
	case !openUnit(margin, 1):
		return invalid("margin %g: expected it in (0,1)", margin)
	case !openUnit(alpha, 0.5):
		return invalid("alpha %g: expected it in (0,0.5)", alpha)
	case 1-2*alpha == 1: // whose critical value is no number
		return invalid("alpha %g: expected at least 1e-15", alpha)
	}
	return nil
}

// noninferiority asks whether a drop of margin or more is ruled out (pass), is
// shown (fail), or neither, by Tango's interval at the one-sided level alpha.
func (k counts) noninferiority(margin, alpha float64, degrees int) gateTest {
	inferior := student(degrees).CDF(k.score(-margin))
	return judged(k.interval(1-2*alpha, degrees), margin, inferior)
}

// judged reads the verdict off an interval.
func judged(interval Interval, margin, inferior float64) gateTest {
	t := gateTest{
		verdict: VerdictInconclusive, reason: "interval_contains_margin",
		interval: &interval, inferior: &inferior, worse: interval.High < 0,
	}
	switch {
	case interval.Low > -margin:
		t.verdict, t.reason = VerdictPass, "noninferior"
	case interval.High < -margin:
		t.verdict, t.reason = VerdictFail, "inferior"
	}
	return t
}

// withinRange cuts an interval to [-1,1], where the change of a share lies.
func withinRange(i Interval) Interval {
	return Interval{max(i.Low, -1), min(i.High, 1), i.Confidence}
}
