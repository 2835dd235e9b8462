package models

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/fixtures/specimens"
	"github.com/google/go-cmp/cmp"
	"github.com/tmc/langchaingo/llms"
)

func specimenSpec(model string) Spec {
	return Spec{Name: "m", Provider: "specimen", Model: model}
}

// A specimen has no wire: what it was asked shows in what it answered.
func testSpecimenWire(t *testing.T) {
	const prompt = "q : what do the"
	direct, err := specimens.Open("int8")
	if err != nil {
		t.Fatal(err)
	}
	m, _ := openFake(t, specimenSpec("int8"))
	expectError(t, m.Check(zeros()), "provider specimen does not carry a system message")

	text, err := direct.Write(t.Context(), prompt, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(text.Text, " ")
	want := Response{Text: text.Text, Finish: "length", PromptTokens: 6, OutputTokens: 3, Served: "int8", Logprobs: text.Logprobs}
	if text.Ended {
		want.Finish = "stop"
	}
	if diff := cmp.Diff(want, ask(t, m, Request{Messages: []Message{{"user", prompt}}, MaxTokens: 3})); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	stopped := ask(t, m, Request{Messages: []Message{{"user", prompt}}, MaxTokens: 3, Stop: []string{first}})
	if stopped.Text != "" || stopped.Finish != "stop" {
		t.Errorf("the stop text %q was not kept to: got %+v", first, stopped)
	}

	options := []string{" yes", " no ."}
	scores, err := direct.Score(t.Context(), prompt, options)
	if err != nil {
		t.Fatal(err)
	}
	want = Response{OptionLogprobs: scores.Logprobs, PromptTokens: 6, Served: "int8"}
	if diff := cmp.Diff(want, ask(t, m, Request{Messages: []Message{{"user", prompt}}, Options: options})); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
}

func TestSpecimenRefuses(t *testing.T) {
	tests := []struct {
		name string
		spec Spec
		want string
	}{
		{"an unknown name", specimenSpec("bases"), `open model "m" (provider specimen): no specimen "bases": did you mean "base"? expected one of base, twin, int8`},
		{"no name", specimenSpec(""), `no specimen ""`},
		{"an address", Spec{Provider: "specimen", Model: "base", BaseURL: "http://127.0.0.1"}, "expected no base_url, api_key or weights"},
		{"a key", Spec{Provider: "specimen", Model: "base", APIKey: "a-secret-key"}, "expected no base_url, api_key or weights"},
		{"weights", Spec{Provider: "specimen", Model: "base", Weights: "testdata/weights.gguf"}, "expected no base_url, api_key or weights"},
		{"a context over its own", Spec{Provider: "specimen", Model: "context64", NumCtx: 65}, `num_ctx is 65, but the context of specimen "context64" holds 64 words`},
		{"an unknown chat template", Spec{Provider: "specimen", Model: "base", ChatTemplate: "chatml"}, `chat_template "chatml": expected "none"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := open(t.Context(), test.spec, new(fakeClock))
			expectError(t, err, test.want)
		})
	}
}

func TestOpenLearnsOfTheSpecimen(t *testing.T) {
	direct, err := specimens.Open("int4")
	if err != nil {
		t.Fatal(err)
	}
	m, info, err := open(t.Context(), Spec{Provider: "specimen", Model: "int4", NumCtx: 512, ChatTemplate: "none"}, new(fakeClock))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	want := Info{Digest: direct.Digest, Bytes: direct.Bytes, Context: 512, Served: "int4"}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
}

func TestSpecimenFailures(t *testing.T) {
	m, _ := openFake(t, specimenSpec("base"))
	long := strings.Repeat("the ", 512)
	tests := []struct {
		name string
		req  Request
		want Failure
	}{
		{"a prompt over the context", question(long), Failure{Kind: KindCut, Text: "the text takes 513 words, but the context holds 512"}},
		{"options over the context", Request{Messages: []Message{{"user", long}}, Options: []string{" yes"}}, Failure{Kind: KindCut, Text: "the text takes 513 words, but the context holds 512"}},
		{"an unknown word", question("q : yess ?"), Failure{Kind: KindError, Text: `the word "yess" is not in the specimens' language: expected its words alone, such as "yes"`}},
		{"an unknown word in an option", Request{Messages: []Message{{"user", "q :"}}, Options: []string{" noo"}}, Failure{Kind: KindError, Text: `the word "noo" is not in the specimens' language: expected its words alone, such as "no"`}},
		{"top_p", Request{Messages: []Message{{"user", "q"}}, MaxTokens: 1, TopP: new(float64(1))}, Failure{Kind: KindError, Text: `model "m": provider specimen does not carry top_p`}},
		{"a seed", Request{Messages: []Message{{"user", "q"}}, MaxTokens: 1, Seed: new(1)}, Failure{Kind: KindError, Text: `model "m": provider specimen does not carry seed`}},
		{"a temperature", Request{Messages: []Message{{"user", "q"}}, MaxTokens: 1, Temperature: 0.5}, Failure{Kind: KindError, Text: `model "m": provider specimen does not carry a temperature other than 0`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ask(t, m, test.req)
			if diff := cmp.Diff(&test.want, got.Error); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSpecimenReadsTheEndOfALongPromptWhereItsContextIsShort(t *testing.T) {
	m, _ := openFake(t, specimenSpec("context64"))
	if got := ask(t, m, question(strings.Repeat("the ", 512))); got.Error != nil || got.PromptTokens != 64 {
		t.Errorf("got %+v, want an answer to the last 64 words", got)
	}
}

func TestCancelledSpecimenIsNoFailure(t *testing.T) {
	m, _ := openFake(t, specimenSpec("base"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := m.Ask(ctx, question("the")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v and error %v, want context.Canceled", r, err)
	}
}

// Called as langchaingo calls its models, a specimen refuses what it would drop.
func TestSpecimenAsLangchainModel(t *testing.T) {
	s, err := specimens.Open("base")
	if err != nil {
		t.Fatal(err)
	}
	llm := specimen{s}
	text, err := llm.Call(t.Context(), "q : what do the", llms.WithMaxTokens(1))
	if err != nil || text == "" {
		t.Errorf("got %q and error %v, want a word", text, err)
	}
	_, err = llm.Call(t.Context(), "the", llms.WithMaxTokens(1), llms.WithTemperature(0.5))
	expectError(t, err, "temperature is 0.5: a specimen takes the likeliest word, expected 0")
	two := []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeSystem, "the"), llms.TextParts(llms.ChatMessageTypeHuman, "the")}
	_, err = llm.GenerateContent(t.Context(), two, llms.WithMaxTokens(1))
	expectError(t, err, "expected one message with one part of text")
}
