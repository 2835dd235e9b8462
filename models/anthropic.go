package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/anthropic"
)

var _ = register("anthropic", Provider{
	About: "a model of Anthropic, or of a server with its messages endpoint",
	Can:   Capabilities{System: true, Turns: true, Temperature: true, TopP: true, Stop: true, Reasoning: []string{"off"}},
	open:  openAnthropic,
})

// anthropicVersion is the version of the protocol that langchaingo speaks.
const anthropicVersion = "2023-06-01"

// anthropicChat asks through /messages.
type anthropicChat struct {
	llm       llms.Model
	reasoning string // Spec.Reasoning: off, or empty for the model's own
}

func openAnthropic(ctx context.Context, s Spec, c *http.Client) (connection, error) {
	srv, err := newServer(s, "https://api.anthropic.com/v1", c)
	if err != nil {
		return connection{}, err
	}
	srv.header = http.Header{keyHeader: {keyInTransport}, "Anthropic-Version": {anthropicVersion}}
	info, err := srv.anthropicInfo(ctx, s.Model)
	if err != nil {
		return connection{}, err
	}
	llm, err := anthropic.New(
		anthropic.WithHTTPClient(c), anthropic.WithBaseURL(srv.base), anthropic.WithModel(s.Model),
		anthropic.WithToken(keyInTransport),
	)
	if err != nil {
		return connection{}, err
	}
	return connection{anthropicChat{llm, s.Reasoning}, info, providers["anthropic"].Can}, nil
}

// anthropicInfo looks the model up. A server without that endpoint is taken at
// its word.
func (s server) anthropicInfo(ctx context.Context, model string) (Info, error) {
	info := Info{Endpoint: s.base}
	if model == "" {
		return info, errors.New("no model is named: expected `model`, such as claude-sonnet-4-5-20250929")
	}
	var found struct {
		ID string `json:"id"`
	}
	err := s.get(ctx, "/models/"+url.PathEscape(model), &found)
	if f := (*Failure)(nil); errors.As(err, &f) && f.Status == http.StatusNotFound {
		return info, fmt.Errorf("the server has no model %q, or no list of models: %s", model, f.Text)
	}
	info.Served = found.ID
	return info, err
}

func (a anthropicChat) answer(ctx context.Context, req Request) (Response, error) {
	x := exchangeOf(ctx)
	x.fields = map[string]any{"temperature": req.Temperature, "stream": false}
	if req.TopP != nil {
		x.fields["top_p"] = *req.TopP
	}
	if a.reasoning == "off" {
		x.fields["thinking"] = map[string]any{"type": "disabled"}
	}
	choice, err := generate(ctx, a.llm, req)
	if err != nil {
		return Response{}, err
	}
	return a.read(req, choice, x)
}

// anthropicFinish gives our word for each way in which an answer of the model's
// own ends.
var anthropicFinish = map[string]string{"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length"}

// read takes from the raw body what langchaingo leaves out.
func (a anthropicChat) read(req Request, choice *llms.ContentChoice, x *exchange) (Response, error) {
	var body struct {
		Model      string `json:"model"`
		StopReason string `json:"stop_reason"`
		Content    []struct {
			Type string `json:"type"`
		} `json:"content"`
		Usage struct {
			Input  int `json:"input_tokens"`
			Output int `json:"output_tokens"`
		} `json:"usage"`
	}
	if err := json.Unmarshal(x.raw, &body); err != nil {
		return Response{}, fmt.Errorf("reply of the server: %w", err)
	}
	finish, ok := anthropicFinish[body.StopReason]
	if !ok {
		return Response{}, fmt.Errorf("the reply ends with reason %q: expected end_turn, stop_sequence or max_tokens", body.StopReason)
	}
	r := Response{
		Text: choice.Content, Finish: finish, Served: body.Model,
		PromptTokens: body.Usage.Input, OutputTokens: body.Usage.Output,
	}
	for _, part := range body.Content {
		r.Reasoned = r.Reasoned || strings.Contains(part.Type, "thinking") // or redacted_thinking
	}
	return x.whole(req, r)
}
