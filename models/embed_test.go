package models

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func embedding(text string) Request {
	return Request{Messages: []Message{{"user", text}}, Embed: true}
}

// replies is a route that always says the same.
func replies(status int, body string) route {
	return func(w http.ResponseWriter, _ int, _ []byte) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // a client that is gone is seen by the test
	}
}

func TestEmbeddingsReachTheServer(t *testing.T) {
	for name, tt := range map[string]struct {
		spec   Spec
		routes map[string]route
		path   string
		sent   map[string]any
	}{
		"openai": {
			Spec{Name: "e", Provider: "openai", Model: "m"},
			map[string]route{
				"/v1/models":     replies(200, `{"data": [{"id": "m"}]}`),
				"/v1/embeddings": replies(200, `{"model": "m-1", "data": [{"embedding": [0.5, -1]}], "usage": {"prompt_tokens": 3}}`),
			},
			"/v1/embeddings", map[string]any{"model": "m", "input": []any{"two\nlines"}},
		},
		"ollama": {
			Spec{Name: "e", Provider: "ollama", Model: "m"},
			map[string]route{
				"/api/tags":  replies(200, `{"models": [{"name": "m:latest", "digest": "ab"}]}`),
				"/api/embed": replies(200, `{"model": "m-1", "embeddings": [[0.5, -1]], "prompt_eval_count": 3}`),
			},
			"/api/embed", map[string]any{"model": "m", "input": "two\nlines", "truncate": false, "options": map[string]any{"temperature": 0.0}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, tt.routes)
			tt.spec.BaseURL = f.URL
			if tt.spec.Provider == "openai" {
				tt.spec.BaseURL += "/v1"
			}
			m, _, err := open(t.Context(), tt.spec, &fakeClock{})
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			got, err := m.Ask(t.Context(), embedding("two\nlines"))
			if err != nil {
				t.Fatal(err)
			}
			want := Response{Vector: []float32{0.5, -1}, PromptTokens: 3, Served: "m-1", Attempts: 1}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.sent, f.sent(t, tt.path)); diff != "" {
				t.Errorf("request (-want +sent):\n%s", diff)
			}
		})
	}
}

func TestAnEmbeddingThatFailsIsNoVector(t *testing.T) {
	for name, tt := range map[string]struct {
		reply  route
		status int
		want   string
	}{
		"an error":        {replies(500, `{"error": {"message": "too busy"}}`), 500, "too busy"},
		"a bad key":       {replies(401, `{"error": {"message": "no"}}`), 401, "refused the api_key"},
		"an empty list":   {replies(200, `{"data": []}`), 0, "embed"},
		"an empty vector": {replies(200, `{"data": [{"embedding": []}]}`), 0, "empty vector"},
		"no JSON":         {replies(200, `<html>`), 200, "expected JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, map[string]route{"/v1/models": replies(200, `{"data": [{"id": "m"}]}`), "/v1/embeddings": tt.reply})
			m, _, err := open(t.Context(), Spec{Name: "e", Provider: "openai", Model: "m", BaseURL: f.URL + "/v1", Attempts: 1}, &fakeClock{})
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			got, err := m.Ask(t.Context(), embedding("x"))
			if err != nil {
				t.Fatal(err)
			}
			if got.Error == nil || got.Vector != nil || got.Error.Status != tt.status || !strings.Contains(got.Error.Text, tt.want) {
				t.Errorf("got %+v, failure %+v: want status %d and %q", got, got.Error, tt.status, tt.want)
			}
		})
	}
}

func TestEmbeddingsAreAskedForAlone(t *testing.T) {
	can := Capabilities{Embeddings: true, System: true, Temperature: true}
	for name, tt := range map[string]struct {
		can  Capabilities
		req  Request
		want string
	}{
		"a text":            {can, embedding("x"), ""},
		"no embeddings":     {Capabilities{}, embedding("x"), "does not carry embeddings"},
		"an empty text":     {can, embedding(""), "one message of the user's that is not empty"},
		"a system message":  {can, Request{Messages: []Message{{"system", "s"}, {"user", "x"}}, Embed: true}, "one message of the user's"},
		"tokens to write":   {can, Request{Messages: []Message{{"user", "x"}}, Embed: true, MaxTokens: 3}, "no options and no sampling"},
		"a question beside": {Capabilities{}, Request{Messages: []Message{{"user", "x"}}, MaxTokens: 3}, ""},
	} {
		err := (&Model{spec: Spec{Name: "m", Provider: "p"}, can: tt.can}).Check(tt.req)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

// Evidence that was written before there were embeddings keeps its keys.
func TestARequestForTextHasTheKeyItHad(t *testing.T) {
	if key := Key(Request{Messages: []Message{{"user", "x"}}, MaxTokens: 3}); key == Key(Request{Messages: []Message{{"user", "x"}}, MaxTokens: 3, Embed: true}) {
		t.Errorf("a vector and a text have one key: %s", key)
	}
	line, err := encodeRecord(AskedRecord{Key: "k", Request: question("Q")})
	if err != nil || strings.Contains(string(line), "embed") {
		t.Errorf("got %s, %v: want no word of embeddings", line, errors.Join(err))
	}
}
