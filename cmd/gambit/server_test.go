package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// echoServer speaks OpenAI's protocol and repeats the last number of the
// prompt. After so many answers it holds requests back until it is released.
type echoServer struct {
	mu       sync.Mutex
	left     int
	held     chan struct{} // closed once a request is held back
	released chan struct{}
	once     sync.Once
}

func newEchoServer() *echoServer {
	return &echoServer{held: make(chan struct{}), released: make(chan struct{})}
}

type serverKey struct{}

// serve starts a server at $SERVER that holds back all requests after N
// answers: serve N.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve N")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	s := server(ts)
	s.left = n
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"data": [{"id": "full"}, {"id": "q4"}]}`))
	})
	mux.HandleFunc("POST /v1/chat/completions", s.complete)
	listening := httptest.NewServer(mux)
	ts.Defer(listening.Close)
	ts.Setenv("SERVER", listening.URL+"/v1")
}

func (s *echoServer) complete(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Model    string
		Messages []struct{ Content string }
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !s.take() {
		s.once.Do(func() { close(s.held) })
		select {
		case <-s.released:
		case <-r.Context().Done():
			return
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"model": body.Model,
		"choices": []any{map[string]any{
			"finish_reason": "stop",
			"message":       map[string]any{"role": "assistant", "content": lastNumber.FindString(body.Messages[0].Content)},
		}},
	})
}

// take is false where no answer is left.
func (s *echoServer) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left--
	return s.left >= 0
}

// server is the one of the script.
func server(ts *testscript.TestScript) *echoServer {
	return ts.Value(serverKey{}).(*echoServer)
}

// held waits until a request is held back.
func held(ts *testscript.TestScript, _ bool, _ []string) { <-server(ts).held }

// release answers what is held back, and all that comes.
func release(ts *testscript.TestScript, _ bool, _ []string) { close(server(ts).released) }
