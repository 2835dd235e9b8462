package models

import (
	"math"
	"strings"
	"testing"
)

func TestCheckRefusesWhatWouldBeDropped(t *testing.T) {
	one, half := 1, 0.5
	user := Message{"user", "Q"}
	tests := []struct {
		name string
		can  Capabilities
		req  Request
		want string // empty: taken
	}{
		{"a plain question", Capabilities{}, question("Q"), ""},
		{"a system message", Capabilities{}, Request{Messages: []Message{{"system", "S"}, user}, MaxTokens: 1}, "does not carry a system message"},
		{"turns", Capabilities{}, Request{Messages: []Message{user, {"assistant", "A"}, user}, MaxTokens: 1}, "does not carry more than one turn"},
		{"top_p", Capabilities{}, Request{Messages: []Message{user}, MaxTokens: 1, TopP: &half}, "does not carry top_p"},
		{"seed", Capabilities{}, Request{Messages: []Message{user}, MaxTokens: 1, Seed: &one}, "does not carry seed"},
		{"stop", Capabilities{}, Request{Messages: []Message{user}, MaxTokens: 1, Stop: []string{"."}}, "does not carry stop"},
		{"JSON mode", Capabilities{}, Request{Messages: []Message{user}, MaxTokens: 1, JSON: true}, "does not carry JSON mode"},
		{"temperature", Capabilities{}, Request{Messages: []Message{user}, MaxTokens: 1, Temperature: 1}, "does not carry a temperature other than 0"},
		{"options", Capabilities{}, Request{Messages: []Message{user}, Options: []string{"A"}}, "does not carry log-probabilities of options"},
		{"all that a provider carries", Capabilities{System: true, Turns: true, Temperature: true, TopP: true, Seed: true, Stop: true},
			Request{Messages: []Message{{"system", "S"}, user, {"assistant", "A"}, user}, MaxTokens: 1, TopP: &half, Seed: &one, Stop: []string{"."}, Temperature: 1}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := &Model{spec: Spec{Name: "q4", Provider: "some"}, can: test.can}
			expectError(t, m.Check(test.req), test.want)
			if err := m.Check(test.req); err != nil && !strings.Contains(err.Error(), `model "q4": provider some`) {
				t.Errorf("error %v names neither model nor provider", err)
			}
		})
	}
}

func TestCheckRefusesNonsense(t *testing.T) {
	zero, two := 0.0, 2.0
	user := Message{"user", "Q"}
	all := providers["replay"].Can
	tests := []struct {
		name string
		req  Request
		want string
	}{
		{"no message", Request{MaxTokens: 1}, "the last message must be the user's"},
		{"the model's own message last", Request{Messages: []Message{user, {"assistant", "A"}}, MaxTokens: 1}, "the last message must be the user's"},
		{"an unknown role", Request{Messages: []Message{{"tool", "T"}, user}, MaxTokens: 1}, `message 1 has role "tool"`},
		{"no room for an answer", Request{Messages: []Message{user}}, "max_tokens is 0"},
		{"a negative temperature", Request{Messages: []Message{user}, MaxTokens: 1, Temperature: -1}, "temperature is -1"},
		{"a temperature that is no number", Request{Messages: []Message{user}, MaxTokens: 1, Temperature: math.NaN()}, "temperature is NaN"},
		{"an endless temperature", Request{Messages: []Message{user}, MaxTokens: 1, Temperature: math.Inf(1)}, "temperature is +Inf"},
		{"a top_p of nothing", Request{Messages: []Message{user}, MaxTokens: 1, TopP: &zero}, "top_p is 0"},
		{"a top_p over one", Request{Messages: []Message{user}, MaxTokens: 1, TopP: &two}, "top_p is 2"},
		{"JSON with a stop text", Request{Messages: []Message{user}, MaxTokens: 1, JSON: true, Stop: []string{"."}}, "JSON mode with options or stop texts"},
		{"JSON of options", Request{Messages: []Message{user}, JSON: true, Options: []string{"A"}}, "JSON mode with options or stop texts"},
		{"an empty option", Request{Messages: []Message{user}, Options: []string{"A", ""}}, "option 2 is empty"},
		{"an option twice", Request{Messages: []Message{user}, Options: []string{"A", "B", "A"}}, `option "A" is there twice`},
		{"options after turns", Request{Messages: []Message{{"system", "S"}, user}, Options: []string{"A"}}, "options are scored after a single user message"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expectError(t, (&Model{can: all}).Check(test.req), test.want)
		})
	}
}

func expectError(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" && err != nil {
		t.Errorf("got error %v, want none", err)
	}
	if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}

func TestRefusedRequestIsNeverSent(t *testing.T) {
	f := chatServer(t, status())
	m, _ := openFake(t, openaiSpec(f))
	r := ask(t, m, Request{Messages: []Message{{"user", "Q"}}, Options: []string{"A"}})
	if r.Error == nil || r.Error.Kind != KindError {
		t.Errorf("got %+v, want a failure", r)
	}
	if len(f.bodies["/v1/chat/completions"]) != 0 {
		t.Error("the request was sent all the same")
	}
}
