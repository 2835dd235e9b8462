package main

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The bound allows for three standard errors over the share that is named: it
// is for a gate that broke, and docs/calibration.md is for the figures.
func TestNoSettingPassesWronglyMuchTooOften(t *testing.T) {
	const runs = 400
	for i, s := range settings {
		if s.samples == 0 {
			s.samples = 1
		}
		wrong := s.verdicts(runs, rand.NewPCG(9, uint64(i))).pass
		if wrong > named+3*errorOf(named, runs) {
			t.Errorf("%s, ICC %g: %.1f %% wrong passes", s.name(), s.icc, 100*wrong)
		}
	}
}

func TestFlipsMoveWithTheTrueDrop(t *testing.T) {
	s := setting{templates: 400, cases: 5, icc: 0.3, loss: 0.10, gain: 0.05, samples: 1}
	for _, drop := range []float64{0, 0.05, 0.15} {
		sum := 0.0
		pairs := s.at(drop).draw(rand.NewPCG(1, 2))
		for _, p := range pairs {
			sum += float64(p.Reference.Passes - p.Candidate.Passes)
		}
		if got := sum / float64(len(pairs)); got < drop-0.03 || got > drop+0.03 {
			t.Errorf("drop %g: the pairs lost %g", drop, got)
		}
	}
}

func TestTheSameSeedPrintsTheSameDocument(t *testing.T) {
	var one, other strings.Builder
	report(&one, 3, 7)
	report(&other, 3, 7)
	if one.String() != other.String() {
		t.Error("two documents of one seed differ")
	}
	if !strings.HasPrefix(one.String(), "# Calibration\n") {
		t.Errorf("no title: %.40s", one.String())
	}
}
