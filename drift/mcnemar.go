package drift

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// McNemarTest holds the p-values of the test for any change, for independent
// pairs. A large p-value is never a pass.
type McNemarTest struct {
	Exact, MidP         float64 // two-sided
	ExactHarm, MidPHarm float64 // one-sided, against more losses than gains
}

// McNemar tests b losses against c gains, both whole numbers of at least 0.
// Mid-p: Fagerland, Lydersen, Laake 2013.
func McNemar(b, c float64) (McNemarTest, error) {
	if !finite(b, c) || b < 0 || c < 0 || b != math.Trunc(b) || c != math.Trunc(c) {
		return McNemarTest{}, invalid("losses %g and gains %g: expected whole numbers of at least 0", b, c)
	}
	m := b + c
	if m == 0 {
		return McNemarTest{1, 1, 1, 1}, nil
	}
	x := distuv.Binomial{N: m, P: 0.5}
	k := min(b, c)
	// P(X >= b) is P(X <= c): the distribution is symmetric.
	t := McNemarTest{Exact: min(1, 2*x.CDF(k)), ExactHarm: x.CDF(c)}
	t.MidP = t.Exact - x.Prob(k)
	if b == c {
		t.MidP = 1 - x.Prob(b)/2
	}
	t.MidPHarm = t.ExactHarm - x.Prob(b)/2
	return t, nil
}
