package models

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wireTests say, for each provider, that what a request asks for is really in
// the body that the server gets.
var wireTests = map[string]func(*testing.T){
	"openai":      testOpenAIWire,
	"ollama":      testOllamaWire,
	"llamacpp":    testLlamacppWire,
	"mistral":     testMistralWire,
	"googleai":    testGoogleAIWire,
	"huggingface": testHuggingFaceWire,
	"planted":     testPlantedWire,
	"recorded":    testRecordedWire,
	"anthropic":   testAnthropicWire,
	"fillmask":    testFillMaskWire,
	"specimen":    testSpecimenWire,
	"replay":      testReplayWire,
}

func TestWire(t *testing.T) {
	for _, name := range Providers() {
		p, err := LookUp(name)
		if err != nil {
			t.Fatal(err)
		}
		if p.About == "" {
			t.Errorf("provider %s says nothing about itself", name)
		}
		test, ok := wireTests[name]
		if !ok {
			t.Errorf("provider %s has no test of what it sends", name)
			continue
		}
		t.Run(name, test)
	}
}

// zeros sets all parameters, with every zero that a client might leave out.
func zeros() Request {
	seed, topP := 0, 0.25
	return Request{
		Messages: []Message{
			{"system", "Be brief."}, {"user", "Hello <b>?"}, {"assistant", "Hi – yes."}, {"user", "Où?"},
		},
		MaxTokens: 16, Stop: []string{"\n\n"}, TopP: &topP, Seed: &seed,
	}
}

func diffJSON(t *testing.T, want string, got map[string]any) {
	t.Helper()
	var wanted map[string]any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

const wireMessages = `[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello <b>?"},
	{"role":"assistant","content":"Hi – yes."},{"role":"user","content":"Où?"}]`

func testOpenAIWire(t *testing.T) {
	f := chatServer(t, status())
	m, _ := openFake(t, openaiSpec(f))
	r := ask(t, m, zeros())
	diffJSON(t, `{"model":"tiny","messages":`+wireMessages+`,"max_tokens":16,"stop":["\n\n"],
		"temperature":0,"seed":0,"top_p":0.25,"stream":false}`, f.sent(t, "/v1/chat/completions"))
	want := Response{Text: "Paris", Finish: "stop", PromptTokens: 7, OutputTokens: 1, Served: "tiny-2026", Attempts: 1}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	ask(t, m, Request{Messages: []Message{{"user", "Q"}}, MaxTokens: 1, Temperature: 0.75})
	diffJSON(t, `{"model":"tiny","messages":[{"role":"user","content":"Q"}],"max_tokens":1,"temperature":0.75,"stream":false}`,
		f.sent(t, "/v1/chat/completions"))
}

func testMistralWire(t *testing.T) {
	f := chatServer(t, status())
	s := openaiSpec(f)
	s.Provider = "mistral"
	m, _ := openFake(t, s)
	ask(t, m, zeros())
	diffJSON(t, `{"model":"tiny","messages":`+wireMessages+`,"max_tokens":16,"stop":["\n\n"],
		"temperature":0,"random_seed":0,"top_p":0.25,"stream":false}`, f.sent(t, "/v1/chat/completions"))
}

func testGoogleAIWire(t *testing.T) {
	f := newFake(t, map[string]route{
		"/v1/models":           says(`{"data":[{"id":"models/tiny"}]}`),
		"/v1/chat/completions": status(),
	})
	s := openaiSpec(f)
	s.Provider = "googleai"
	m, _ := openFake(t, s)
	req := zeros()
	req.Seed = nil
	ask(t, m, req)
	diffJSON(t, `{"model":"tiny","messages":`+wireMessages+`,"max_tokens":16,"stop":["\n\n"],
		"temperature":0,"top_p":0.25,"stream":false}`, f.sent(t, "/v1/chat/completions"))
	expectError(t, m.Check(zeros()), "does not carry seed")
	f.routes["/v1/chat/completions"] = fails(400, "[{\"error\":{\"code\":400,\"message\":\"Unknown name\"}}\n]\n")
	if r := ask(t, m, req); r.Error == nil || r.Error.Text != "Unknown name" {
		t.Errorf("got %+v, want the error in Google's list", r)
	}
}

func testHuggingFaceWire(t *testing.T) {
	f := newFake(t, map[string]route{
		"/v1/models":           says(`{"data":[{"id":"org/tiny"}]}`),
		"/v1/chat/completions": status(),
	})
	s := openaiSpec(f)
	s.Provider, s.Model = "huggingface", "org/tiny:someone"
	m, _ := openFake(t, s)
	req := zeros()
	req.Seed = nil
	ask(t, m, req)
	diffJSON(t, `{"model":"org/tiny:someone","messages":`+wireMessages+`,"max_tokens":16,"stop":["\n\n"],
		"temperature":0,"top_p":0.25,"stream":false}`, f.sent(t, "/v1/chat/completions"))
	expectError(t, m.Check(zeros()), "does not carry seed")
	for _, model := range []string{"org/tiny", "org/tiny:fastest"} {
		s.Model = model
		_, _, err := open(t.Context(), s, new(fakeClock))
		expectError(t, err, "the model names no service")
	}
}

func TestOpenAIsOwnServiceGetsTheNewerTokenField(t *testing.T) {
	for base, want := range map[string]bool{
		"https://api.openai.com/v1":                  true,
		"https://name.openai.azure.com/openai/v1":    true,
		"http://127.0.0.1:8080/v1":                   false,
		"https://openrouter.ai/api/v1":               false,
		"https://evil.example/api.openai.com/v1":     false,
		"https://api.openai.com.elsewhere.example/v": false,
	} {
		if got := takesCompletionTokens(base); got != want {
			t.Errorf("%s: got %v, want %v", base, got, want)
		}
	}
	f := chatServer(t, status())
	m, _ := openFake(t, openaiSpec(f))
	chat := m.back.(openaiChat)
	chat.legacy = false
	m.back = chat
	ask(t, m, question("Q"))
	sent := f.sent(t, "/v1/chat/completions")
	if sent["max_completion_tokens"] != 16.0 || sent["max_tokens"] != nil {
		t.Errorf("got max_completion_tokens %v and max_tokens %v", sent["max_completion_tokens"], sent["max_tokens"])
	}
}

// Reasoning models take no temperature of langchaingo's, and o1 no system
// message: what was asked for is sent all the same, or refused.
func TestReasoningModelsGetWhatWasAsked(t *testing.T) {
	list := says(`{"data":[{"id":"o1"},{"id":"gpt-5"}]}`)
	f := newFake(t, map[string]route{"/v1/models": list, "/v1/chat/completions": status()})
	s := openaiSpec(f)
	s.Model = "gpt-5"
	m, _ := openFake(t, s)
	ask(t, m, question("Q"))
	if got, ok := f.sent(t, "/v1/chat/completions")["temperature"]; !ok || got != 0.0 {
		t.Errorf("got temperature %v, want 0", got)
	}
	s.Model = "o1"
	m, _ = openFake(t, s)
	expectError(t, m.Check(zeros()), "does not carry a system message")
}

const ollamaTags = `{"models":[{"name":"tiny:latest","digest":"sha256:cd","size":9}]}`

func ollamaServer(t *testing.T, reply string) *fake {
	return newFake(t, map[string]route{"/api/tags": says(ollamaTags), "/api/chat": says(reply)})
}

func testOllamaWire(t *testing.T) {
	f := ollamaServer(t, `{"model":"tiny","message":{"role":"assistant","content":"Paris"},"done":true,"done_reason":"length","prompt_eval_count":30,"eval_count":16}`)
	m, _ := openFake(t, Spec{Name: "m", Provider: "ollama", Model: "tiny", BaseURL: f.URL, NumCtx: 4096})
	r := ask(t, m, zeros())
	diffJSON(t, `{"model":"tiny","messages":`+wireMessages+`,"format":"","stream":false,"truncate":false,"shift":false,
		"options":{"num_ctx":4096,"num_predict":16,"stop":["\n\n"],"temperature":0,"seed":0,"top_p":0.25}}`, stripImages(f.sent(t, "/api/chat")))
	want := Response{Text: "Paris", Finish: "length", PromptTokens: 30, OutputTokens: 16, Served: "tiny", Attempts: 1}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
}

// stripImages drops the null images that langchaingo sends.
func stripImages(body map[string]any) map[string]any {
	for _, m := range body["messages"].([]any) {
		delete(m.(map[string]any), "images")
	}
	return body
}

// What a real Ollama does with a conversation that does not fit: it answers to
// the last turn alone, and says nothing.
func TestAConversationThatWasCutIsNotAnAnswer(t *testing.T) {
	f := ollamaServer(t, `{"model":"tiny","message":{"content":"Paris"},"done":true,"done_reason":"stop","prompt_eval_count":25}`)
	m, _ := openFake(t, Spec{Name: "m", Provider: "ollama", Model: "tiny", BaseURL: f.URL, NumCtx: 512})
	req := question("What is the capital of France?")
	req.Messages = append([]Message{{"user", strings.Repeat("long ago ", 800)}, {"assistant", "Noted."}}, req.Messages...)
	want := &Failure{Kind: KindCut, Text: "the server read 25 tokens of a prompt of 7236 bytes: it cut the prompt"}
	if diff := cmp.Diff(want, ask(t, m, req).Error); diff != "" {
		t.Errorf("failure (-want +got):\n%s", diff)
	}
	if r := ask(t, m, question("What is the capital of France?")); r.Error != nil {
		t.Errorf("a short question is refused: %v", r.Error)
	}
}

// Reasoning is noted wherever servers put it.
func TestReasoningIsNoted(t *testing.T) {
	for name, message := range map[string]string{
		"llama-server":    `{"message":{"content":"Paris","reasoning_content":"Hm."},"finish_reason":"stop"}`,
		"OpenRouter":      `{"message":{"content":"Paris","reasoning":"Hm."},"finish_reason":"stop"}`,
		"within the text": `{"message":{"content":"<think>Hm.</think>Paris"},"finish_reason":"stop"}`,
	} {
		f := chatServer(t, says(`{"choices":[`+message+`]}`))
		m, _ := openFake(t, openaiSpec(f))
		if r := ask(t, m, question("Where?")); !r.Reasoned {
			t.Errorf("%s: got %+v, want it marked as reasoned", name, r)
		}
	}
	f := chatServer(t, says(strings.Replace(openaiReply, `"usage":{`, `"usage":{"completion_tokens_details":{"reasoning_tokens":9},`, 1)))
	m, _ := openFake(t, openaiSpec(f))
	if r := ask(t, m, question("Where?")); !r.Reasoned {
		t.Error("OpenAI's count of reasoning tokens is not read")
	}
	f = ollamaServer(t, `{"message":{"content":"Paris","thinking":"Hm."},"done":true,"done_reason":"stop"}`)
	m, _ = openFake(t, Spec{Name: "m", Provider: "ollama", Model: "tiny", BaseURL: f.URL})
	if r := ask(t, m, question("Where?")); !r.Reasoned {
		t.Error("Ollama's thinking is not read")
	}
}

func TestOllamaFaults(t *testing.T) {
	tests := []struct {
		name, reply string
		want        Failure
	}{
		{"a prompt that fills the context", `{"message":{"content":"Paris"},"done":true,"done_reason":"stop","prompt_eval_count":64}`,
			Failure{Kind: KindCut, Text: "the prompt fills all 64 tokens of num_ctx: the server may have cut it"}},
		{"no text", `{"message":{"content":""},"done":true,"done_reason":"stop"}`,
			Failure{Kind: KindError, Text: errEmpty.Error(), Own: true}},
		{"a model that was only loaded", `{"message":{"content":"x"},"done":true,"done_reason":"load"}`,
			Failure{Kind: KindError, Text: `the reply ends with reason "load": expected stop or length`}},
		{"a reply that is not done", `{"message":{"content":"Par"},"done":false}`,
			Failure{Kind: KindError, Text: errEmpty.Error(), Own: true}},
		{"an error in a reply of status 200", `{"error":"runner crashed"}`,
			Failure{Kind: KindError, Status: 200, Text: "runner crashed"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := ollamaServer(t, test.reply)
			m, _ := openFake(t, Spec{Name: "m", Provider: "ollama", Model: "tiny", BaseURL: f.URL, NumCtx: 64})
			if diff := cmp.Diff(&test.want, ask(t, m, question("Q")).Error); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
		})
	}
}

// llamaServer tokenises a text into its bytes, each a whole token but those of
// "é", and gives the token with number n the log-probability -n/100.
func llamaServer(t *testing.T) *fake {
	return newFake(t, map[string]route{
		"/props":          says(`{"default_generation_settings":{"n_ctx":128},"total_slots":1,"model_path":"/m/tiny.gguf"}`),
		"/v1/models":      says(`{"data":[{"id":"tiny","owned_by":"llamacpp","meta":{"n_ctx":128,"n_vocab":256,"size":9}}]}`),
		"/apply-template": says(`{"prompt":"<user>Où?<model>"}`),
		"/tokenize":       fakeTokenize,
		"/completion":     fakeCompletion,
	})
}

func fakeTokenize(w http.ResponseWriter, _ int, body []byte) {
	var req struct {
		Content string `json:"content"`
	}
	json.Unmarshal(body, &req)
	var tokens []string
	for _, b := range []byte(req.Content) {
		piece := fmt.Sprintf("%q", string(rune(b)))
		if b >= 0x80 {
			piece = fmt.Sprintf("[%d]", b)
		}
		tokens = append(tokens, fmt.Sprintf(`{"id":%d,"piece":%s}`, b, piece))
	}
	fmt.Fprintf(w, `{"tokens":[%s]}`, strings.Join(tokens, ","))
}

func fakeCompletion(w http.ResponseWriter, _ int, body []byte) {
	var req struct {
		Prompt json.RawMessage `json:"prompt"`
		Bias   [][]float64     `json:"logit_bias"`
		Top    int             `json:"n_probs"`
	}
	json.Unmarshal(body, &req)
	var before []int
	if json.Unmarshal(req.Prompt, &before) != nil {
		fmt.Fprint(w, `{"content":"Paris","model":"tiny","stop_type":"limit","tokens_evaluated":9,"tokens_predicted":2,
			"completion_probabilities":[{"id":1,"logprob":-0.5},{"id":2,"logprob":-0.25}]}`)
		return
	}
	top := make([]string, 0, req.Top)
	for id := range min(req.Top, 256) {
		top = append(top, fmt.Sprintf(`{"id":%d,"logprob":%g}`, id, -float64(id)/100))
	}
	forced := int(req.Bias[0][0])
	fmt.Fprintf(w, `{"content":"x","model":"tiny","stop_type":"limit","tokens_evaluated":%d,"tokens_predicted":1,
		"completion_probabilities":[{"id":%d,"logprob":%g,"top_logprobs":[%s]}]}`,
		len(before), forced, -float64(forced)/100, strings.Join(top, ","))
}

func llamaSpec(f *fake) Spec {
	return Spec{Name: "m", Provider: "llamacpp", Model: "tiny", BaseURL: f.URL}
}

func testLlamacppWire(t *testing.T) {
	f := llamaServer(t)
	m, _ := openFake(t, llamaSpec(f))
	r := ask(t, m, zeros())
	diffJSON(t, `{"messages":`+wireMessages+`}`, f.sent(t, "/apply-template"))
	fields := `["content","model","tokens_evaluated","tokens_predicted","truncated","stop_type","completion_probabilities"]`
	diffJSON(t, `{"prompt":"<user>Où?<model>","n_predict":16,"temperature":0,"stop":["\n\n"],"seed":0,"top_p":0.25,"top_k":0,"id_slot":0,"min_p":0,
		"n_probs":1,"cache_prompt":true,"stream":false,"response_fields":`+fields+`}`, f.sent(t, "/completion"))
	want := Response{Text: "Paris", Finish: "length", PromptTokens: 9, OutputTokens: 2, Served: "tiny", Logprobs: []float64{-0.5, -0.25}, Attempts: 1}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	ask(t, m, Request{Messages: []Message{{"user", "ab"}}, Options: []string{"z"}})
	diffJSON(t, `{"content":"abz","add_special":true,"with_pieces":true}`, f.sent(t, "/tokenize"))
	diffJSON(t, `{"prompt":[97,98],"logit_bias":[[122,1000000]],"n_predict":1,"temperature":0,"n_probs":100,"post_sampling_probs":false,
		"id_slot":0,"cache_prompt":true,"stream":false,"response_fields":`+fields+`}`, f.sent(t, "/completion"))
}

func TestBaseModelIsContinued(t *testing.T) {
	f := llamaServer(t)
	s := llamaSpec(f)
	s.ChatTemplate = noTemplate
	m, _ := openFake(t, s)
	ask(t, m, question("Où?"))
	if got := f.sent(t, "/completion")["prompt"]; got != "Où?" {
		t.Errorf("got prompt %q, want the question as it is", got)
	}
	if len(f.bodies["/apply-template"]) != 0 {
		t.Error("a chat template was applied")
	}
	expectError(t, m.Check(zeros()), "does not carry a system message")
}

func TestOptionsAreScoredTokenByToken(t *testing.T) {
	f := llamaServer(t)
	m, _ := openFake(t, llamaSpec(f))
	// The tokens 'b' (98) and lower are among the likeliest of the first call.
	options := []string{"x", "ab", "é", "abc", "xy"}
	r := ask(t, m, Request{Messages: []Message{{"user", "Q:"}}, Options: options})
	if r.Error != nil {
		t.Fatal(r.Error)
	}
	sums := []float64{1.20, 0.97 + 0.98, 1.95 + 1.69, 0.97 + 0.98 + 0.99, 1.20 + 1.21}
	for i, want := range sums {
		if diff := r.OptionLogprobs[i] + want; diff > 1e-12 || diff < -1e-12 {
			t.Errorf("option %q: got %v, want %v", options[i], r.OptionLogprobs[i], -want)
		}
	}
	// a, then b and c after it, x, then y after it, and two hidden tokens, each
	// found in the second list: a's b and x come once although two options
	// have them.
	if got := len(f.bodies["/completion"]); got != 1+2+2+2*2 {
		t.Errorf("got %d calls, want 9:\n%s", got, strings.Join(f.bodies["/completion"], "\n"))
	}
}

func TestOptionsThatCannotBeScored(t *testing.T) {
	completion := func(reply string) map[string]route {
		return map[string]route{"/completion": says(reply)}
	}
	tests := []struct {
		name   string
		prompt string
		option string
		routes map[string]route
		want   Failure
	}{
		{"another token came back", "Q:", "A", completion(`{"tokens_evaluated":2,"completion_probabilities":[{"id":66,"logprob":-1}]}`),
			Failure{Kind: KindError, Text: "the server did not write token 65, which it was made to"}},
		{"no token came back", "Q:", "A", completion(`{"tokens_evaluated":2}`),
			Failure{Kind: KindError, Text: "the server did not write token 65, which it was made to"}},
		{"a probability that rounds to zero", "Q:", "A", completion(`{"tokens_evaluated":2,"completion_probabilities":[{"id":65,"logprob":-1.797e308}]}`),
			Failure{Kind: KindError, Text: "the server has no log-probability for token 65: it rounds to a probability of 0, or the model's numbers are broken"}},
		{"a probability that is no number", "Q:", "A", completion(`{"tokens_evaluated":2,"completion_probabilities":[{"id":65,"logprob":null}]}`),
			Failure{Kind: KindError, Text: "the server has no log-probability for token 65: it rounds to a probability of 0, or the model's numbers are broken"}},
		{"a prompt that was cut", "Q:", "A", completion(`{"tokens_evaluated":1,"completion_probabilities":[{"id":65,"logprob":-1}]}`),
			Failure{Kind: KindCut, Text: "the server read 1 of 2 tokens"}},
		{"a prompt over the context", strings.Repeat("Q", 128), "A", nil,
			Failure{Kind: KindCut, Text: "prompt and option take 129 tokens, but the context holds 128"}},
		{"an empty prompt", "", "A", nil,
			Failure{Kind: KindError, Text: "the prompt makes no token of its own: there is nothing for the options to follow"}},
		{"an option without a token", "Q:", "A", map[string]route{"/tokenize": says(`{"tokens":[{"id":5,"piece":" a"}]}`)},
			Failure{Kind: KindError, Text: `option "A" makes no token after the prompt`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := llamaServer(t)
			for path, r := range test.routes {
				f.routes[path] = r
			}
			m, _ := openFake(t, llamaSpec(f))
			r := ask(t, m, Request{Messages: []Message{{"user", test.prompt}}, Options: []string{test.option}})
			if diff := cmp.Diff(&test.want, r.Error); diff != "" {
				t.Errorf("failure (-want +got):\n%s", diff)
			}
			if r.OptionLogprobs != nil {
				t.Errorf("numbers came beside the failure: %v", r.OptionLogprobs)
			}
			if len(m.back.(*llamacpp).slots) != 1 {
				t.Error("the slot was not given back")
			}
		})
	}
}

// "ab" melts into one token, so that the whole of it is scored.
func TestOptionThatMeltsIntoThePrompt(t *testing.T) {
	f := llamaServer(t)
	f.routes["/tokenize"] = func(w http.ResponseWriter, call int, body []byte) {
		melted := strings.ReplaceAll(string(body), "ab", "Z")
		fakeTokenize(w, call, []byte(melted))
	}
	m, _ := openFake(t, llamaSpec(f))
	r := ask(t, m, Request{Messages: []Message{{"user", "Q:a"}}, Options: []string{"b", "c"}})
	want := []float64{-0.90, -0.97 - 0.99}
	if diff := cmp.Diff(want, r.OptionLogprobs); diff != "" {
		t.Errorf("log-probabilities (-want +got):\n%s", diff)
	}
}

func TestLlamacppEnds(t *testing.T) {
	tests := []struct {
		name string
		c    completion
		want Response
		err  string
	}{
		{"the model's own end", completion{Content: "Yes", StopType: "eos", Evaluated: 5, Predicted: 2}, Response{Text: "Yes", Finish: "stop", PromptTokens: 5, OutputTokens: 2}, ""},
		{"a stop word", completion{Content: "Yes", StopType: "word"}, Response{Text: "Yes", Finish: "stop"}, ""},
		{"a model that ends at once", completion{StopType: "eos"}, Response{Finish: "stop"}, ""},
		{"the token limit", completion{Content: "Yes", StopType: "limit"}, Response{Text: "Yes", Finish: "length"}, ""},
		{"a context that fills up", completion{Content: "Yes", StopType: "limit", Truncated: true, Evaluated: 50, Predicted: 14}, Response{Text: "Yes", Finish: "length", PromptTokens: 50, OutputTokens: 14}, ""},
		{"a prompt that was cut", completion{Content: "Yes", StopType: "eos", Truncated: true, Evaluated: 32, Predicted: 4}, Response{}, "the server cut the prompt"},
		{"a prompt that fills the context", completion{Content: "Yes", StopType: "limit", Evaluated: 64}, Response{}, "the server cut the prompt"},
		{"no end", completion{Content: "Yes"}, Response{}, `stop_type ""`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.c.response(64)
			expectError(t, err, test.err)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
		})
	}
}

func testReplayWire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	want := Response{Text: "Paris", Finish: "stop", Attempts: 3, LatencyMS: 1.5}
	writeEvidence(t, path, zeros(), want)
	m, info, err := Open(t.Context(), Spec{Name: "q4", Provider: "replay", Evidence: path})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(recordedInfo, info); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, ask(t, m, zeros())); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	other := zeros()
	other.Sample = 1
	missing := Response{Error: &Failure{Kind: KindMissing, Text: "not in the evidence: record again"}}
	if diff := cmp.Diff(missing, ask(t, m, other)); diff != "" {
		t.Errorf("response to what was never asked (-want +got):\n%s", diff)
	}
}

// Recorded answers are given by case: nothing is sent.
func testRecordedWire(t *testing.T) {
	s := Spec{Name: "m", Provider: "recorded", Answers: map[string]string{"a.b.c/1": "Paris"}}
	m, _ := openFake(t, s)
	req := zeros()
	req.Case = "a.b.c/1"
	want := Response{Text: "Paris", Finish: "stop"}
	if diff := cmp.Diff(want, ask(t, m, req)); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	req.Case = "a.b.c/2"
	if r := ask(t, m, req); r.Error == nil || r.Error.Kind != KindMissing {
		t.Errorf("got %+v for a case without an answer", r)
	}
}

// Planted damage goes through the damaged model's own provider, with all of its
// parameters.
func testPlantedWire(t *testing.T) {
	f := chatServer(t, status())
	s := openaiSpec(f)
	s.Planted = &Planted{Of: "full", Provider: s.Provider, Model: s.Model, Damage: "forget", Keep: 1}
	s.Provider = "planted"
	m, _ := openFake(t, s)
	ask(t, m, zeros())
	diffJSON(t, `{"model":"tiny","messages":[{"role":"system","content":"brief."},{"role":"user","content":"<b>?"},
		{"role":"assistant","content":"yes."},{"role":"user","content":"Où?"}],"max_tokens":16,"stop":["\n\n"],
		"temperature":0,"seed":0,"top_p":0.25,"stream":false}`, f.sent(t, "/v1/chat/completions"))
}

const anthropicReply = `{"type":"message","role":"assistant","model":"tiny-2026","content":[{"type":"text","text":"Paris"}],
	"stop_reason":"end_turn","usage":{"input_tokens":7,"output_tokens":1}}`

func anthropicServer(t *testing.T, reply string) *fake {
	return newFake(t, map[string]route{"/v1/models/tiny": says(`{"type":"model","id":"tiny-2026"}`), "/v1/messages": says(reply)})
}

func anthropicSpec(f *fake) Spec {
	return Spec{Name: "m", Provider: "anthropic", Model: "tiny", BaseURL: f.URL + "/v1", APIKey: "an-api-key"}
}

func testAnthropicWire(t *testing.T) {
	f := anthropicServer(t, anthropicReply)
	m, _ := openFake(t, anthropicSpec(f))
	req := zeros()
	req.Seed = nil
	r := ask(t, m, req)
	text := func(role, text string) string {
		return `{"role":"` + role + `","content":[{"type":"text","text":"` + text + `"}]}`
	}
	diffJSON(t, `{"model":"tiny","system":"Be brief.","messages":[`+text("user", "Hello <b>?")+","+text("assistant", "Hi – yes.")+","+text("user", "Où?")+`],
		"max_tokens":16,"stop_sequences":["\n\n"],"temperature":0,"top_p":0.25,"stream":false}`, f.sent(t, "/v1/messages"))
	want := Response{Text: "Paris", Finish: "stop", PromptTokens: 7, OutputTokens: 1, Served: "tiny-2026", Attempts: 1}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	expectError(t, m.Check(zeros()), "does not carry seed")
	for _, h := range f.headers {
		if h.Get("X-Api-Key") != "an-api-key" || h.Get("Authorization") != "" || h.Get("Anthropic-Version") != "2023-06-01" {
			t.Errorf("sent the headers %v, want the key in X-Api-Key alone, and a version", h)
		}
	}
}

func TestAnAnswerOfAnthropicsThatEndsInNoKnownWayIsNone(t *testing.T) {
	for reason, want := range map[string]string{
		"max_tokens": "length", "stop_sequence": "stop", "refusal": "", "pause_turn": "", "tool_use": "",
	} {
		f := anthropicServer(t, strings.Replace(anthropicReply, "end_turn", reason, 1))
		m, _ := openFake(t, anthropicSpec(f))
		r := ask(t, m, question("Where?"))
		if r.Finish != want || (want == "") != (r.Error != nil) {
			t.Errorf("%s: got finish %q and error %v, want finish %q", reason, r.Finish, r.Error, want)
		}
	}
}

// fills serves a vocabulary of single tokens, as the pipeline does: a target
// outside it is answered by another token.
func fills(scores map[string]float64) route {
	return func(w http.ResponseWriter, _ int, body []byte) {
		var in struct {
			Inputs     string
			Parameters struct{ Targets []string }
		}
		_ = json.Unmarshal(body, &in)
		if !strings.Contains(in.Inputs, "<mask>") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			io.WriteString(w, `{"error":"No mask_token (<mask>) found on the input"}`)
			return
		}
		out := []map[string]any{}
		for _, target := range in.Parameters.Targets {
			if p, ok := scores[target]; ok {
				out = append(out, map[string]any{"score": p, "token_str": " " + strings.ToLower(target), "sequence": "…"})
			}
		}
		_ = json.NewEncoder(w).Encode(out)
	}
}

func testFillMaskWire(t *testing.T) {
	f := newFake(t, map[string]route{"/": fills(map[string]float64{"Paris": 0.5, "Rome": 0.25})})
	m, _ := openFake(t, Spec{Name: "m", Provider: "fillmask", BaseURL: f.URL})
	r := ask(t, m, Request{Messages: []Message{{"user", "The capital of France is"}}, Options: []string{" Rome", " Paris"}})
	diffJSON(t, `{"inputs":"The capital of France is <mask>.","parameters":{"targets":["Rome","Paris"],"top_k":2}}`, f.sent(t, "/"))
	want := []float64{math.Log(0.25), math.Log(0.5)}
	if diff := cmp.Diff(want, r.OptionLogprobs); diff != "" {
		t.Errorf("log-probabilities (-want +got):\n%s", diff)
	}
	ask(t, m, Request{Messages: []Message{{"user", "<mask> is the capital."}}, Options: []string{"Rome"}})
	diffJSON(t, `{"inputs":"<mask> is the capital.","parameters":{"targets":["Rome"],"top_k":1}}`, f.sent(t, "/"))
	r = ask(t, m, Request{Messages: []Message{{"user", "It is"}}, Options: []string{"Rome", "Ouagadougou"}})
	if r.Error == nil || !strings.Contains(r.Error.Text, `option "Ouagadougou" is no single token`) {
		t.Errorf("got %+v, want the option refused", r)
	}
	expectError(t, m.Check(question("Where?")), "does not carry written answers")
}
