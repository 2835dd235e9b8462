package audit

import (
	"fmt"

	"github.com/gambit-audit/gambit/models"
)

const (
	// maxFatal is how many calls in a row may fail for a reason that every
	// further call would meet, before a model is given up.
	maxFatal = 5
	// maxFailed is how many may fail for any other reason of the server's, beyond
	// those that are in flight when the trouble begins.
	maxFailed = 20
)

// breaker tells when a model is to be given up: calls to a dead endpoint cost
// time, and mostly money. The zero value has seen nothing.
type breaker struct {
	fatal, failed int // in a row
}

// named is a failure as warnings count it.
func named(f *models.Failure) string {
	if f.Own {
		return f.Text + " (this may be the model's own doing)"
	}
	return f.Text
}

// note takes how a call ended, nil for an answer, of as many as are in flight at
// a time. It returns why the model is to be given up, or "".
//
// A prompt that was cut says nothing of the server. What may be the model's own
// doing, such as an empty text, says that the server works.
func (b *breaker) note(f *models.Failure, inFlight int) string {
	switch {
	case f == nil || f.Own:
		*b = breaker{}
		return ""
	case f.Kind == models.KindCut:
		return ""
	case f.Fatal:
		b.fatal++
	default:
		b.fatal = 0
	}
	b.failed++
	most := maxFailed + inFlight
	switch {
	case b.fatal >= maxFatal:
		most = maxFatal
	case b.failed < most:
		return ""
	}
	return fmt.Sprintf("given up after %d calls in a row failed: %s", most, f.Error())
}
