package main

import "fmt"

// setting is one way in which the cases of a comparison may come about.
type setting struct {
	templates, cases int // cases of each template
	// icc is the correlation of flips within a template, in [0,1).
	icc float64
	// loss and gain are the true rates of flips per case at the margin.
	loss, gain float64
	margin     float64
	// samples of each case and model; 1 is a single answer.
	samples int
	// ragged makes templates of 1, 2, 3 … cases, of the same mean.
	ragged bool
	// move is the size in (0,1] of a change of a sampled case whose other
	// answers are all right; 0 for cases that are right in three of four
	// samples and move by one half.
	move float64
}

func (s setting) name() string {
	text := fmt.Sprintf("%d×%d", s.templates, s.cases)
	if s.cases == 1 {
		text = fmt.Sprintf("%d alone", s.templates)
	}
	if s.ragged {
		text += ", ragged"
	}
	if s.samples > 1 {
		text += fmt.Sprintf(", %d samples", s.samples)
	}
	if s.move > 0 {
		text += fmt.Sprintf(", moves of %g", s.move)
	}
	return text
}

// size is that of a flip: how much it moves a case's chance of a pass.
func (s setting) size() float64 {
	switch {
	case s.samples <= 1:
		return 1
	case s.move == 0:
		return 0.5
	}
	return s.move
}

// settings begin with those of the table that the design effect was chosen by.
var settings = []setting{
	{templates: 20, cases: 10, icc: 0.5, loss: 0.05, margin: 0.05},
	{templates: 20, cases: 10, icc: 0.5, loss: 0.10, gain: 0.05, margin: 0.05},
	{templates: 10, cases: 10, icc: 0.5, loss: 0.10, gain: 0.05, margin: 0.05},
	{templates: 40, cases: 5, icc: 0.2, loss: 0.10, gain: 0.05, margin: 0.05},
	{templates: 40, cases: 5, icc: 0.5, loss: 0.05, margin: 0.05},
	{templates: 60, cases: 5, icc: 0.5, loss: 0.10, gain: 0.05, margin: 0.05},
	{templates: 20, cases: 5, icc: 0, loss: 0.10, gain: 0.05, margin: 0.05},
	{templates: 20, cases: 10, icc: 0.2, loss: 0.05, margin: 0.05},
	{templates: 100, cases: 3, icc: 0.5, loss: 0.10, gain: 0.05, margin: 0.05},
	{templates: 100, cases: 2, icc: 0.3, loss: 0.12, gain: 0.02, margin: 0.10},
	{templates: 30, cases: 4, icc: 0.3, loss: 0.15, gain: 0.05, margin: 0.10},
	{templates: 40, cases: 5, icc: 0.3, loss: 0.10, gain: 0.05, margin: 0.05, ragged: true},
	{templates: 25, cases: 1, loss: 0.10, margin: 0.10},
	{templates: 52, cases: 1, loss: 0.05, margin: 0.05},
	{templates: 100, cases: 1, loss: 0.10, gain: 0.05, margin: 0.05},
	{templates: 274, cases: 1, loss: 0.10, gain: 0.05, margin: 0.05},
	{templates: 1000, cases: 1, loss: 0.07, gain: 0.02, margin: 0.05},
	{templates: 60, cases: 1, loss: 0.10, gain: 0.05, margin: 0.05, samples: 5},
	{templates: 40, cases: 3, icc: 0.3, loss: 0.15, gain: 0.05, margin: 0.10, samples: 5},
	{templates: 60, cases: 1, loss: 0.05, margin: 0.05, samples: 4, move: 1},
	{templates: 100, cases: 1, loss: 0.10, margin: 0.10, samples: 8, move: 0.5},
	{templates: 200, cases: 1, loss: 0.05, margin: 0.05, samples: 4, move: 0.5},
	{templates: 200, cases: 1, loss: 0.05, margin: 0.05, samples: 8, move: 0.25},
	{templates: 200, cases: 1, loss: 0.10, gain: 0.05, margin: 0.05, samples: 4, move: 0.5},
	{templates: 400, cases: 1, loss: 0.05, margin: 0.05, samples: 2, move: 1},
	{templates: 100, cases: 4, icc: 0.3, loss: 0.05, margin: 0.05, samples: 4, move: 0.5},
}

// at is the setting with another true change: flips of both kinds, with so
// much more loss than gain.
func (s setting) at(drop float64) setting {
	flips := s.loss + s.gain
	s.gain = max(0, (flips-drop)/2)
	s.loss = s.gain + drop
	return s
}
