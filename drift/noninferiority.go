package drift

import "gonum.org/v1/gonum/stat/distuv"

// NITest is the non-inferiority test of one comparison, before Holm.
type NITest struct {
	Verdict Verdict // pass, fail or inconclusive
	// Reason is noninferior, inferior, interval_contains_margin, no_data or
	// one_cluster.
	Reason       string
	Interval     *Interval // two-sided, 1-2α
	PNoninferior *float64
	PInferior    *float64
	Worse        bool // the whole interval lies below 0
}

// Noninferiority asks whether a drop of margin or more is ruled out (pass), is
// shown (fail), or neither, for b losses and c gains among n independent
// pairs. No pairs are inconclusive, not an error.
func Noninferiority(b, c, n, margin, alpha float64) (NITest, error) {
	if err := checkGate(margin, alpha); err != nil {
		return NITest{}, err
	}
	if n == 0 {
		return NITest{Verdict: VerdictInconclusive, Reason: "no_data"}, nil
	}
	if err := checkCounts(b, c, n); err != nil {
		return NITest{}, err
	}
	return noninferiority(b, c, n, margin, alpha, 0), nil
}

func checkGate(margin, alpha float64) error {
	switch {
	case !openUnit(margin, 1):
		return invalid("margin %g: expected it in (0,1)", margin)
	case !openUnit(alpha, 0.5):
		return invalid("alpha %g: expected it in (0,0.5)", alpha)
	}
	return nil
}

// noninferiority tests with Student's distribution where degrees is over 0.
func noninferiority(b, c, n, margin, alpha float64, degrees int) NITest {
	confidence := 1 - 2*alpha
	critical, cdf := normalQuantile(confidence), distuv.UnitNormal.CDF
	if degrees > 0 {
		critical = studentQuantile(confidence, degrees)
		cdf = distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(degrees)}.CDF
	}
	interval := tango(b, c, n, confidence, critical).Interval
	inferior := cdf(tangoZ(b, c, n, -margin))
	return judged(interval, margin, 1-inferior, inferior)
}

// judged reads the verdict off an interval.
func judged(interval Interval, margin, pNoninferior, pInferior float64) NITest {
	t := NITest{
		Verdict: VerdictInconclusive, Reason: "interval_contains_margin", Interval: &interval,
		PNoninferior: &pNoninferior, PInferior: &pInferior, Worse: interval.High < 0,
	}
	switch {
	case interval.Low > -margin:
		t.Verdict, t.Reason = VerdictPass, "noninferior"
	case interval.High < -margin:
		t.Verdict, t.Reason = VerdictFail, "inferior"
	}
	return t
}

// meanNoninferiority is the test on a clustered mean of score differences,
// whose standard error must be over 0.
func meanNoninferiority(mean ClusterEstimate, margin, alpha float64) NITest {
	degrees := mean.Clusters - 1
	half := studentQuantile(1-2*alpha, degrees) * *mean.SE
	inferior := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(degrees)}.CDF((mean.Estimate + margin) / *mean.SE)
	interval := withinRange(Interval{mean.Estimate - half, mean.Estimate + half, 1 - 2*alpha})
	return judged(*interval, margin, 1-inferior, inferior)
}
