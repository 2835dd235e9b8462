package models

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/tmc/langchaingo/llms"
)

// noTemplate is the Spec.ChatTemplate of a base model.
const noTemplate = "none"

var _ = register("llamacpp", Provider{
	About: "a llama-server through its own endpoints, with log-probabilities of options",
	Can: Capabilities{
		System: true, Turns: true, Temperature: true, TopP: true, Seed: true, Stop: true, JSON: true,
		OptionLogprobs: true, NumCtx: true, ChatTemplate: true, Reasoning: Reasonings,
	},
	open: openLlamacpp,
})

// llamacpp asks a llama-server for plain completions.
type llamacpp struct {
	server
	template string // Spec.ChatTemplate
	// variables are set in the server's chat template; nil for none.
	variables map[string]any
	context   int // tokens a slot holds
	// carrier is a token whose text is whole, and vocabulary the number of
	// tokens that the model knows: see [scoring.logprob].
	carrier, vocabulary int
	// slots holds the numbers of the server's slots that are free.
	slots chan int
	phase phase
}

var _ llms.Model = (*llamacpp)(nil)

func openLlamacpp(ctx context.Context, s Spec, c *http.Client) (connection, error) {
	srv, err := newServer(s, "http://127.0.0.1:8080", c)
	if err != nil {
		return connection{}, err
	}
	props, err := srv.llamaProps(ctx, s.NumCtx)
	if err != nil {
		return connection{}, err
	}
	model, err := srv.llamaModel(ctx)
	if err != nil {
		return connection{}, err
	}
	l := &llamacpp{server: srv, template: s.ChatTemplate, context: props.Settings.Context, vocabulary: model.Meta.Vocabulary}
	if l.variables, err = props.reasoning(s); err != nil {
		return connection{}, err
	}
	if l.carrier, err = l.wholeToken(ctx); err != nil {
		return connection{}, err
	}
	l.slots = make(chan int, props.Slots)
	for slot := range props.Slots {
		l.slots <- slot
	}
	can := providers["llamacpp"].Can
	if s.ChatTemplate == noTemplate {
		can.System, can.Turns = false, false
	}
	return connection{l, llamaInfo(s, srv.base, props, model), can}, nil
}

// llamaProps is what /props tells.
type llamaProps struct {
	Settings struct {
		Context int `json:"n_ctx"` // of one slot
	} `json:"default_generation_settings"`
	Slots    int    `json:"total_slots"`
	Path     string `json:"model_path"`
	Template string `json:"chat_template"`
}

// reasoning are the variables of the chat template that carry Spec.Reasoning. A
// template that does not read them would drop it.
func (p llamaProps) reasoning(s Spec) (map[string]any, error) {
	name, value := "reasoning_effort", any(s.Reasoning)
	switch s.Reasoning {
	case "":
		return nil, nil
	case "off":
		name, value = "enable_thinking", false
	}
	if s.ChatTemplate == noTemplate || !strings.Contains(p.Template, name) {
		return nil, fmt.Errorf("reasoning is %s, but the chat template does not read %s: expected a model whose template does, or no reasoning", s.Reasoning, name)
	}
	return map[string]any{name: value}, nil
}

func (s server) llamaProps(ctx context.Context, numCtx int) (llamaProps, error) {
	var props llamaProps
	if err := s.get(ctx, "/props", &props); err != nil {
		return llamaProps{}, err
	}
	if props.Settings.Context == 0 || props.Slots == 0 {
		return llamaProps{}, fmt.Errorf("%s is no llama-server: /props tells neither context nor slots", s.base)
	}
	if numCtx > props.Settings.Context {
		return llamaProps{}, fmt.Errorf("num_ctx is %d, but a slot of the server holds %d tokens: start it with a larger -c, which all slots share", numCtx, props.Settings.Context)
	}
	return props, nil
}

func (s server) llamaModel(ctx context.Context) (openaiModel, error) {
	var list struct {
		Data []openaiModel `json:"data"`
	}
	if err := s.get(ctx, "/v1/models", &list); err != nil {
		return openaiModel{}, err
	}
	if len(list.Data) != 1 {
		return openaiModel{}, fmt.Errorf("the server has %d models: expected a llama-server that was started with one", len(list.Data))
	}
	return list.Data[0], nil
}

func llamaInfo(s Spec, endpoint string, props llamaProps, model openaiModel) Info {
	info := Info{Endpoint: endpoint, Context: props.Settings.Context, Served: model.ID, Bytes: model.Meta.Size}
	if s.Model != "" && s.Model != model.ID {
		info.Notes = append(info.Notes, answersAsOther(endpoint, model.ID, s.Model))
	}
	if s.Weights != "" && props.Path != "" && filepath.Base(s.Weights) != filepath.Base(props.Path) {
		info.Notes = append(info.Notes, fmt.Sprintf("weights names %s, but the server has loaded %s: the digest may be that of another model; name the file that the server has loaded", filepath.Base(s.Weights), filepath.Base(props.Path)))
	}
	return info
}

func (l *llamacpp) answer(ctx context.Context, req Request) (Response, error) {
	kind := "text"
	if len(req.Options) > 0 {
		kind = "options"
	}
	if err := l.phase.enter(ctx, kind); err != nil {
		return Response{}, err
	}
	defer l.phase.leave()
	slot, err := l.takeSlot(ctx)
	if err != nil {
		return Response{}, err
	}
	defer func() { l.slots <- slot }()
	if len(req.Options) > 0 {
		return l.score(ctx, slot, req.Messages[0].Text, req.Options)
	}
	return l.write(ctx, slot, req)
}

// write continues the prompt with text.
func (l *llamacpp) write(ctx context.Context, slot int, req Request) (Response, error) {
	sampling := map[string]any{
		"id_slot": slot,
		// The draw is shaped by what the request says, and not by how the
		// server was started.
		"top_k": 0, "min_p": 0, "top_p": 1,
	}
	if req.TopP != nil {
		sampling["top_p"] = *req.TopP
	}
	if req.Seed != nil {
		sampling["seed"] = *req.Seed
	}
	if req.JSON {
		sampling["json_schema"] = anyObject
	}
	choice, err := generate(ctx, l, req, llms.WithMetadata(sampling))
	if err != nil {
		return Response{}, err
	}
	resp := choice.GenerationInfo["response"].(Response)
	if req.notJSON(resp) {
		return Response{}, errNotJSON
	}
	resp.Reasoned = thought(resp.Text)
	return resp, nil
}

// Call is GenerateContent for a single user message.
func (l *llamacpp) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, l, prompt, options...)
}

// GenerateContent turns the messages into a prompt and continues it. It knows
// text messages, temperature, max tokens and stop words; what else goes into
// the body of /completion is taken from the metadata.
func (l *llamacpp) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	var opts llms.CallOptions
	for _, option := range options {
		option(&opts)
	}
	prompt, err := l.prompt(ctx, messages)
	if err != nil {
		return nil, err
	}
	body := map[string]any{
		"prompt": prompt, "n_predict": opts.MaxTokens, "temperature": opts.Temperature, "stop": opts.StopWords,
		"cache_prompt": true, "n_probs": 1, "stream": false, "response_fields": completionFields,
	}
	maps.Copy(body, opts.Metadata)
	var c completion
	if err := l.post(ctx, "/completion", body, &c); err != nil {
		return nil, err
	}
	resp, err := c.response(l.context)
	if err != nil {
		return nil, err
	}
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{{
		Content: resp.Text, StopReason: resp.Finish, GenerationInfo: map[string]any{"response": resp},
	}}}, nil
}

// promptTokens counts the tokens of the prompt, of options with the longest.
func (l *llamacpp) promptTokens(ctx context.Context, req Request) (int, error) {
	texts := make([]string, len(req.Options))
	for i, option := range req.Options {
		texts[i] = req.Messages[0].Text + option
	}
	if len(req.Options) == 0 {
		prompt, err := l.prompt(ctx, langchainMessages(req))
		if err != nil {
			return 0, err
		}
		texts = []string{prompt}
	}
	most := 0
	for _, text := range texts {
		tokens, err := l.tokens(ctx, text)
		if err != nil {
			return 0, err
		}
		most = max(most, len(tokens))
	}
	return most, nil
}

// prompt is the text to continue: the messages under the model's own chat
// template, or the single message as it is.
func (l *llamacpp) prompt(ctx context.Context, messages []llms.MessageContent) (string, error) {
	turns := make([]map[string]string, len(messages))
	for i, m := range messages {
		text, ok := m.Parts[0].(llms.TextContent)
		if !ok || len(m.Parts) != 1 {
			return "", errors.New("expected one part of text in each message")
		}
		turns[i] = map[string]string{"role": llamaRoles[m.Role], "content": text.Text}
	}
	if l.template == noTemplate {
		if len(turns) != 1 {
			return "", fmt.Errorf("without a chat template there is one message, not %d", len(turns))
		}
		return turns[0]["content"], nil
	}
	var applied struct {
		Prompt string `json:"prompt"`
	}
	body := map[string]any{"messages": turns}
	if l.variables != nil {
		body["chat_template_kwargs"] = l.variables
	}
	if err := l.post(ctx, "/apply-template", body, &applied); err != nil {
		return "", err
	}
	if applied.Prompt == "" {
		return "", errors.New("/apply-template returned no prompt")
	}
	return applied.Prompt, nil
}

var llamaRoles = map[llms.ChatMessageType]string{
	llms.ChatMessageTypeSystem: "system",
	llms.ChatMessageTypeHuman:  "user",
	llms.ChatMessageTypeAI:     "assistant",
}

// completionFields are the fields of a completion that are asked for: the rest
// repeats the request at length.
var completionFields = []string{
	"content", "model", "tokens_evaluated", "tokens_predicted", "truncated", "stop_type", "completion_probabilities",
}

// completion is the reply of /completion.
type completion struct {
	Content   string         `json:"content"`
	Model     string         `json:"model"`
	Evaluated int            `json:"tokens_evaluated"` // of the prompt, cached or not
	Predicted int            `json:"tokens_predicted"`
	Truncated bool           `json:"truncated"`
	StopType  string         `json:"stop_type"` // eos, word or limit
	Tokens    []writtenToken `json:"completion_probabilities"`
}

// response reads a completion as an answer. Unlike the chat providers it takes
// an empty text for one: stop_type tells that the model itself ended there.
func (c completion) response(context int) (Response, error) {
	r := Response{Text: c.Content, Served: c.Model, PromptTokens: c.Evaluated, OutputTokens: c.Predicted}
	// A full context also sets truncated, which is an answer cut short.
	filled := c.Evaluated+c.Predicted >= context-1
	if c.Evaluated >= context || (c.Truncated && !filled) {
		return Response{}, &Failure{Kind: KindCut, Text: fmt.Sprintf("the server cut the prompt to its context of %d tokens", context)}
	}
	switch c.StopType {
	case "eos", "word":
		r.Finish = "stop"
	case "limit":
		r.Finish = "length"
	default:
		return Response{}, fmt.Errorf("the reply ends with stop_type %q: expected eos, word or limit", c.StopType)
	}
	for _, token := range c.Tokens {
		if token.Logprob == nil {
			r.Logprobs = nil
			break
		}
		r.Logprobs = append(r.Logprobs, *token.Logprob)
	}
	return r, nil
}
