package drift

import (
	"fmt"
	"math"
)

// Refusal says why a statistic was not computed. There is no number then:
// never NaN and never a silent zero.
type Refusal struct {
	// Code is empty (nothing to compute on), invalid (an argument outside its
	// range) or too_few (a structure too small for the method).
	Code string
	What string
}

func (r *Refusal) Error() string { return r.Code + ": " + r.What }

func empty(format string, args ...any) error {
	return &Refusal{"empty", fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error {
	return &Refusal{"invalid", fmt.Sprintf(format, args...)}
}

func finite(xs ...float64) bool {
	for _, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false
		}
	}
	return true
}

// openUnit tells whether x lies strictly between 0 and high.
func openUnit(x, high float64) bool { return x > 0 && x < high }

func tooFew(format string, args ...any) error {
	return &Refusal{"too_few", fmt.Sprintf(format, args...)}
}
