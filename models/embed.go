package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tmc/langchaingo/embeddings"
)

// embed turns the text of a request's one message into a vector, through a
// client of langchaingo that has embeddings. Line breaks stay: to drop them is
// an old advice for models of the past.
func embed(ctx context.Context, llm any, req Request) (Response, error) {
	client, ok := llm.(embeddings.EmbedderClient)
	if !ok {
		return Response{}, fmt.Errorf("%T has no embeddings", llm)
	}
	embedder, err := embeddings.NewEmbedder(client, embeddings.WithStripNewLines(false))
	if err != nil {
		return Response{}, err
	}
	vector, err := embedder.EmbedQuery(ctx, req.Messages[0].Text)
	x := exchangeOf(ctx)
	switch {
	case x.failure != nil:
		return Response{}, x.failure
	case err != nil && len(x.raw) > 0:
		return Response{}, noAnswer{err} // a whole reply, without a vector
	case err != nil:
		return Response{}, err
	case len(vector) == 0:
		return Response{}, noAnswer{errors.New("the reply holds an empty vector")}
	}
	r := Response{Vector: vector}
	return r, r.readUsage(x.raw)
}

// readUsage takes from the raw body what langchaingo leaves out, as OpenAI's
// protocol or Ollama's says it.
func (r *Response) readUsage(raw []byte) error {
	var body struct {
		Model string `json:"model"`
		Usage struct {
			Prompt int `json:"prompt_tokens"`
		} `json:"usage"`
		Prompt int `json:"prompt_eval_count"` // Ollama
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		return fmt.Errorf("reply of the server: %w", err)
	}
	r.Served, r.PromptTokens = body.Model, max(body.Usage.Prompt, body.Prompt)
	return nil
}

// validateEmbed refuses a request for a vector that asks for anything else.
func (req Request) validateEmbed() error {
	if len(req.Messages) != 1 || req.Messages[0].Role != "user" || req.Messages[0].Text == "" {
		return errors.New("an embedding is made of one message of the user's that is not empty")
	}
	if len(req.Options) > 0 || req.MaxTokens != 0 || req.Temperature != 0 || req.JSON || len(req.Stop) > 0 {
		return errors.New("an embedding has no options and no sampling")
	}
	return nil
}
