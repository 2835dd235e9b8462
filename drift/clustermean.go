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
	if len(d) != len(cluster) {
		return ClusterEstimate{}, invalid("%d differences and %d clusters: expected as many", len(d), len(cluster))
	}
	return clusterMean(d, clustersOf(cluster), confidence)
}

func clusterMean(d []float64, clusters clustering, confidence float64) (ClusterEstimate, error) {
	switch {
	case !finite(d...):
		return ClusterEstimate{}, invalid("a difference is not a number")
	case !openUnit(confidence, 1):
		return ClusterEstimate{}, invalid("confidence %g: expected it in (0,1)", confidence)
	case len(d) == 0:
		return ClusterEstimate{}, empty("no differences")
	}
	n := float64(len(d))
	e := ClusterEstimate{N: len(d), Estimate: stat.Mean(d, nil), Clusters: len(clusters.sizes), MeanSize: meanSize(clusters.sizes)}
	plain := 0.0
	if len(d) > 1 {
		plain = stat.Variance(d, nil) / n
		e.SEIID = pointer(math.Sqrt(plain))
	}
	if e.Clusters < 2 {
		return e, nil
	}
	g := float64(e.Clusters)
	robust := squares(clusters.sums(d, e.Estimate)) * g / (g - 1) / (n * n)
	e.SE = pointer(math.Sqrt(robust))
	half := studentQuantile(confidence, e.Clusters-1) * *e.SE
	e.Interval = &Interval{e.Estimate - half, e.Estimate + half, confidence}
	if plain > 0 {
		e.DesignEffect = pointer(robust / plain)
	}
	return e, nil
}

// clustering numbers the clusters of cases in order of first appearance. The
// zero value has none.
type clustering struct {
	of     []int // cluster number of each case
	sizes  []int // cases of each cluster
	number map[string]int
}

func clustersOf(names []string) clustering {
	var c clustering
	for _, name := range names {
		c.add(name)
	}
	return c
}

// add numbers the cluster of one more case.
func (c *clustering) add(name string) int {
	g, ok := c.number[name]
	if !ok {
		if c.number == nil {
			c.number = map[string]int{}
		}
		g = len(c.sizes)
		c.number[name], c.sizes = g, append(c.sizes, 0)
	}
	c.of, c.sizes[g] = append(c.of, g), c.sizes[g]+1
	return g
}

// sums gives the sum of d-mean of each cluster.
func (c *clustering) sums(d []float64, mean float64) []float64 {
	sums := make([]float64, len(c.sizes))
	for i, g := range c.of {
		sums[g] += d[i] - mean
	}
	return sums
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
