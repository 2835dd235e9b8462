package models

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/ollama"
)

var _ = register("ollama", Provider{
	About: "a model of an Ollama server",
	Can: Capabilities{
		System: true, Turns: true, Temperature: true, TopP: true, Seed: true, Stop: true,
		JSON: true, Embeddings: true, NumCtx: true, Reasoning: Reasonings,
	},
	open: openOllama,
})

// ollamaChat asks through /api/chat.
type ollamaChat struct {
	llm    llms.Model
	numCtx int
	// think is what is sent under that name: false, or the effort; nil: nothing.
	think any
}

func openOllama(ctx context.Context, s Spec, c *http.Client) (connection, error) {
	srv, err := newServer(s, "http://127.0.0.1:11434", c)
	if err != nil {
		return connection{}, err
	}
	info, err := srv.ollamaInfo(ctx, s)
	if err != nil {
		return connection{}, err
	}
	think, err := srv.ollamaThink(ctx, s)
	if err != nil {
		return connection{}, err
	}
	llm, err := ollama.New(
		ollama.WithHTTPClient(c), ollama.WithServerURL(srv.base), ollama.WithModel(s.Model),
		ollama.WithRunnerNumCtx(s.NumCtx),
	)
	if err != nil {
		return connection{}, err
	}
	return connection{ollamaChat{llm, s.NumCtx, think}, info, providers["ollama"].Can}, nil
}

// ollamaInfo finds the model among those that the server has pulled.
func (s server) ollamaInfo(ctx context.Context, spec Spec) (Info, error) {
	var list struct {
		Models []struct {
			Name   string `json:"name"`
			Digest string `json:"digest"`
			Size   int64  `json:"size"`
		} `json:"models"`
	}
	if err := s.get(ctx, "/api/tags", &list); err != nil {
		return Info{}, err
	}
	var have []string
	for _, m := range list.Models {
		if m.Name == spec.Model || m.Name == spec.Model+":latest" {
			info := Info{Endpoint: s.base, Served: m.Name, Digest: strings.TrimPrefix(m.Digest, "sha256:"), Bytes: m.Size, Context: spec.NumCtx}
			if spec.NumCtx == 0 {
				info.Notes = append(info.Notes, "num_ctx is not set: Ollama then uses a context of its own choice, and older versions cut a longer prompt in silence; set num_ctx")
			}
			return info, nil
		}
		have = append(have, m.Name)
	}
	return Info{}, unknownModel(spec.Model, have)
}

// ollamaThink is the field that carries Spec.Reasoning, nil for none. Versions
// that do not know the field drop it, as do models that do not reason, and those
// that take no effort take each one for "yes": what the server says of the model
// tells.
func (s server) ollamaThink(ctx context.Context, spec Spec) (any, error) {
	if spec.Reasoning == "" {
		return nil, nil
	}
	var shown struct {
		Capabilities []string `json:"capabilities"`
		Details      struct {
			Family string `json:"family"`
		} `json:"details"`
	}
	if err := s.post(ctx, "/api/show", map[string]string{"model": spec.Model}, &shown); err != nil {
		return nil, err
	}
	takesEffort := shown.Details.Family == "gptoss" // which takes nothing else
	switch off := spec.Reasoning == "off"; {
	case !slices.Contains(shown.Capabilities, "thinking"):
		return nil, fmt.Errorf("reasoning is %s, but this server does not list thinking among what %q can do: expected no reasoning, or a server of version 0.9 or later with a model that reasons", spec.Reasoning, spec.Model)
	case off && takesEffort:
		return nil, fmt.Errorf("reasoning is off, but %q always reasons: expected low, medium or high", spec.Model)
	case !off && !takesEffort:
		return nil, fmt.Errorf("reasoning is %s, but %q takes no effort: expected off, or no reasoning for the model's own", spec.Reasoning, spec.Model)
	case off:
		return false, nil
	}
	return spec.Reasoning, nil
}

func (o ollamaChat) answer(ctx context.Context, req Request) (Response, error) {
	x := exchangeOf(ctx)
	if req.Embed {
		x.fields = map[string]any{"truncate": false} // else Ollama cuts in silence
		return embed(ctx, o.llm, req)
	}
	// Left out, stream would mean true. Versions that know truncate and shift
	// then refuse a prompt that does not fit, in place of cutting it.
	x.fields = map[string]any{"stream": false, "truncate": false, "shift": false, "options": o.options(req)}
	if o.think != nil {
		x.fields["think"] = o.think
	}
	choice, err := generate(ctx, o.llm, req)
	if err != nil {
		return Response{}, err
	}
	return o.read(req, choice, x)
}

// options are the sampling parameters with their zeros, which langchaingo
// leaves out.
func (o ollamaChat) options(req Request) map[string]any {
	options := map[string]any{"temperature": req.Temperature}
	if req.TopP != nil {
		options["top_p"] = *req.TopP
	}
	if req.Seed != nil {
		options["seed"] = *req.Seed
	}
	return options
}

// read takes from the raw body what langchaingo leaves out.
func (o ollamaChat) read(req Request, choice *llms.ContentChoice, x *exchange) (Response, error) {
	var body struct {
		Model      string `json:"model"`
		DoneReason string `json:"done_reason"`
		Message    struct {
			Thinking string `json:"thinking"`
		} `json:"message"`
		Prompt int `json:"prompt_eval_count"`
		Output int `json:"eval_count"`
	}
	if err := json.Unmarshal(x.raw, &body); err != nil {
		return Response{}, fmt.Errorf("reply of the server: %w", err)
	}
	if o.numCtx > 0 && body.Prompt >= o.numCtx {
		return Response{}, &Failure{Kind: KindCut, Text: fmt.Sprintf("the prompt fills all %d tokens of num_ctx: the server may have cut it", o.numCtx)}
	}
	return x.whole(req, Response{
		Text: choice.Content, Finish: body.DoneReason, Served: body.Model,
		PromptTokens: body.Prompt, OutputTokens: body.Output, Reasoned: body.Message.Thinking != "",
	})
}
