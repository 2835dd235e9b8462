package drift

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// firstDraws are the first lists of cluster numbers.
func firstDraws(b Bootstrapped, clusters, n int, statistic string) [][]int {
	var list [][]int
	for draw := range b.draws(clusters, statistic) {
		if list = append(list, slices.Clone(draw)); len(list) == n {
			break
		}
	}
	return list
}

// The numbers are pinned: a seed in an old report must give the same draws.
func TestASeedMeansTheSameForEver(t *testing.T) {
	b := Bootstrapped{Seed: 42, Name: "probe"}
	want := [][]int{{0, 3, 2, 4, 4}, {1, 4, 4, 2, 1}, {3, 1, 3, 1, 0}}
	got := firstDraws(b, 5, 3, "chrf")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if cmp.Equal(got, firstDraws(b, 5, 3, "kl")) {
		t.Error("two statistics share one stream")
	}
	if cmp.Equal(got, firstDraws(Bootstrapped{Seed: 42, Name: "other"}, 5, 3, "chrf")) {
		t.Error("two probes share one stream")
	}
}

func TestDrawsAreUniform(t *testing.T) {
	counts := make([]int, 6)
	for draw := range (Bootstrapped{Seed: 1, Name: "uniform"}).draws(6, "x") {
		for _, g := range draw {
			counts[g]++
		}
	}
	// 59,994 draws: 9,999 each with a standard deviation of 91; 5 of them are allowed.
	if slices.Min(counts) < 9_544 || slices.Max(counts) > 10_454 {
		t.Errorf("counts %v: want about 9,999 each", counts)
	}
}
