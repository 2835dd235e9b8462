package models

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// largestReply bounds the body of a reply in bytes.
	largestReply = 32 << 20
	// longestText bounds what an error repeats of a server's words, in bytes.
	longestText = 500
)

// transport carries the HTTP requests of one model: it puts the fields of the
// exchange into the body and the key into the header, bounds each attempt in
// time, retries what may pass, and reads each reply whole, so that no half of
// one is ever taken for an answer.
type transport struct {
	next     http.RoundTripper
	clock    clock
	key      string
	timeout  time.Duration
	attempts int
	limit    *pace
}

// newClient returns a client with an idle pool as large as the concurrency. It
// follows no redirect, since the key would go along.
func newClient(s Spec, c clock) *http.Client {
	pool := http.DefaultTransport.(*http.Transport).Clone()
	pool.MaxIdleConns = 0
	pool.MaxIdleConnsPerHost = s.Concurrency
	return &http.Client{
		Transport:     &transport{next: pool, clock: c, key: s.APIKey, timeout: s.Timeout, attempts: s.Attempts, limit: newPace(s.Concurrency)},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// CloseIdleConnections lets http.Client.CloseIdleConnections through.
func (t *transport) CloseIdleConnections() {
	t.next.(*http.Transport).CloseIdleConnections()
}

// RoundTrip makes one HTTP request in as many attempts as it is worth. A reply
// with an error status is returned like any other, and explained in the
// exchange.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	x := exchangeOf(r.Context())
	body, err := requestBody(r, x)
	if err != nil {
		return nil, fmt.Errorf("request body: %w", err)
	}
	wait := newBackOff()
	if x.attempts == 0 {
		x.attempts = 1
	}
	earlier := x.latency
	for try := 1; ; try++ {
		epoch, err := t.limit.enter(r.Context())
		if err != nil {
			return nil, err
		}
		began := t.clock.Now()
		resp, failure := t.attempt(r, body, x)
		t.limit.leave(epoch, failure != nil && tooMany(failure.Status))
		x.failure, x.latency = failure, earlier+t.clock.Now().Sub(began)
		if failure == nil {
			return resp, nil
		}
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		if try >= x.tries(failure, t.attempts) {
			return answered(resp, failure)
		}
		if err := t.clock.Wait(r.Context(), t.pause(resp, wait.NextBackOff())); err != nil {
			return nil, err
		}
		x.attempts++
	}
}

// answered gives the client a reply where there was one, else the failure.
func answered(resp *http.Response, f *Failure) (*http.Response, error) {
	if resp == nil {
		return nil, f
	}
	return resp, nil
}

func requestBody(r *http.Request, x *exchange) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return x.apply(body)
}

// pause is the server's wish, where it says one, else the back-off's.
func (t *transport) pause(resp *http.Response, d time.Duration) time.Duration {
	if resp == nil {
		return d
	}
	if wish, ok := retryAfter(resp.Header, t.clock.Now()); ok {
		return wish
	}
	return d
}

// attempt sends the request once and reads the whole reply. The failure is nil
// for a status of 2xx with a result; the response is nil where no whole reply
// came.
func (t *transport) attempt(r *http.Request, body []byte, x *exchange) (*http.Response, *Failure) {
	ctx, cancel := context.WithTimeout(r.Context(), t.timeout)
	defer cancel()
	resp, err := t.send(r.Clone(ctx), body)
	if err == nil {
		x.raw, err = readReply(resp, t.key)
	}
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, &Failure{Kind: KindTimeout, Text: fmt.Sprintf("no whole reply within %s", t.timeout)}
	}
	if err != nil {
		return nil, lost(err, r.URL.Scheme+"://"+r.URL.Host)
	}
	if resp.StatusCode/100 != 2 {
		return resp, refused(resp.StatusCode, resp.Header, x.raw)
	}
	return resp, noResult(r.URL.Path, x.raw)
}

func (t *transport) send(r *http.Request, body []byte) (*http.Response, error) {
	t.authorize(r.Header)
	if body != nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		r.GetBody = nil
	}
	return t.next.RoundTrip(r)
}

const (
	// keyHeader is where some servers want the key, in place of Authorization.
	keyHeader = "X-Api-Key"
	// keyInTransport is what clients hold in place of a key: without one,
	// langchaingo would take it from the environment.
	keyInTransport = "in-transport"
)

// authorize puts the key where the client has put keyInTransport, or nothing.
func (t *transport) authorize(h http.Header) {
	own := h.Get(keyHeader) != ""
	h.Del("Authorization")
	h.Del(keyHeader)
	switch {
	case t.key == "":
	case own:
		h.Set(keyHeader, t.key)
	default:
		h.Set("Authorization", "Bearer "+t.key)
	}
}

// readReply reads the body whole and puts it back for the client, without the
// key, where a server repeats it: what is cut later could leave half of it.
func readReply(resp *http.Response, key string) ([]byte, error) {
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, largestReply+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > largestReply {
		return nil, fmt.Errorf("the reply is larger than %d MiB", largestReply>>20)
	}
	if len(key) >= shortestKey {
		raw = bytes.ReplaceAll(raw, []byte(key), []byte(hiddenKey))
	}
	resp.Body = io.NopCloser(bytes.NewReader(raw))
	return raw, nil
}

// tooMany tells a server's word that it has more requests than it bears; 529 is
// Anthropic's.
func tooMany(status int) bool { return status == http.StatusTooManyRequests || status == 529 }

// refused explains a reply whose status is not 2xx.
func refused(status int, h http.Header, raw []byte) *Failure {
	f := &Failure{Kind: KindError, Status: status, Text: serverText(raw)}
	switch {
	case status/100 == 3:
		f.Fatal = true
		f.Text = "redirected to " + address(h.Get("Location")) + ": set base_url to the final address"
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		f.Fatal = true
		f.Text = "the server refused the api_key: " + f.Text
	case status == http.StatusNotFound:
		f.Fatal = true
	case tooLong(raw):
		f.Kind = KindCut
	case notText(f):
		f.Own = true
		f.Text = "the model wrote bytes that are not text: " + f.Text
	}
	return f
}

// address is a URL without what may be secret in it: user, password, query and
// fragment.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "an address that is no URL"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// noResult explains a reply of status 2xx that is no JSON, such as a proxy's
// page, or holds an error in place of a result; nil for any other.
func noResult(path string, raw []byte) *Failure {
	if !json.Valid(raw) {
		return &Failure{Kind: KindError, Status: http.StatusOK, Text: fmt.Sprintf("%s: expected JSON, got %q", path, shorten(string(raw)))}
	}
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	if !bytes.Contains(raw, []byte(`"error"`)) || json.Unmarshal(raw, &body) != nil {
		return nil
	}
	switch string(body.Error) {
	case "", "null", "false", `""`, "{}", "[]":
		return nil
	}
	return refused(statusOf(body.Error), nil, raw)
}

// statusOf is the HTTP status that gateways put into an error as its code, else
// 200.
func statusOf(failure json.RawMessage) int {
	var nested struct {
		Code int `json:"code"`
	}
	if json.Unmarshal(failure, &nested) != nil || nested.Code < 400 || nested.Code > 599 {
		return http.StatusOK
	}
	return nested.Code
}

// serverText is the message in the body of an error, in the forms that the
// servers use, or the beginning of the body.
func serverText(raw []byte) string {
	var body struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
	}
	text := string(raw)
	raw = bytes.TrimSpace(raw)
	if bytes.HasPrefix(raw, []byte("[{")) && bytes.HasSuffix(raw, []byte("]")) {
		raw = raw[1 : len(raw)-1] // Google's list of one error
	}
	if json.Unmarshal(raw, &body) == nil {
		var nested struct {
			Message string `json:"message"`
		}
		var plain string
		switch {
		case json.Unmarshal(body.Error, &nested) == nil && nested.Message != "":
			text = nested.Message
		case json.Unmarshal(body.Error, &plain) == nil && plain != "":
			text = plain
		case body.Message != "":
			text = body.Message
		}
	}
	return shorten(text)
}

// shorten bounds a text in bytes, at the boundary of a rune.
func shorten(text string) string {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) <= longestText {
		return text
	}
	cut := longestText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// tooLong tells the complaint that a prompt does not fit into the context, as
// the servers word it.
func tooLong(raw []byte) bool {
	text := strings.ToLower(string(raw[:min(len(raw), 4096)]))
	for _, words := range []string{
		"context_length_exceeded",
		"maximum context length",             // OpenAI, vLLM
		"exceeds the available context size", // llama-server
		"exceeds the context length",         // Ollama with truncate: false
		"exceed_context_size",                // llama-server's type
		"longer than the model's context",    // TGI and others
		"larger than the context size",       // llama-server, older
		"exceeds maximum context",            // others
		"prompt is too long",                 // gateways
	} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}
