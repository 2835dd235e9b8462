package drift

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Slope is a line with a cluster-robust interval of its slope.
type Slope struct {
	Clusters  int
	Intercept float64
	Slope     float64
	SE        float64
	Interval  Interval // of Slope
}

// ClusterSlope fits y on x by least squares, with a cluster-robust (CR1)
// standard error and a Student interval with one degree less than there are
// clusters. For y the change of a pair in {-1,0,1} and x the binary logarithm
// of its length, the slope is the change of the pass rate per doubling.
func ClusterSlope(x, y []float64, cluster []string, confidence float64) (Slope, error) {
	switch {
	case len(x) != len(y) || len(x) != len(cluster):
		return Slope{}, invalid("%d, %d and %d values: expected as many", len(x), len(y), len(cluster))
	case !finite(x...) || !finite(y...):
		return Slope{}, invalid("a value is not a number")
	case !openUnit(confidence, 1):
		return Slope{}, invalid("confidence %g: expected it in (0,1)", confidence)
	case len(x) < 3:
		return Slope{}, tooFew("%d values: expected at least 3", len(x))
	}
	n, mean := float64(len(x)), stat.Mean(x, nil)
	spread := 0.0
	for _, v := range x {
		spread += (v - mean) * (v - mean)
	}
	if spread == 0 {
		return Slope{}, tooFew("one value of x: expected at least 2")
	}
	intercept, slope := stat.LinearRegression(x, y, nil, false)
	var clusters numbering
	var scores []float64 // by cluster
	for i := range x {
		k := clusters.of(cluster[i])
		if k == len(scores) {
			scores = append(scores, 0)
		}
		scores[k] += (x[i] - mean) * (y[i] - intercept - slope*x[i])
	}
	if len(scores) < 2 {
		return Slope{}, tooFew("one cluster: expected at least 2")
	}
	squares := 0.0
	for _, s := range scores {
		squares += s * s
	}
	g := float64(len(scores))
	se := math.Sqrt(g/(g-1)*(n-1)/(n-2)*squares) / spread
	half := critical(confidence, len(scores)-1) * se
	return Slope{len(scores), intercept, slope, se, Interval{slope - half, slope + half, confidence}}, nil
}
