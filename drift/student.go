package drift

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// distribution is a continuous one of a statistic around 0.
type distribution interface {
	CDF(x float64) float64
	Quantile(p float64) float64
	Survival(x float64) float64
}

// student is Student's distribution with so many degrees of freedom; 0 stands
// for the normal distribution, that of infinitely many.
func student(degrees int) distribution {
	if degrees == 0 {
		return distuv.UnitNormal
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(degrees)}
}

// critical is the two-sided critical value at a confidence in (0,1).
func critical(confidence float64, degrees int) float64 {
	return student(degrees).Quantile((1 + confidence) / 2)
}

// twoSided is the two-sided p-value of a statistic.
func twoSided(t float64, degrees int) float64 {
	return min(1, 2*student(degrees).Survival(math.Abs(t)))
}
