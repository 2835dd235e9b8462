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
	return floorAt(normalQuantile(1-2*alpha), margin), nil
}

func floorAt(critical, margin float64) int {
	return int(math.Floor(critical*critical*(1-margin)/margin)) + 1
}

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
	v0 := 2*restricted(loss, gain, 1, -margin) - margin*(1+margin)
	size := func(v0 float64) *int {
		root := (za*math.Sqrt(max(0, v0)) + zb*math.Sqrt(max(0, v1))) / (change + margin)
		return pointer(int(math.Ceil(root * root)))
	}
	return SampleSize{N: size(v0), NWald: size(v1), Reason: "ok"}, nil
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
	critical := normalQuantile(1 - 2*alpha)
	for b := 0; b <= n; b++ {
		for c := 0; b+c <= n; c++ {
			p := trinomial(n, b, c, loss, gain)
			switch z := tangoZ(float64(b), float64(c), float64(n), -margin); {
			case z > critical:
				pass += p
			case z < -critical:
				fail += p
			}
		}
	}
	return pass, fail, nil
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
		return pointer(int(math.Ceil(float64(*size.N) * deff))), nil
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
