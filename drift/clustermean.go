package drift

import (
	"iter"
	"math"
)

// clusterEstimate is the mean of numbers that are correlated within clusters. A
// nil pointer is undefined: there is one case, one cluster, or no variance.
type clusterEstimate struct {
	N        int
	Clusters int
	Estimate float64
	SEIID    *float64 // ignoring clusters
	SE       *float64 // cluster-robust (CR1)
	// DesignEffect is the cluster-robust variance over the plain one.
	DesignEffect *float64
	// MeanSize is the size-weighted mean of the cluster sizes, Σm²/Σm.
	MeanSize float64
}

// moments are the sums of numbers and of their squares.
type moments struct{ sum, squares float64 }

func (m *moments) add(x float64) {
	m.sum += x
	m.squares += x * x
}

func (m *moments) include(o moments) {
	m.sum += o.sum
	m.squares += o.squares
}

// rounding is below every variance of shares that is not 0.
const rounding = 1e-12

// clusterMean gives the mean of the numbers of clusters, each with how many
// there are and their moments, with a cluster-robust standard error (CR1: Liang
// and Zeger 1986; Miller 2024). There must be a number. It takes sums, not the
// numbers, so that an audit of a million pairs keeps a thousand clusters; a
// variance below 1e-12 is taken for rounding.
func clusterMean(clusters iter.Seq2[int, moments]) clusterEstimate {
	var e clusterEstimate
	var all moments
	squaredSizes := 0.0
	for m, of := range clusters {
		e.N, e.Clusters = e.N+m, e.Clusters+1
		squaredSizes += float64(m) * float64(m)
		all.include(of)
	}
	n, g := float64(e.N), float64(e.Clusters)
	e.Estimate, e.MeanSize = all.sum/n, squaredSizes/n
	plain := 0.0
	if e.N > 1 {
		plain = max(0, all.squares-n*e.Estimate*e.Estimate) / (n - 1) / n
		e.SEIID = pointer(math.Sqrt(plain))
	}
	if e.Clusters < 2 {
		return e
	}
	robust := 0.0
	for m, of := range clusters {
		residual := of.sum - float64(m)*e.Estimate
		robust += residual * residual
	}
	robust *= g / (g - 1) / (n * n)
	if robust*n < rounding {
		robust = 0
	}
	e.SE = pointer(math.Sqrt(robust))
	if plain*n > rounding {
		e.DesignEffect = pointer(robust / plain)
	}
	return e
}

// interval is Student's, with one degree less than there are clusters; nil with
// one cluster.
func (e clusterEstimate) interval(confidence float64) *Interval {
	if e.SE == nil {
		return nil
	}
	half := critical(confidence, e.Clusters-1) * *e.SE
	return &Interval{e.Estimate - half, e.Estimate + half, confidence}
}

func pointer[T any](x T) *T { return &x }
