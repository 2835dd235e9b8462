package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

func TestTopKKLNeverExceedsTheWholeDivergence(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	distribution := func() map[string]float64 {
		p, sum := map[string]float64{}, 0.0
		for _, token := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			p[token] = r.ExpFloat64() + 1e-3
			sum += p[token]
		}
		for token := range p {
			p[token] /= sum
		}
		return p
	}
	top := func(p map[string]float64) map[string]float64 {
		logs := map[string]float64{}
		for token, mass := range p {
			if mass > 0.1 {
				logs[token] = math.Log(mass)
			}
		}
		return logs
	}
	for range 500 {
		p, q := distribution(), distribution()
		whole := 0.0
		for token := range p {
			whole += p[token] * math.Log(p[token]/q[token])
		}
		got, err := drift.TopKKL(top(p), top(q))
		if err != nil {
			t.Fatal(err)
		}
		if got.KL > whole+1e-9 {
			t.Fatalf("bound %v exceeds the divergence %v", got.KL, whole)
		}
	}
}

func TestASwapGapTooLargeToEnumerateIsDrawn(t *testing.T) {
	high := drift.Table{BothPass: 5_000, Loss: 500, Gain: 500, BothFail: 100}
	level := drift.Table{BothPass: 4_000, Loss: 1_000, Gain: 1_000, BothFail: 100}
	harmed := drift.Table{BothPass: 4_000, Loss: 1_600, Gain: 400, BothFail: 100}
	for _, tt := range []struct {
		name      string
		low       drift.Table
		want, off float64
	}{
		// The losses lie 27 standard deviations above half of the flips: no
		// draw comes near, which leaves (1+0)/10,000.
		{"harm in one group", harmed, 0.0001, 0},
		// The gap change is symmetric around 0, which is what is seen.
		{"no harm", level, 0.5, 0.03},
	} {
		got, err := drift.SwapGapTest(map[string]drift.Table{"high": high, "low": tt.low}, 1)
		if err != nil {
			t.Fatal(err)
		}
		// (1,000+1)·(2,000+1) swaps are more than a million.
		if got.Exact || math.Abs(got.P-tt.want) > tt.off {
			t.Errorf("%s: got %+v, want a drawn p of %v", tt.name, got, tt.want)
		}
	}
}

func TestRefusalsSayWhatWasExpected(t *testing.T) {
	for _, tt := range []struct {
		name string
		code string
		call func() error
	}{
		{"a gap of a negative cell", "invalid", func() error {
			_, err := drift.SwapGapTest(map[string]drift.Table{"a": {Loss: -1, BothPass: 5}}, 1)
			return err
		}},
		{"a ratio of 1", "invalid", func() error {
			_, err := drift.FitLengthCurve([]drift.LengthPoint{{Length: 1, Passes: 1, Total: 1}}, nil, 1)
			return err
		}},
		{"a slope of two points", "too_few", func() error {
			_, err := drift.ClusterSlope([]float64{1, 2}, []float64{0, 1}, []string{"a", "b"}, 0.95)
			return err
		}},
	} {
		var refusal *drift.Refusal
		if err := tt.call(); !errors.As(err, &refusal) || refusal.Code != tt.code {
			t.Errorf("%s: got error %v, want refusal %s", tt.name, err, tt.code)
		}
	}
}
