package drift_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// Over many clusters a mean has the interval of the formula: with one case each
// and a share p of ones among n values, p ± t·√(p(1−p)/(n−1)).
func TestAMeanOverManyClustersIsNotBootstrapped(t *testing.T) {
	const n, p, t975 = 1200, 0.25, 1.96196 // Student's 0.975 quantile at 1199 degrees
	pairs := make([]drift.Pair, n)
	for i := range pairs {
		text := "a"
		if i%4 == 0 {
			text = "b"
		}
		pairs[i] = drift.Pair{
			Cluster:   strconv.Itoa(i),
			Reference: drift.Observation{Outcome: drift.Pass, Text: "a"},
			Candidate: drift.Observation{Outcome: drift.Pass, Text: text},
		}
	}
	got := drift.AnalyseText(pairs, drift.Bootstrapped{Seed: 1, Name: "many"}).EditDistance
	half := t975 * math.Sqrt(p*(1-p)/(n-1))
	if got.Method != "cluster_mean" || got.Mean != p || got.Interval == nil {
		t.Fatalf("got %+v, want the mean %g with the interval of cluster_mean", got, p)
	}
	if low, high := p-half, p+half; math.Abs(got.Interval.Low-low) > 1e-6 || math.Abs(got.Interval.High-high) > 1e-6 {
		t.Errorf("got [%.6f, %.6f], want [%.6f, %.6f]", got.Interval.Low, got.Interval.High, low, high)
	}
	few := drift.AnalyseText(pairs[:1000], drift.Bootstrapped{Seed: 1, Name: "many"}).EditDistance
	if few.Method == "cluster_mean" {
		t.Errorf("1000 clusters: method %s, want a bootstrap's", few.Method)
	}
}
