package models

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// longestWait bounds what a server may demand by Retry-After.
const longestWait = 60 * time.Second

// clock is the time as the retries see it.
type clock interface {
	Now() time.Time
	// Wait returns nil after d, or the context's error.
	Wait(ctx context.Context, d time.Duration) error
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// newBackOff waits 0.5 s, then twice as long each time up to 30 s, each up to
// half as long or half as long again, so that callers do not come in step.
func newBackOff() backoff.BackOff {
	b := backoff.NewExponentialBackOff()
	b.Multiplier = 2
	b.MaxInterval = 30 * time.Second
	b.Reset()
	return b
}

// retryAfter reads the header in both of its forms, seconds and a date
// (RFC 9110, 10.2.3). It is false where there is none that can be read.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestWait), true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), longestWait), true
}

// tries is the number of attempts that a failed request is worth, of the most
// that the model's Spec allows. docs/faults.md has it as a table.
func (x *exchange) tries(f *Failure, most int) int {
	switch {
	case f.Kind == KindCut:
		return 1
	case f.Kind == KindTimeout, notText(f):
		return min(most, 2)
	case f.Status == 0:
		if f.Fatal && x.opening {
			return 1
		}
		return most
	case f.Status == http.StatusOK && x.opening:
		return 1 // a page in place of a model's server is a wrong base_url
	case f.Status == http.StatusOK:
		return most
	case f.Status == http.StatusRequestTimeout, f.Status == http.StatusTooManyRequests, f.Status >= 500:
		return most
	}
	return 1
}

// notText tells llama-server's complaint that a model wrote bytes which are no
// text. Such a model may be damaged: it is not a fault of the network, and
// asking more often brings the same again.
func notText(f *Failure) bool {
	return f.Status == http.StatusInternalServerError && strings.Contains(f.Text, "Content-only format")
}

// lost explains an HTTP request that got no reply.
func lost(err error, endpoint string) *Failure {
	f := &Failure{Kind: KindError, Text: endpoint + ": " + err.Error()}
	var lookup *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Fatal = true
		f.Text = "nothing listens at " + endpoint + " (connection refused): start the server, or check base_url"
	case errors.As(err, &lookup) && lookup.IsNotFound:
		f.Fatal = true
		f.Text = "no host " + strconv.Quote(lookup.Name) + ": check base_url"
	case errors.As(err, &certificate):
		f.Fatal = true
	}
	return f
}
