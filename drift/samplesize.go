package drift

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// NIFloor is the smallest number of independent cases that can pass at a
// margin in (0,1) with not one flip seen: 52 at 0.05, 25 at 0.10.
func NIFloor(margin, alpha float64) (int, error) {
	if err := checkGate(margin, alpha); err != nil {
		return 0, err
	}
	z := critical(1-2*alpha, 0)
	return capped(math.Floor(z*z*(1-margin)/margin)) + 1, nil
}

// least is [NIFloor] for cases that are worth one independent case for each
// effect of them; a design effect is at least 1.
func least(margin, alpha, effect float64) (int, error) {
	floor, err := NIFloor(margin, alpha)
	return capped(math.Ceil(float64(floor) * effect)), err
}

// mostCases is a number of cases that nobody asks: what needs more is told as
// this many, since no int holds what a margin near 0 needs.
const mostCases = 1e15

// capped is a number of cases, at most mostCases.
func capped(x float64) int { return int(min(x, mostCases)) }

// SampleSize is the number of independent cases a plan needs. A nil N means
// that no number helps, for the Reason true_drop_not_inside_margin.
type SampleSize struct {
	N, NWald *int
	Reason   string
}

// NISampleSize plans for a loss and a gain rate in [0,1] per pair, a margin
// and a power in (0,1). Multiply by the design effect.
func NISampleSize(loss, gain, margin, alpha, power float64) (SampleSize, error) {
	if err := checkGate(margin, alpha); err != nil {
		return SampleSize{}, err
	}
	if !finite(loss, gain) || loss < 0 || gain < 0 || loss+gain > 1 || !openUnit(power, 1) {
		return SampleSize{}, invalid("loss %g, gain %g, power %g: expected rates of at least 0 that sum to at most 1, power in (0,1)",
			loss, gain, power)
	}
	change := gain - loss
	if change <= -margin {
		return SampleSize{Reason: "true_drop_not_inside_margin"}, nil
	}
	za, zb := distuv.UnitNormal.Quantile(1-alpha), distuv.UnitNormal.Quantile(power)
	v1 := loss + gain - change*change
	size := func(v0 float64) *int {
		root := (za*math.Sqrt(v0) + zb*math.Sqrt(max(0, v1))) / (change + margin)
		return pointer(capped(math.Ceil(root * root)))
	}
	return SampleSize{N: size(nullVariance(loss, gain, margin)), NWald: size(max(0, v1)), Reason: "ok"}, nil
}

// nullVariance is that of one pair's change where the true drop is the margin.
func nullVariance(loss, gain, margin float64) float64 {
	return max(0, 2*counts{loss, gain, 1}.restricted(-margin)-margin*(1+margin))
}

// maxPowerCases bounds the exact power, which takes time with the square.
const maxPowerCases = 400

// NIPower gives the exact probabilities that n independent cases pass and
// fail, for a loss and a gain rate per pair; n is at most 400.
func NIPower(n int, loss, gain, margin, alpha float64) (pass, fail float64, err error) {
	if err := checkGate(margin, alpha); err != nil {
		return 0, 0, err
	}
	if n < 0 || n > maxPowerCases || !finite(loss, gain) || loss < 0 || gain < 0 || loss+gain > 1 {
		return 0, 0, invalid("n %d, loss %g, gain %g: expected n in 0..%d and rates that sum to at most 1", n, loss, gain, maxPowerCases)
	}
	if n == 0 {
		return 0, 0, nil
	}
	pass, fail = power(n, n, loss, gain, margin, critical(1-2*alpha, 0))
	return pass, fail, nil
}

// power sums the chances of all outcomes with at most so many flips whose score
// lies beyond the critical value z.
func power(n, flips int, loss, gain, margin, z float64) (pass, fail float64) {
	for b := 0; b <= flips; b++ {
		for c := 0; b+c <= flips; c++ {
			switch score := (counts{float64(b), float64(c), float64(n)}).score(-margin); {
			case score > z:
				pass += trinomial(n, b, c, loss, gain)
			case score < -z:
				fail += trinomial(n, b, c, loss, gain)
			}
		}
	}
	return pass, fail
}

func trinomial(n, b, c int, loss, gain float64) float64 {
	same := 1 - loss - gain
	log := 0.0
	for _, t := range []struct {
		k int
		p float64
	}{{b, loss}, {c, gain}, {n - b - c, same}} {
		if t.k == 0 {
			continue
		}
		if t.p <= 0 {
			return 0
		}
		log += float64(t.k)*math.Log(t.p) - logFactorial(t.k)
	}
	return math.Exp(log + logFactorial(n))
}

func logFactorial(n int) float64 {
	log, _ := math.Lgamma(float64(n + 1))
	return log
}

// Need is how many cases a decision takes, in all, after an inconclusive
// verdict. A nil pointer means that no number helps.
type Need struct {
	Discordance float64 // the smoothed share of flips that is planned with
	IfNoDrop    *int
	AtEstimate  *int
}

// CasesNeeded plans from what was seen: b losses and c gains among n pairs,
// with a design effect of at least 1, at a power of 0.8.
func CasesNeeded(b, c, n, margin, alpha, deff float64) (Need, error) {
	if err := checkGate(margin, alpha); err != nil {
		return Need{}, err
	}
	if !finite(b, c, n, deff) || b < 0 || c < 0 || b+c > n || deff < 1 {
		return Need{}, invalid("counts %g, %g of %g, design effect %g: expected counts of at least 0 and an effect of at least 1", b, c, n, deff)
	}
	psi := (b + c + 1) / (n + 2)
	need := Need{Discordance: psi}
	plan := func(change float64) (*int, error) {
		if math.Abs(change) > psi || change <= -margin {
			return nil, nil
		}
		size, err := NISampleSize((psi-change)/2, (psi+change)/2, margin, alpha, 0.8)
		if err != nil || size.N == nil {
			return nil, err
		}
		return pointer(capped(math.Ceil(float64(*size.N) * deff))), nil
	}
	var err error
	if need.IfNoDrop, err = plan(0); err != nil {
		return Need{}, err
	}
	estimate := 0.0
	if n > 0 {
		estimate = (c - b) / n
	}
	need.AtEstimate, err = plan(estimate)
	return need, err
}
