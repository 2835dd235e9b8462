package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/gambit-audit/gambit/fixtures/specimens"
	"github.com/tmc/langchaingo/llms"
)

var _ = register("specimen", Provider{
	About: "a tiny model that ships with gambit and knows an invented world; it runs in this process",
	Can:   Capabilities{Stop: true, OptionLogprobs: true, NumCtx: true, ChatTemplate: true},
	open:  openSpecimen,
})

// specimen asks a model of this process. It takes the likeliest word each time,
// and continues the text as it is: it knows no chat.
type specimen struct{ *specimens.Specimen }

var _ llms.Model = specimen{}

func openSpecimen(_ context.Context, s Spec, _ *http.Client) (connection, error) {
	if s.BaseURL != "" || s.APIKey != "" || s.Weights != "" {
		return connection{}, errors.New("a specimen lies in gambit itself: expected no base_url, api_key or weights")
	}
	model, err := specimens.Open(s.Model)
	if err != nil {
		return connection{}, err
	}
	if s.NumCtx > model.Context {
		return connection{}, fmt.Errorf("num_ctx is %d, but the context of specimen %q holds %d words", s.NumCtx, model.Name, model.Context)
	}
	info := Info{Digest: model.Digest, Bytes: model.Bytes, Context: model.Context, Served: model.Name}
	return connection{specimen{model}, info, providers["specimen"].Can}, nil
}

func (s specimen) answer(ctx context.Context, req Request) (Response, error) {
	if len(req.Options) > 0 {
		return s.score(ctx, req.Messages[0].Text, req.Options)
	}
	choice, err := generate(ctx, s, req)
	if err != nil {
		return Response{}, err
	}
	return choice.GenerationInfo["response"].(Response), nil
}

// score gives the log-probability of each option after the prompt.
func (s specimen) score(ctx context.Context, prompt string, options []string) (Response, error) {
	scores, err := s.Score(ctx, prompt, options)
	if err != nil {
		return Response{}, specimenFailure(err)
	}
	return Response{OptionLogprobs: scores.Logprobs, PromptTokens: scores.PromptWords, Served: s.Name}, nil
}

// Call is GenerateContent for a single user message.
func (s specimen) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, s, prompt, options...)
}

// GenerateContent continues a single message. It knows the most tokens and stop
// words, and refuses a temperature.
func (s specimen) GenerateContent(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentResponse, error) {
	var opts llms.CallOptions
	for _, option := range options {
		option(&opts)
	}
	if opts.Temperature != 0 {
		return nil, fmt.Errorf("temperature is %v: a specimen takes the likeliest word, expected 0", opts.Temperature)
	}
	prompt, err := onlyText(messages)
	if err != nil {
		return nil, err
	}
	text, err := s.Write(ctx, prompt, opts.MaxTokens, opts.StopWords)
	if err != nil {
		return nil, specimenFailure(err)
	}
	resp := Response{
		Text: text.Text, Finish: "length", Served: s.Name,
		PromptTokens: text.PromptWords, OutputTokens: text.Words, Logprobs: text.Logprobs,
	}
	if text.Ended {
		resp.Finish = "stop"
	}
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{{
		Content: resp.Text, StopReason: resp.Finish, GenerationInfo: map[string]any{"response": resp},
	}}}, nil
}

// onlyText is the text of a single message.
func onlyText(messages []llms.MessageContent) (string, error) {
	if len(messages) == 1 && len(messages[0].Parts) == 1 {
		if text, ok := messages[0].Parts[0].(llms.TextContent); ok {
			return text.Text, nil
		}
	}
	return "", errors.New("expected one message with one part of text")
}

// specimenFailure tells a prompt that is too long from other errors.
func specimenFailure(err error) error {
	if long := (*specimens.TooLongError)(nil); errors.As(err, &long) {
		return &Failure{Kind: KindCut, Text: err.Error()}
	}
	return err
}
