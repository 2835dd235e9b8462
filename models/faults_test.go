package models

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fault is one way in which a server or the network goes wrong.
type fault struct {
	chat  route
	spoil func(*fake, *Model) // what else goes wrong once the model is open; nil for nothing
	tries int
	want  Failure
}

func fails(code int, body string) route {
	return func(w http.ResponseWriter, _ int, _ []byte) {
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

const outOfOrder = `{"error":{"message":"out of order"}}`

// dials makes every new connection fail.
func dials(err error) func(*fake, *Model) {
	return func(_ *fake, m *Model) {
		pool := m.client.Transport.(*transport).next.(*http.Transport)
		pool.CloseIdleConnections()
		pool.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, err }
	}
}

func resets(w http.ResponseWriter, _ int, _ []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	conn.(*net.TCPConn).SetLinger(0) // closing sends RST
	conn.Close()
}

func drips(w http.ResponseWriter, _ int, _ []byte) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		if _, err := io.WriteString(w, openaiReply[i%len(openaiReply):][:1]); err != nil {
			return
		}
		if http.NewResponseController(w).Flush() != nil {
			return
		}
		<-tick.C
	}
}

func replied(from, to string) route { return says(strings.Replace(openaiReply, from, to, 1)) }

// faults are by their names in docs/faults.md. Each goes on for ever.
func faults(hang <-chan struct{}) map[string]fault {
	failed := func(status int, text string) Failure { return Failure{Kind: KindError, Status: status, Text: text} }
	fatal := func(status int, text string) Failure {
		return Failure{Kind: KindError, Status: status, Text: text, Fatal: true}
	}
	own := func(text string) Failure { return Failure{Kind: KindError, Text: text, Own: true} }
	late := Failure{Kind: KindTimeout, Text: "no whole reply within 60ms"}
	return map[string]fault{
		"429": {fails(429, outOfOrder), nil, 5, failed(429, "out of order")},
		"429 with `Retry-After`": {func(w http.ResponseWriter, _ int, _ []byte) {
			w.Header().Set("Retry-After", "7")
			fails(429, outOfOrder)(w, 0, nil)
		}, nil, 5, failed(429, "out of order")},
		"408":                   {fails(408, outOfOrder), nil, 5, failed(408, "out of order")},
		"500":                   {fails(500, outOfOrder), nil, 5, failed(500, "out of order")},
		"502, 503, 504, 529":    {fails(503, "no server is available"), nil, 5, failed(503, "no server is available")},
		"400, 422 and the like": {fails(400, outOfOrder), nil, 1, failed(400, "out of order")},
		"no reply":              {func(http.ResponseWriter, int, []byte) { <-hang }, nil, 2, late},
		"a reply that drips":    {drips, nil, 2, late},
		"connection reset":      {resets, nil, 5, failed(0, "connection reset by peer")},
		"a body that breaks off": {func(w http.ResponseWriter, _ int, _ []byte) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, openaiReply[:40])
		}, nil, 5, failed(0, "unexpected EOF")},
		"malformed JSON":                                   {says(openaiReply[:40]), nil, 5, failed(200, fmt.Sprintf("/v1/chat/completions: expected JSON, got %q", openaiReply[:40]))},
		"a page with status 200":                           {says("<html>Bad gateway</html>"), nil, 5, failed(200, `/v1/chat/completions: expected JSON, got "<html>Bad gateway</html>"`)},
		"an error with status 200":                         {says(outOfOrder), nil, 5, failed(200, "out of order")},
		"an error with status 200 and the code of another": {says(`{"error":{"message":"no credit","code":402}}`), nil, 1, failed(402, "no credit")},
		"no choices":                                       {says(`{"choices":[]}`), nil, 2, own("empty response")},
		"an empty answer":                                  {replied("Paris", ""), nil, 2, own("the reply holds no text")},
		"null in place of text":                            {replied(`"Paris"`, "null"), nil, 2, own("the reply holds no text")},
		"no finish reason":                                 {replied(`"finish_reason":"stop"`, `"x":1`), nil, 2, own("the reply does not say how it ends: expected stop or length")},
		"a content filter":                                 {replied(`"stop"`, `"content_filter"`), nil, 1, failed(0, `the reply ends with reason "content_filter": expected stop or length`)},
		"bytes that are no text":                           {fails(500, `{"error":{"message":"does not match the expected Content-only format"}}`), nil, 2, Failure{Kind: KindError, Status: 500, Text: "the model wrote bytes that are not text: does not match the expected Content-only format", Own: true}},
		"a prompt that is too long": {fails(400, `{"error":{"message":"no","code":"context_length_exceeded"}}`), nil, 1,
			Failure{Kind: KindCut, Status: 400, Text: "no"}},
		"an unknown model":         {fails(404, outOfOrder), nil, 1, fatal(404, "out of order")},
		"a key that expired":       {fails(401, outOfOrder), nil, 1, fatal(401, "the server refused the api_key: out of order")},
		"connection refused":       {status(), func(f *fake, _ *Model) { f.Close() }, 5, fatal(0, "start the server, or check base_url")},
		"a host without DNS entry": {status(), dials(&net.DNSError{Err: "no such host", Name: "models.invalid", IsNotFound: true}), 5, fatal(0, `no host "models.invalid": check base_url`)},
		"a redirect": {func(w http.ResponseWriter, _ int, _ []byte) {
			w.Header().Set("Location", "https://elsewhere.example/v1?token=secret")
			w.WriteHeader(307)
		}, nil, 1, fatal(307, "redirected to https://elsewhere.example/v1: set base_url to the final address")},
	}
}

// tried gives the tries and the reason of each fault that the documentation
// lists.
func tried(t *testing.T) map[string][2]string {
	t.Helper()
	text, err := os.ReadFile("../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][2]string{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) == 6 && strings.TrimSpace(cells[2]) != "" {
			out[strings.TrimSpace(cells[1])] = [2]string{strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3])}
		}
	}
	delete(out, "fault")
	delete(out, "---")
	return out
}

// Every fault ends as a failure that names it, after as many tries as the
// documentation says, and never as an answer.
func TestFaults(t *testing.T) {
	all, stated := faults(nil), tried(t)
	for name := range stated {
		if _, ok := all[name]; !ok {
			t.Errorf("docs/faults.md has a row %q that is not tested", name)
		}
	}
	for name := range all {
		t.Run(name, func(t *testing.T) {
			hang := make(chan struct{})
			f := faults(hang)[name]
			server := chatServer(t, f.chat)
			t.Cleanup(func() { close(hang) })
			s := openaiSpec(server)
			s.Timeout = 60 * time.Millisecond
			m, _ := openFake(t, s)
			if f.spoil != nil {
				f.spoil(server, m)
			}
			if f.want.Kind != KindTimeout {
				m.client.Transport.(*transport).timeout = time.Minute
			}
			r := ask(t, m, question("Where?"))
			if r.Error == nil {
				t.Fatalf("got an answer: %+v", r)
			}
			if !strings.HasSuffix(r.Error.Text, f.want.Text) {
				t.Errorf("got text %q, want %q", r.Error.Text, f.want.Text)
			}
			r.Error.Text = f.want.Text // addresses are others in each run
			if diff := cmp.Diff(Response{Error: &f.want, Attempts: f.tries}, r); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
			if want := [2]string{fmt.Sprint(f.tries), f.want.Kind}; stated[name] != want {
				t.Errorf("docs/faults.md says %v, want %v", stated[name], want)
			}
		})
	}
}

// What passes is answered, whatever came before it.
func TestFaultsThatPass(t *testing.T) {
	for name, f := range faults(nil) {
		if f.tries == 1 || f.spoil != nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			hang := make(chan struct{})
			f := faults(hang)[name]
			server := chatServer(t, func(w http.ResponseWriter, call int, body []byte) {
				if call < f.tries {
					f.chat(w, call, body)
					return
				}
				io.WriteString(w, openaiReply)
			})
			t.Cleanup(func() { close(hang) })
			m, _ := openFake(t, openaiSpec(server))
			if f.want.Kind == KindTimeout {
				m.client.Transport.(*transport).timeout = 60 * time.Millisecond
			}
			r := ask(t, m, question("Where?"))
			if r.Error != nil || r.Text != "Paris" || r.Attempts != f.tries {
				t.Errorf("got %+v with error %v, want an answer at try %d", r, r.Error, f.tries)
			}
		})
	}
}

// A page in place of a model's server is a wrong address, and no fault that
// passes.
func TestOpeningDoesNotWaitForAPage(t *testing.T) {
	f := newFake(t, map[string]route{"/v1/models": says("<html>")})
	clock := new(fakeClock)
	_, _, err := open(t.Context(), openaiSpec(f), clock)
	expectError(t, err, `/v1/models: expected JSON, got "<html>"`)
	if len(clock.waits) > 0 {
		t.Errorf("waited %v", clock.waits)
	}
}

func TestSeveralStatusesInARow(t *testing.T) {
	f := chatServer(t, status(408, 502, 429, 504))
	m, _ := openFake(t, openaiSpec(f))
	if r := ask(t, m, question("Where?")); r.Text != "Paris" || r.Attempts != 5 {
		t.Errorf("got %+v, want an answer at the fifth try", r)
	}
}
