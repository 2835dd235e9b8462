package scorers_test

import (
	"math"
	"testing"

	"github.com/gambit-audit/gambit/scorers"
)

func TestOpinionMatch(t *testing.T) {
	tests := []struct {
		name   string
		shares []float64
		counts []int
		want   float64
	}{
		{"same distribution", []float64{0.2, 0.2, 0.6}, []int{1, 1, 3}, 1},
		{"opposite ends", []float64{1, 0, 0}, []int{0, 0, 7}, 0},
		{"one step off of two", []float64{1, 0, 0}, []int{0, 4, 0}, 0.5},
		// Cumulated differences 1-0.2, 1-0.4, 0: W1 = 1.4 of at most 2.
		{"all at one end", []float64{0.2, 0.2, 0.6}, []int{5, 0, 0}, 0.3},
		// Shares rounded to three decimals count as the thirds they stand for.
		{"rounded shares", []float64{0.333, 0.333, 0.333}, []int{2, 2, 2}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := scorers.OpinionMatch(test.shares, test.counts)
			if err != nil || math.Abs(got-test.want) > 1e-12 {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestOpinionMatchIsUndefined(t *testing.T) {
	tests := []struct {
		name   string
		shares []float64
		counts []int
		want   string
	}{
		{"without answers", []float64{0.5, 0.5}, []int{0, 0}, "expected at least one counted answer, got none"},
		{"for other options", []float64{0.5, 0.5}, []int{1, 1, 1}, "expected 2 counts, got 3"},
		{"for negative counts", []float64{0.5, 0.5}, []int{-1, 2}, "expected counts from 0, got -1"},
		{"for one option", []float64{1}, []int{1}, "expected at least two shares, got 1"},
		{"for shares of another sum", []float64{0.5, 0.6}, []int{1, 1}, "expected shares that sum to 1, got a sum of 1.1"},
		{"for shares that are no numbers", []float64{math.NaN(), 1}, []int{1, 1}, "share 1: expected a number in [0,1], got NaN"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := scorers.OpinionMatch(test.shares, test.counts)
			if err == nil || err.Error() != test.want || got != 0 {
				t.Errorf("got %v, %v, want error %s", got, err, test.want)
			}
		})
	}
}

func TestOpinionKeepsItsShares(t *testing.T) {
	options := []scorers.Option{{Is: "yes", Text: "yes"}, {Is: "no", Text: "no"}}
	scorer, err := scorers.New("opinion_match",
		map[string]any{"shares": []any{0.25, 0.75}, "at_least": 0.8}, scorers.Context{Options: options})
	if err != nil {
		t.Fatal(err)
	}
	opinion, ok := scorer.(scorers.Opinion)
	if !ok || opinion.Shares[1] != 0.75 || opinion.AtLeast != 0.8 {
		t.Errorf("got %+v, want shares 0.25 and 0.75 and a match of 0.8", scorer)
	}
}
