package models

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	openaiList  = `{"data":[{"id":"tiny","object":"model"}]}`
	openaiReply = `{"model":"tiny-2026","choices":[{"index":0,"message":{"role":"assistant","content":"Paris"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":1}}`
)

// chatServer is an OpenAI-compatible fake that answers questions by route.
func chatServer(t *testing.T, chat route) *fake {
	return newFake(t, map[string]route{"/v1/models": says(openaiList), "/v1/chat/completions": chat})
}

func openaiSpec(f *fake) Spec {
	return Spec{Name: "m", Provider: "openai", Model: "tiny", BaseURL: f.URL + "/v1"}
}

// status answers the calls with the statuses in turn, and then well.
func status(codes ...int) route {
	return func(w http.ResponseWriter, call int, _ []byte) {
		if call <= len(codes) {
			w.WriteHeader(codes[call-1])
			io.WriteString(w, `{"error":{"message":"out of order"}}`)
			return
		}
		io.WriteString(w, openaiReply)
	}
}

func TestAnswerIsKeptWhole(t *testing.T) {
	text := "東京 – naïve\u202e \"quoted\" <b>\n🗼"
	quoted, _ := json.Marshal(text)
	f := chatServer(t, says(`{"model":"tiny-2026","choices":[{"index":0,"message":{"content":`+string(quoted)+`},"finish_reason":"length",
		"logprobs":{"content":[{"token":"a","logprob":-0.5},{"token":"b","logprob":-1.25}]}}],"usage":{"prompt_tokens":7,"completion_tokens":2}}`))
	m, _ := openFake(t, openaiSpec(f))
	want := Response{
		Text: text, Finish: "length", PromptTokens: 7, OutputTokens: 2, Served: "tiny-2026",
		Logprobs: []float64{-0.5, -1.25}, Attempts: 1,
	}
	if diff := cmp.Diff(want, ask(t, m, question("Où – 何処?"))); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	sent := f.sent(t, "/v1/chat/completions")["messages"].([]any)[0].(map[string]any)["content"]
	if sent != "Où – 何処?" {
		t.Errorf("the server got %q", sent)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	tests := []struct {
		header string
		want   time.Duration
	}{
		{"7", 7 * time.Second},
		{"86400", longestWait},
		{noon.Add(9 * time.Second).Format(http.TimeFormat), 9 * time.Second},
		{noon.Add(-time.Hour).Format(http.TimeFormat), 0},
	}
	for _, test := range tests {
		f := chatServer(t, func(w http.ResponseWriter, call int, _ []byte) {
			w.Header().Set("Retry-After", test.header)
			status(429)(w, call, nil)
		})
		m, clock := openFake(t, openaiSpec(f))
		ask(t, m, question("Where?"))
		if diff := cmp.Diff([]time.Duration{test.want}, clock.waits); diff != "" {
			t.Errorf("Retry-After %q (-want +got):\n%s", test.header, diff)
		}
	}
}

func TestBackOffGrows(t *testing.T) {
	f := chatServer(t, status(503, 503, 503, 503))
	m, clock := openFake(t, openaiSpec(f))
	ask(t, m, question("Where?"))
	if len(clock.waits) != 4 {
		t.Fatalf("got waits %v, want 4", clock.waits)
	}
	for i, wait := range clock.waits {
		middle := 500 * time.Millisecond << i
		if wait < middle/2 || wait > middle*3/2+1 {
			t.Errorf("wait %d is %s, want %s, half as long or half as long again", i+1, wait, middle)
		}
	}
}

func TestUnreadableRetryAfterLeavesTheBackOff(t *testing.T) {
	for _, value := range []string{"", "soon", "-1", "1.5"} {
		if d, ok := retryAfter(http.Header{"Retry-After": {value}}, noon); ok {
			t.Errorf("Retry-After %q read as %s", value, d)
		}
	}
}

func TestSlowServerIsATimeout(t *testing.T) {
	release := make(chan struct{})
	f := chatServer(t, func(http.ResponseWriter, int, []byte) { <-release })
	t.Cleanup(func() { close(release) })
	s := openaiSpec(f)
	s.Timeout = 30 * time.Millisecond
	m, _ := openFake(t, s)
	r := ask(t, m, question("Where?"))
	want := &Failure{Kind: KindTimeout, Text: "no whole reply within 30ms"}
	if diff := cmp.Diff(want, r.Error); diff != "" || r.Attempts != 2 {
		t.Errorf("attempts %d, failure (-want +got):\n%s", r.Attempts, diff)
	}
}

func TestCancelledContextIsReturned(t *testing.T) {
	release := make(chan struct{})
	ctx, cancel := context.WithCancelCause(t.Context())
	f := chatServer(t, func(http.ResponseWriter, int, []byte) { cancel(fmt.Errorf("stop")); <-release })
	t.Cleanup(func() { close(release) })
	m, _ := openFake(t, openaiSpec(f))
	r, err := m.Ask(ctx, question("Where?"))
	if err != context.Canceled {
		t.Errorf("got %+v and error %v, want %v", r, err, context.Canceled)
	}
	if diff := cmp.Diff(Response{}, r); diff != "" {
		t.Errorf("a response came beside the error:\n%s", diff)
	}
}

func TestServerThatIsDown(t *testing.T) {
	f := chatServer(t, status())
	m, clock := openFake(t, openaiSpec(f))
	f.Close()
	r := ask(t, m, question("Where?"))
	if r.Error == nil || !r.Error.Fatal || !strings.Contains(r.Error.Text, "start the server, or check base_url") {
		t.Errorf("got %+v, want a fatal failure that says what to do", r.Error)
	}
	if r.Attempts != 5 {
		t.Errorf("got %d attempts during a run, want 5: servers restart", r.Attempts)
	}
	clock.waits = nil
	_, _, err := open(t.Context(), openaiSpec(f), clock)
	if err == nil || !strings.Contains(err.Error(), "start the server, or check base_url") {
		t.Errorf("open: got error %v", err)
	}
	if len(clock.waits) != 0 {
		t.Errorf("open waited %v for a server that is not there", clock.waits)
	}
}

func TestKeyIsSentAndNeverShown(t *testing.T) {
	const key = "sk-very-secret"
	f := newFake(t, map[string]route{
		"/v1/models": says(openaiList),
		"/v1/chat/completions": func(w http.ResponseWriter, _ int, _ []byte) {
			w.WriteHeader(401)
			fmt.Fprintf(w, `{"error":{"message":"bad key %s"}}`, key)
		},
	})
	s := openaiSpec(f)
	s.APIKey = key
	m, info, err := open(t.Context(), s, new(fakeClock))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	r := ask(t, m, question("Where?"))
	for _, got := range f.keys {
		if got != "Bearer "+key {
			t.Errorf("the server got Authorization %q", got)
		}
	}
	shown := fmt.Sprintf("%+v %+v %+v %+v", r, r.Error, info, NewModelRecord(s, info))
	if strings.Contains(shown, key) {
		t.Errorf("the key is shown: %s", shown)
	}
	if !strings.Contains(r.Error.Text, "bad key [api key]") {
		t.Errorf("got text %q", r.Error.Text)
	}
}

func TestNoKeyMeansNoHeader(t *testing.T) {
	f := chatServer(t, status())
	m, _ := openFake(t, openaiSpec(f))
	ask(t, m, question("Where?"))
	if diff := cmp.Diff([]string{"", ""}, f.keys); diff != "" {
		t.Errorf("Authorization (-want +got):\n%s", diff)
	}
}

func TestShortenKeepsRunesWhole(t *testing.T) {
	got := shorten(strings.Repeat("é", longestText))
	if want := strings.Repeat("é", longestText/2) + "…"; got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
}

// An error is cut where it is long, and the cut may fall into the key.
func TestNoPartOfTheKeyIsLeftWhereALongErrorIsCut(t *testing.T) {
	const key = "sk-CANARY-0123456789"
	for pad := longestText - len(key); pad <= longestText; pad++ {
		f := chatServer(t, func(w http.ResponseWriter, _ int, _ []byte) {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, strings.Repeat("x", pad)+key)
		})
		s := openaiSpec(f)
		s.APIKey = key
		m, _ := openFake(t, s)
		if r := ask(t, m, question("Where?")); r.Error == nil || strings.Contains(r.Error.Text, key[:5]) {
			t.Fatalf("%d bytes before the key: %+v", pad, r.Error)
		}
	}
}
