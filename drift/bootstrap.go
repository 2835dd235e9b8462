package drift

import "gonum.org/v1/gonum/stat"

// Bootstrap holds the replicates of a mean. It is for statistics that have no
// interval of their own, and never for a gate: with rare flips it sees almost
// no variance.
type Bootstrap struct {
	Estimate   float64
	Replicates []float64
	Jackknife  []float64 // the mean without each cluster
}

// ClusterBootstrap computes the mean of d over drawn clusters, which are
// numbered in order of first appearance; see [Resamples].
func ClusterBootstrap(d []float64, cluster []string, draws [][]int) (Bootstrap, error) {
	switch {
	case len(d) != len(cluster):
		return Bootstrap{}, invalid("%d values and %d clusters: expected as many", len(d), len(cluster))
	case !finite(d...):
		return Bootstrap{}, invalid("a value is not a number")
	case len(d) == 0:
		return Bootstrap{}, empty("no values")
	}
	clusters := clustersOf(cluster)
	sums, sizes := clusters.sums(d, 0), clusters.sizes
	if len(sums) < 2 {
		return Bootstrap{}, tooFew("one cluster: expected at least 2")
	}
	if err := checkDraws(draws, len(sums)); err != nil {
		return Bootstrap{}, err
	}
	b := Bootstrap{Estimate: stat.Mean(d, nil)}
	for _, draw := range draws {
		sum, n := 0.0, 0
		for _, g := range draw {
			sum += sums[g]
			n += sizes[g]
		}
		b.Replicates = append(b.Replicates, sum/float64(n))
	}
	for g := range sums {
		sum, n := 0.0, 0
		for h := range sums {
			if h != g {
				sum += sums[h]
				n += sizes[h]
			}
		}
		b.Jackknife = append(b.Jackknife, sum/float64(n))
	}
	return b, nil
}
