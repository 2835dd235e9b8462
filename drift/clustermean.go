package drift

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// ClusterEstimate is a mean of paired differences whose cases are correlated
// within clusters. A nil pointer is undefined: there is one cluster, or no
// variance.
type ClusterEstimate struct {
	N        int
	Clusters int
	Estimate float64
	SEIID    *float64 // ignoring clusters
	SE       *float64 // cluster-robust (CR1)
	Interval *Interval
	// DesignEffect is the cluster-robust variance over the plain one.
	DesignEffect *float64
	// MeanSize is the size-weighted mean of the cluster sizes, Σm²/Σm.
	MeanSize float64
}

// ClusterMean gives the mean of d with a cluster-robust standard error and a
// Student interval with one degree less than there are clusters (CR1; Miller
// 2024). cluster names the cluster of each difference.
func ClusterMean(d []float64, cluster []string, confidence float64) (ClusterEstimate, error) {
	switch {
	case len(d) != len(cluster):
		return ClusterEstimate{}, invalid("%d differences and %d clusters: expected as many", len(d), len(cluster))
	case !finite(d...):
		return ClusterEstimate{}, invalid("a difference is not a number")
	case !openUnit(confidence, 1):
		return ClusterEstimate{}, invalid("confidence %g: expected it in (0,1)", confidence)
	case len(d) == 0:
		return ClusterEstimate{}, empty("no differences")
	}
	n := float64(len(d))
	e := ClusterEstimate{N: len(d), Estimate: stat.Mean(d, nil)}
	sums, sizes := clusterSums(d, cluster, e.Estimate)
	e.Clusters, e.MeanSize = len(sums), meanSize(sizes)
	plain := 0.0
	if len(d) > 1 {
		plain = stat.Variance(d, nil) / n
		e.SEIID = pointer(math.Sqrt(plain))
	}
	if e.Clusters < 2 {
		return e, nil
	}
	g := float64(e.Clusters)
	robust := squares(sums) * g / (g - 1) / (n * n)
	e.SE = pointer(math.Sqrt(robust))
	half := studentQuantile(confidence, e.Clusters-1) * *e.SE
	e.Interval = &Interval{e.Estimate - half, e.Estimate + half, confidence}
	if plain > 0 {
		e.DesignEffect = pointer(robust / plain)
	}
	return e, nil
}

// clusterSums gives the sum of d-mean and the size of each cluster, in order
// of first appearance.
func clusterSums(d []float64, cluster []string, mean float64) (sums []float64, sizes []int) {
	at := map[string]int{}
	for i, name := range cluster {
		g, ok := at[name]
		if !ok {
			g = len(sums)
			at[name] = g
			sums, sizes = append(sums, 0), append(sizes, 0)
		}
		sums[g] += d[i] - mean
		sizes[g]++
	}
	return sums, sizes
}

// meanSize is Σm²/Σm.
func meanSize(sizes []int) float64 {
	total, squares := 0.0, 0.0
	for _, m := range sizes {
		total += float64(m)
		squares += float64(m) * float64(m)
	}
	return squares / total
}

func pointer[T any](x T) *T { return &x }
