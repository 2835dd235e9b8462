package drift

import (
	"math"
	"testing"
)

// The proof of [Standing.Settled] rests on it.
func TestTheScoreFallsWithALossAndRisesWithAGainOrAnUnchangedPair(t *testing.T) {
	const rounding = 1e-9
	for _, margin := range []float64{0.01, 0.05, 0.1, 0.25, 0.49} {
		z := func(b, c, n int) float64 { return counts{float64(b), float64(c), float64(n)}.score(-margin) }
		for n := 1; n <= 24; n++ {
			for b := 0; b <= n; b++ {
				for c := 0; b+c <= n; c++ {
					now := z(b, c, n)
					if lost := z(b+1, c, n+1); lost > now+rounding {
						t.Errorf("margin %g: a loss after %d, %d of %d lifts z from %g to %g", margin, b, c, n, now, lost)
					}
					if gained := z(b, c+1, n+1); gained < now-rounding {
						t.Errorf("margin %g: a gain after %d, %d of %d lowers z from %g to %g", margin, b, c, n, now, gained)
					}
					if same := z(b, c, n+1); same < now-rounding {
						t.Errorf("margin %g: an unchanged pair after %d, %d of %d lowers z from %g to %g", margin, b, c, n, now, same)
					}
				}
			}
		}
	}
}

// The p-value and the interval are two ways to read one test.
func TestTheIntervalHoldsWhatTheScoreDoesNotReject(t *testing.T) {
	for _, degrees := range []int{0, 1, 7} {
		for n := 1.0; n <= 12; n++ {
			for b := 0.0; b <= n; b++ {
				for c := 0.0; b+c <= n; c++ {
					k := counts{b, c, n}
					for _, margin := range []float64{0.05, 0.3, 0.9} {
						test := k.noninferiority(margin, 0.05, degrees)
						passes, fails := *test.inferior > 0.95, *test.inferior < 0.05
						close := math.Abs(test.interval.Low+margin) < 1e-9 || math.Abs(test.interval.High+margin) < 1e-9
						if !close && (passes != (test.verdict == VerdictPass) || fails != (test.verdict == VerdictFail)) {
							t.Errorf("%+v, margin %g, %d degrees: %s with p %g and %+v", k, margin, degrees, test.verdict, *test.inferior, *test.interval)
						}
					}
				}
			}
		}
	}
}
