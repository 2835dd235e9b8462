package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tmc/langchaingo/llms"
)

// langchainRoles are langchaingo's names for the roles.
var langchainRoles = map[string]llms.ChatMessageType{
	"system":    llms.ChatMessageTypeSystem,
	"user":      llms.ChatMessageTypeHuman,
	"assistant": llms.ChatMessageTypeAI,
}

func langchainMessages(req Request) []llms.MessageContent {
	messages := make([]llms.MessageContent, len(req.Messages))
	for i, m := range req.Messages {
		messages[i] = llms.TextParts(langchainRoles[m.Role], m.Text)
	}
	return messages
}

// generate asks for text and returns the one choice. It never streams: a cut
// stream reads like a whole answer.
func generate(ctx context.Context, llm llms.Model, req Request, more ...llms.CallOption) (*llms.ContentChoice, error) {
	options := append([]llms.CallOption{
		llms.WithTemperature(req.Temperature),
		llms.WithMaxTokens(req.MaxTokens),
		llms.WithStopWords(req.Stop),
	}, more...)
	if req.JSON {
		options = append(options, llms.WithJSONMode())
	}
	x := exchangeOf(ctx)
	x.sent = req.bytes()
	resp, err := llm.GenerateContent(ctx, langchainMessages(req), options...)
	switch {
	case x.failure != nil:
		return nil, x.failure
	case err != nil && len(x.raw) > 0:
		return nil, noAnswer{err} // a whole reply, which the client could not read
	case err != nil:
		return nil, err
	case len(resp.Choices) != 1:
		return nil, noAnswer{fmt.Errorf("the reply has %d choices: expected 1", len(resp.Choices))}
	}
	return resp.Choices[0], nil
}

// noAnswer is the failure of a reply that came whole and holds no answer. It
// looks the same whether the model had nothing to say or the server lost what
// it said, so that it is worth one more attempt.
type noAnswer struct{ error }

var (
	errEmpty   = noAnswer{errors.New("the reply holds no text")}
	errNotJSON = noAnswer{errors.New("the reply to a request in JSON mode is no JSON: the server may have dropped the mode")}
)

const (
	// shortPrompt is up to how many bytes a prompt fits into any context.
	shortPrompt = 2000
	// longestToken is how many bytes a token of a longer text has at most, on
	// average: ordinary text has four, lists of long words seven.
	longestToken = 12
)

// bytes is the length of all messages.
func (req Request) bytes() int {
	n := 0
	for _, m := range req.Messages {
		n += len(m.Text)
	}
	return n
}

// whole refuses what is no answer: no text, no known end, or that to a part of
// the prompt. Ollama drops the first turns of a conversation that is too long,
// which only its count of tokens shows.
func (x *exchange) whole(req Request, r Response) (Response, error) {
	switch {
	case x.sent > shortPrompt && r.PromptTokens > 0 && r.PromptTokens*longestToken < x.sent:
		return Response{}, &Failure{Kind: KindCut, Text: fmt.Sprintf("the server read %d tokens of a prompt of %d bytes: it cut the prompt", r.PromptTokens, x.sent)}
	case r.Text == "":
		return Response{}, errEmpty
	case r.Finish == "":
		return Response{}, noAnswer{errors.New("the reply does not say how it ends: expected stop or length")}
	case r.Finish != "stop" && r.Finish != "length":
		return Response{}, fmt.Errorf("the reply ends with reason %q: expected stop or length", r.Finish)
	case req.notJSON(r):
		return Response{}, errNotJSON
	}
	r.Reasoned = r.Reasoned || thought(r.Text)
	return r, nil
}

// anyObject is the JSON schema of JSON mode.
var anyObject = map[string]any{"type": "object"}

// notJSON tells an answer that JSON mode rules out: all of it is an object, or a
// list, which some services take for one too. One that was cut must begin so.
func (req Request) notJSON(r Response) bool {
	if !req.JSON {
		return false
	}
	text := strings.TrimSpace(r.Text)
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return true
	}
	if r.Finish == "stop" {
		return !json.Valid([]byte(text))
	}
	err := json.NewDecoder(strings.NewReader(text)).Decode(new(json.RawMessage))
	return err != nil && !errors.Is(err, io.ErrUnexpectedEOF)
}
