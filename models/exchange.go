package models

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"time"
)

// exchange is what one call adds to the bodies it sends, and what is kept of
// the replies. It travels in the context, under langchaingo's clients.
//
// It belongs to one goroutine: a call makes its HTTP requests one by one.
type exchange struct {
	// fields are put into the body of each POST, in place of what is there;
	// fields within "options" are merged into that object.
	fields map[string]any
	// opening is set while a model is opened: a refused connection is then
	// final, since waiting does not start a server.
	opening bool

	sent     int           // bytes of the messages
	attempts int           // 1, and one more for each that was repeated
	latency  time.Duration // of the last attempt of each HTTP request, summed
	raw      []byte        // the last reply's body
	failure  *Failure      // of the last HTTP request; nil where it got an answer
}

type exchangeKey struct{}

func withExchange(ctx context.Context) (context.Context, *exchange) {
	x := new(exchange)
	return context.WithValue(ctx, exchangeKey{}, x), x
}

func atOpening(ctx context.Context) context.Context {
	ctx, x := withExchange(ctx)
	x.opening = true
	return ctx
}

// exchangeOf returns the exchange in ctx, or a fresh one where there is none.
func exchangeOf(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return new(exchange)
}

// again begins the call anew.
func (x *exchange) again() {
	x.attempts++
	x.latency, x.raw, x.failure = 0, nil, nil
}

func (x *exchange) latencyMS() float64 {
	return float64(x.latency.Microseconds()) / 1000
}

// explain turns the error of a call into a failure. What the transport saw
// comes before what langchaingo made of it.
func (x *exchange) explain(err error) *Failure {
	if x.failure != nil {
		return x.failure
	}
	if known := (*Failure)(nil); errors.As(err, &known) {
		clone := *known
		return &clone
	}
	return &Failure{Kind: KindError, Text: err.Error(), Own: errors.As(err, new(noAnswer))}
}

// apply returns body, a JSON object, with the fields put in.
func (x *exchange) apply(body []byte) ([]byte, error) {
	if len(x.fields) == 0 {
		return body, nil
	}
	var object map[string]any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&object); err != nil {
		return nil, err
	}
	for name, value := range x.fields {
		inner, nested := value.(map[string]any)
		outer, exists := object[name].(map[string]any)
		if nested && exists {
			maps.Copy(outer, inner)
			continue
		}
		object[name] = value
	}
	return json.Marshal(object)
}
