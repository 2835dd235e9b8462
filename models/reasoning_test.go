package models

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// showing adds what an Ollama server says of its model.
func showing(f *fake, family, capabilities string) *fake {
	f.routes["/api/show"] = says(`{"details":{"family":"` + family + `"},"capabilities":[` + capabilities + `]}`)
	return f
}

func TestOllamaIsToldWhetherToThink(t *testing.T) {
	const reply = `{"message":{"content":"Paris"},"done":true,"done_reason":"stop"}`
	for _, test := range []struct {
		name, family, capabilities, reasoning string
		sent                                  any
		refused                               string
	}{
		{"a model that reasons", "qwen3", `"completion","thinking"`, "off", false, ""},
		{"a model that takes an effort", "gptoss", `"completion","thinking"`, "low", "low", ""},
		{"what the model does by itself", "qwen3", `"completion","thinking"`, "", nil, ""},
		{"a model that takes no effort", "qwen3", `"completion","thinking"`, "high", nil, `reasoning is high, but "tiny" takes no effort`},
		{"a model that always reasons", "gptoss", `"completion","thinking"`, "off", nil, `"tiny" always reasons`},
		{"a server that knows no thinking", "llama", `"completion"`, "off", nil, "does not list thinking"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := showing(ollamaServer(t, reply), test.family, test.capabilities)
			s := Spec{Name: "m", Provider: "ollama", Model: "tiny", BaseURL: f.URL, Reasoning: test.reasoning}
			m, _, err := open(t.Context(), s, new(fakeClock))
			expectError(t, err, test.refused)
			if err != nil {
				return
			}
			defer m.Close()
			ask(t, m, question("Where?"))
			if diff := cmp.Diff(test.sent, f.sent(t, "/api/chat")["think"]); diff != "" {
				t.Errorf("think (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLlamaServerIsToldThroughTheTemplate(t *testing.T) {
	const props = `{"default_generation_settings":{"n_ctx":128},"total_slots":1,"chat_template":"{{ TEMPLATE }}"}`
	for _, test := range []struct {
		name, template, reasoning, chat string
		sent                            any
		refused                         string
	}{
		{"off", "enable_thinking", "off", "", map[string]any{"enable_thinking": false}, ""},
		{"an effort", "reasoning_effort", "high", "", map[string]any{"reasoning_effort": "high"}, ""},
		{"what the model does by itself", "enable_thinking", "", "", nil, ""},
		{"a template that knows no reasoning", "messages", "off", "", nil, "the chat template does not read enable_thinking"},
		{"a template that knows no effort", "enable_thinking", "low", "", nil, "the chat template does not read reasoning_effort"},
		{"no template", "enable_thinking", "off", "none", nil, "the chat template does not read enable_thinking"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := llamaServer(t)
			f.routes["/props"] = says(strings.Replace(props, "TEMPLATE", test.template, 1))
			s := llamaSpec(f)
			s.Reasoning, s.ChatTemplate = test.reasoning, test.chat
			m, _, err := open(t.Context(), s, new(fakeClock))
			expectError(t, err, test.refused)
			if err != nil {
				return
			}
			defer m.Close()
			ask(t, m, question("Where?"))
			if diff := cmp.Diff(test.sent, f.sent(t, "/apply-template")["chat_template_kwargs"]); diff != "" {
				t.Errorf("variables (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOpenAIsServiceGetsAnEffort(t *testing.T) {
	for reasoning, want := range map[string]any{"off": "none", "low": "low", "medium": "medium", "high": "high", "": nil} {
		f := newFake(t, map[string]route{"/v1/models": says(`{"data":[{"id":"models/tiny"}]}`), "/v1/chat/completions": status()})
		s := openaiSpec(f)
		s.Provider, s.Reasoning = "googleai", reasoning
		m, _ := openFake(t, s)
		ask(t, m, question("Where?"))
		if got := f.sent(t, "/v1/chat/completions")["reasoning_effort"]; got != want {
			t.Errorf("%s: sent %v, want %v", reasoning, got, want)
		}
	}
	f := chatServer(t, status())
	s := openaiSpec(f)
	s.Reasoning = "low"
	_, _, err := open(t.Context(), s, new(fakeClock))
	expectError(t, err, "a server that is not OpenAI's own may drop it")
}

func TestAnthropicIsToldNotToThink(t *testing.T) {
	f := anthropicServer(t, anthropicReply)
	s := anthropicSpec(f)
	s.Reasoning = "off"
	m, _ := openFake(t, s)
	ask(t, m, question("Where?"))
	if diff := cmp.Diff(map[string]any{"type": "disabled"}, f.sent(t, "/v1/messages")["thinking"]); diff != "" {
		t.Errorf("thinking (-want +got):\n%s", diff)
	}
}

func TestReasoningThatWouldBeDroppedIsRefused(t *testing.T) {
	for _, test := range []struct{ provider, reasoning, want string }{
		{"anthropic", "high", `reasoning "high": this provider carries off alone`},
		{"mistral", "off", `reasoning "off": this provider does not carry it`},
		{"huggingface", "low", "does not carry it"},
		{"fillmask", "off", "does not carry it"},
		{"specimen", "off", "does not carry it"},
		{"replay", "off", "does not carry it"},
		{"ollama", "on", `reasoning is "on": expected one of off, low, medium, high`},
		{"ollama", "off", ""},
	} {
		expectError(t, CheckSettings(Spec{Provider: test.provider, Reasoning: test.reasoning}), test.want)
	}
}

// A server that drops the setting shows it by what it answers.
func TestAnAnswerAfterReasoningThatIsOffIsNone(t *testing.T) {
	f := showing(ollamaServer(t, `{"message":{"content":"Paris","thinking":"Hm."},"done":true,"done_reason":"stop"}`), "qwen3", `"thinking"`)
	m, _ := openFake(t, Spec{Name: "m", Provider: "ollama", Model: "tiny", BaseURL: f.URL, Reasoning: "off"})
	want := &Failure{Kind: KindError, Text: "reasoning is off, but the model reasoned before it answered: the server dropped the setting"}
	if diff := cmp.Diff(want, ask(t, m, question("Where?")).Error); diff != "" {
		t.Errorf("failure (-want +got):\n%s", diff)
	}
}

// Answers with and without reasoning are never taken for one another, and what
// was recorded before the setting came is still known.
func TestReasoningIsPartOfTheIdentity(t *testing.T) {
	plain := Spec{Provider: "ollama", Model: "tiny"}
	off := plain
	off.Reasoning = "off"
	if Identity(plain, Info{}) == Identity(off, Info{}) {
		t.Error("one identity with and without reasoning")
	}
	if got, want := Identity(plain, Info{}), hashJSON([]any{"ollama", "", "tiny", "", 0, ""}); got != want {
		t.Errorf("the identity of a model without the setting is %s, want %s", got, want)
	}
}
