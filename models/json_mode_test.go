package models

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const object = `{"city": "Paris"}`

// jsonModes say, for each provider with JSON mode, where its body carries it.
var jsonModes = map[string]struct {
	serve func(t *testing.T, text string) (*fake, Spec) // a server that answers with the text
	path  string
	field string
	want  any
}{
	"openai": {chatWith("openai", "tiny"), "/v1/chat/completions", "response_format", map[string]any{
		"type": "json_schema", "json_schema": map[string]any{"name": "object", "schema": map[string]any{"type": "object"}},
	}},
	"mistral":  {chatWith("mistral", "tiny"), "/v1/chat/completions", "response_format", map[string]any{"type": "json_object"}},
	"googleai": {chatWith("googleai", "models/tiny"), "/v1/chat/completions", "response_format", map[string]any{"type": "json_object"}},
	"ollama": {func(t *testing.T, text string) (*fake, Spec) {
		f := ollamaServer(t, `{"message":{"content":`+quote(text)+`},"done":true,"done_reason":"stop"}`)
		return f, Spec{Name: "m", Provider: "ollama", Model: "tiny", BaseURL: f.URL}
	}, "/api/chat", "format", "json"},
	"llamacpp": {func(t *testing.T, text string) (*fake, Spec) {
		f := llamaServer(t)
		f.routes["/completion"] = says(`{"content":` + quote(text) + `,"stop_type":"eos","tokens_evaluated":9,"tokens_predicted":2}`)
		return f, llamaSpec(f)
	}, "/completion", "json_schema", map[string]any{"type": "object"}},
}

func chatWith(provider, listed string) func(*testing.T, string) (*fake, Spec) {
	return func(t *testing.T, text string) (*fake, Spec) {
		f := newFake(t, map[string]route{
			"/v1/models":           says(`{"data":[{"id":"` + listed + `"}]}`),
			"/v1/chat/completions": replied(`"Paris"`, quote(text)),
		})
		s := openaiSpec(f)
		s.Provider = provider
		return f, s
	}
}

func quote(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

func TestJSONModeReachesTheServer(t *testing.T) {
	for _, name := range Providers() {
		mode, ok := jsonModes[name]
		asks := !slices.Contains([]string{"planted", "recorded", "replay"}, name)
		if p := providers[name]; asks && p.Can.JSON != ok {
			t.Errorf("provider %s: JSON mode is %v, tested %v", name, p.Can.JSON, ok)
		}
		if !ok {
			continue
		}
		t.Run(name, func(t *testing.T) {
			f, s := mode.serve(t, object)
			m, _ := openFake(t, s)
			req := question("Where? Answer in JSON.")
			req.JSON = true
			if r := ask(t, m, req); r.Error != nil || r.Text != object {
				t.Errorf("got %+v with error %v, want the object", r, r.Error)
			}
			if diff := cmp.Diff(mode.want, f.sent(t, mode.path)[mode.field]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", mode.field, diff)
			}
			ask(t, m, question("Where?"))
			if got := f.sent(t, mode.path)[mode.field]; got != nil && got != "" {
				t.Errorf("%s is %v where JSON mode is off", mode.field, got)
			}
		})
	}
}

// A server that drops the mode in silence is not told from a model that cannot
// write JSON: the case stays undecided and is named.
func TestAnAnswerThatIsNoJSONIsNone(t *testing.T) {
	for name, mode := range jsonModes {
		t.Run(name, func(t *testing.T) {
			_, s := mode.serve(t, "Paris, of course")
			m, _ := openFake(t, s)
			req := question("Where? Answer in JSON.")
			req.JSON = true
			want := &Failure{Kind: KindError, Text: errNotJSON.Error(), Own: true}
			if diff := cmp.Diff(want, ask(t, m, req).Error); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if r := ask(t, m, question("Where?")); r.Error != nil {
				t.Errorf("without JSON mode the answer is refused: %v", r.Error)
			}
		})
	}
}

func TestWhatJSONModeRulesOut(t *testing.T) {
	for _, test := range []struct {
		text, finish string
		is           bool
	}{
		{object, "stop", true},
		{" \n" + object + "\n", "stop", true},
		{`[` + object + `]`, "stop", true},
		{`{"city": "Pa`, "length", true},
		{`{"city":`, "length", true},
		{`{`, "length", true},
		{object, "length", true},
		{`{"city": "Pa`, "stop", false},
		{object + " is it.", "stop", false},
		{`"Paris"`, "stop", false},
		{"42", "stop", false},
		{"What is the capital", "length", false},
		{`{city: Paris`, "length", false},
		{"```json\n{", "length", false},
	} {
		r := Response{Text: test.text, Finish: test.finish}
		if (Request{JSON: true}).notJSON(r) == test.is {
			t.Errorf("%q, which ended by %s: taken for JSON: %v", test.text, test.finish, !test.is)
		}
		if (Request{}).notJSON(r) {
			t.Errorf("%q is refused without JSON mode", test.text)
		}
	}
}

func TestOpenAIsOwnServiceGetsItsOwnJSONMode(t *testing.T) {
	f := chatServer(t, replied(`"Paris"`, quote(object)))
	m, _ := openFake(t, openaiSpec(f))
	chat := m.back.(openaiChat)
	chat.knowsJSONMode = true
	m.back = chat
	req := question("Where? Answer in JSON.")
	req.JSON = true
	ask(t, m, req)
	if diff := cmp.Diff(map[string]any{"type": "json_object"}, f.sent(t, "/v1/chat/completions")["response_format"]); diff != "" {
		t.Errorf("response_format (-want +got):\n%s", diff)
	}
}
