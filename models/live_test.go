package models

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// live opens the llama-server that GAMBIT_LIVE_LLAMACPP names.
func live(t *testing.T, s Spec) *Model {
	t.Helper()
	base := os.Getenv("GAMBIT_LIVE_LLAMACPP")
	if base == "" {
		t.Skip("set GAMBIT_LIVE_LLAMACPP to the base URL of a llama-server to run this test")
	}
	s.Name, s.BaseURL = "live", base
	m, info, err := Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	t.Logf("%+v", info)
	return m
}

func liveScores(t *testing.T, m *Model, prompt string, options ...string) []float64 {
	t.Helper()
	r, err := m.Ask(t.Context(), Request{Messages: []Message{{"user", prompt}}, Options: options})
	if err != nil || r.Error != nil {
		t.Fatal(err, r.Error)
	}
	return r.OptionLogprobs
}

const capital = "The capital of France is"

// A forced option must have the log-probability that the server gives the same
// token when nothing is forced.
func TestLiveForcedTokensKeepTheirLogprobs(t *testing.T) {
	m := live(t, Spec{Provider: "llamacpp"})
	l := m.back.(*llamacpp)
	tokens, err := l.tokens(t.Context(), capital)
	if err != nil {
		t.Fatal(err)
	}
	given := ids(tokens)
	var free completion
	body := map[string]any{"prompt": given, "n_predict": 1, "n_probs": 40, "temperature": 0}
	if err := l.post(t.Context(), "/completion", body, &free); err != nil {
		t.Fatal(err)
	}
	for _, likely := range free.Tokens[0].Top {
		s := scoring{llamacpp: l, known: map[string]float64{}}
		forced, err := s.logprob(t.Context(), given, token{likely.ID, true})
		if err != nil {
			t.Logf("token %d cannot be written alone: %v", likely.ID, err)
			forced = *likely.Logprob
		}
		carried, err := s.logprob(t.Context(), given, token{likely.ID, false})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(forced-*likely.Logprob) > 0.05 || math.Abs(carried-*likely.Logprob) > 0.05 {
			t.Errorf("token %d: forced %v, carried %v, free %v", likely.ID, forced, carried, *likely.Logprob)
		}
	}
}

// The tokens of a script that the vocabulary knows badly end within characters.
func TestLiveOptionsInOtherScripts(t *testing.T) {
	m := live(t, Spec{Provider: "llamacpp"})
	prompt := "Nowruz is written نوروز and Tokyo is written"
	options := []string{" 東京", " نوروز", " Токио", " Tokyo", " 🗼"}
	total := 0.0
	for i, sum := range liveScores(t, m, prompt, options...) {
		t.Log(options[i], sum)
		if sum >= 0 || sum < -200 {
			t.Errorf("option %q has log-probability %v", options[i], sum)
		}
		total += math.Exp(sum)
	}
	if total > 1 {
		t.Errorf("probabilities of exclusive options sum to %v", total)
	}
}

// The shares of continuations that exclude each other stay under one, and a sum
// over tokens is that of its steps.
func TestLiveOptionSumsAreProbabilities(t *testing.T) {
	m := live(t, Spec{Provider: "llamacpp"})
	sums := liveScores(t, m, capital, " Paris", " Rome", " Berlin", " the city", " a", " xqzz")
	total := 0.0
	for _, sum := range sums {
		total += math.Exp(sum)
	}
	if total > 1.001 {
		t.Errorf("probabilities of exclusive options sum to %v: %v", total, sums)
	}
	whole := liveScores(t, m, capital, " the city of Lyon")[0]
	steps := 0.0
	prompt := capital
	for _, word := range []string{" the", " city", " of", " Lyon"} {
		steps += liveScores(t, m, prompt, word)[0]
		prompt += word
	}
	if math.Abs(whole-steps) > 0.1 {
		t.Errorf("whole option %v, step by step %v", whole, steps)
	}
}

func TestLiveOptionOrderDoesNotMatter(t *testing.T) {
	m := live(t, Spec{Provider: "llamacpp"})
	options := []string{" Paris", " a village", " Rome", " xqzz"}
	forward := liveScores(t, m, capital, options...)
	slices.Reverse(options)
	back := liveScores(t, m, capital, options...)
	slices.Reverse(back)
	for i := range forward {
		if math.Abs(forward[i]-back[i]) > 0.05 {
			t.Errorf("forward %v, backward %v", forward, back)
		}
	}
}

// A space at the end of the prompt melts into the option's first token.
func TestLiveSpaceAtTheEndOfThePrompt(t *testing.T) {
	m := live(t, Spec{Provider: "llamacpp"})
	apart := liveScores(t, m, capital, " Paris", " Rome")
	melted := liveScores(t, m, capital+" ", "Paris", "Rome")
	for i := range apart {
		if math.Abs(apart[i]-melted[i]) > 0.05 {
			t.Errorf("space in the option %v, in the prompt %v", apart, melted)
		}
	}
}

func TestLiveJSONMode(t *testing.T) {
	base := os.Getenv("GAMBIT_LIVE_LLAMACPP")
	for provider, url := range map[string]string{"llamacpp": base, "openai": base + "/v1"} {
		live(t, Spec{Provider: "llamacpp"})
		m, _, err := Open(t.Context(), Spec{Name: "live", Provider: provider, Model: "any", BaseURL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(m.Close)
		r := ask(t, m, Request{Messages: []Message{{"user", "What is the capital of France?"}}, MaxTokens: 64, JSON: true})
		if r.Error != nil || !strings.HasPrefix(strings.TrimSpace(r.Text), "{") {
			t.Errorf("%s: got %q with error %v, want a JSON object", provider, r.Text, r.Error)
		}
	}
}

// A badly damaged model may fail this one: its likeliest tokens are so close
// that the server's prompt cache changes which comes first.
func TestLiveTextIsRepeatable(t *testing.T) {
	for _, s := range []Spec{{Provider: "llamacpp"}, {Provider: "llamacpp", ChatTemplate: noTemplate}} {
		m := live(t, s)
		seed, topP := 0, 0.9
		for _, temperature := range []float64{0, 0.8} {
			req := Request{Messages: []Message{{"user", "The capital of Italy is"}}, MaxTokens: 8, Temperature: temperature, Seed: &seed, TopP: &topP}
			a, b := ask(t, m, req), ask(t, m, req)
			if a.Error != nil || a.Text != b.Text || a.Text == "" {
				t.Errorf("template %q, temperature %v: %q and %q (%v)", s.ChatTemplate, temperature, a.Text, b.Text, a.Error)
			}
			if len(a.Logprobs) == 0 || a.PromptTokens == 0 {
				t.Errorf("no log-probabilities or counts: %+v", a)
			}
		}
	}
}

func TestLiveLongPromptIsReportedAsCut(t *testing.T) {
	for _, provider := range []string{"llamacpp", "openai"} {
		base := os.Getenv("GAMBIT_LIVE_LLAMACPP")
		m := live(t, Spec{Provider: "llamacpp"})
		if provider == "openai" {
			var err error
			if m, _, err = Open(t.Context(), Spec{Provider: provider, Model: "any", BaseURL: base + "/v1"}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(m.Close)
		}
		long := strings.Repeat("word and word. ", 20000)
		r := ask(t, m, Request{Messages: []Message{{"user", long}}, MaxTokens: 4})
		if r.Error == nil || r.Error.Kind != KindCut {
			t.Errorf("%s: got %+v, want a failure of kind %s", provider, r.Error, KindCut)
		}
	}
	m := live(t, Spec{Provider: "llamacpp"})
	r := ask(t, m, Request{Messages: []Message{{"user", strings.Repeat("word and word. ", 20000)}}, Options: []string{" a"}})
	if r.Error == nil || r.Error.Kind != KindCut {
		t.Errorf("options: got %+v, want a failure of kind %s", r.Error, KindCut)
	}
}
