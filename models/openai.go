package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
)

var _ = register("openai", Provider{
	About: "any server with OpenAI's chat completions: OpenAI, vLLM, llama-server, LM Studio",
	Can:   Capabilities{System: true, Turns: true, Temperature: true, TopP: true, Seed: true, Stop: true, JSON: true, Embeddings: true, Reasoning: Reasonings},
	open:  openOpenAI,
})

// dialect is OpenAI's protocol as one provider speaks it.
type dialect struct {
	provider string
	base     string // where the service listens
	seed     string // the field that holds the seed; empty where there is none
	// listed is a model's name in the service's list, where that is another; nil
	// for none.
	listed func(model string) string
}

// openaiChat asks through /chat/completions.
type openaiChat struct {
	llm llms.Model
	dialect
	// legacy sends max_tokens in place of max_completion_tokens.
	legacy bool
	// knowsJSONMode is false where JSON mode is asked for by the schema of any
	// object: llama-server drops the type json_object in silence, but not a schema.
	knowsJSONMode bool
	// effort is sent as reasoning_effort; empty: it is not.
	effort string
}

// efforts are OpenAI's words for Spec.Reasoning.
var efforts = map[string]string{"off": "none", "low": "low", "medium": "medium", "high": "high"}

// openOpenAI refuses to set the reasoning of other servers than OpenAI's: many
// drop the field in silence.
func openOpenAI(ctx context.Context, s Spec, c *http.Client) (connection, error) {
	if s.Reasoning != "" && s.BaseURL != "" && !takesCompletionTokens(s.BaseURL) {
		return connection{}, errors.New("reasoning: a server that is not OpenAI's own may drop it: expected provider ollama or llamacpp, or no reasoning here and the setting where the server is started")
	}
	return dialect{"openai", "https://api.openai.com/v1", "seed", nil}.open(ctx, s, c)
}

func (d dialect) open(ctx context.Context, s Spec, c *http.Client) (connection, error) {
	srv, err := newServer(s, d.base, c)
	if err != nil {
		return connection{}, err
	}
	listed := s.Model
	if d.listed != nil {
		listed = d.listed(s.Model)
	}
	info, err := srv.openaiInfo(ctx, s.Model, listed)
	if err != nil {
		return connection{}, err
	}
	llm, err := openai.New(
		openai.WithHTTPClient(c), openai.WithBaseURL(srv.base), openai.WithModel(s.Model), openai.WithEmbeddingModel(s.Model),
		openai.WithToken(keyInTransport), openai.WithOrganization(""),
	)
	if err != nil {
		return connection{}, err
	}
	can := providers[d.provider].Can
	can.System = !mergesSystem.MatchString(s.Model)
	own := takesCompletionTokens(srv.base)
	return connection{openaiChat{llm, d, !own, own || d.provider != "openai", efforts[s.Reasoning]}, info, can}, nil
}

// mergesSystem are the models whose system message langchaingo would move into
// the user's.
var mergesSystem = regexp.MustCompile(`(?i)^o[13](-mini|-preview)?$`)

// takesCompletionTokens tells OpenAI's own service, which wants
// max_completion_tokens. Other servers know max_tokens, and some of them drop
// the newer name in silence.
func takesCompletionTokens(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return host == "api.openai.com" || strings.HasSuffix(host, ".openai.azure.com")
}

// openaiModel is one entry of a server's list of models.
type openaiModel struct {
	ID      string   `json:"id"`
	Aliases []string `json:"aliases"`
	OwnedBy string   `json:"owned_by"`
	MaxLen  int      `json:"max_model_len"` // vLLM
	Meta    struct { // llama-server
		Context    int   `json:"n_ctx"`
		Size       int64 `json:"size"`
		Vocabulary int   `json:"n_vocab"`
	} `json:"meta"`
}

// openaiInfo finds the model in the server's list, by its name or the one that
// it has there.
func (s server) openaiInfo(ctx context.Context, model, listed string) (Info, error) {
	info := Info{Endpoint: s.base}
	var list struct {
		Data []openaiModel `json:"data"`
	}
	err := s.get(ctx, "/models", &list)
	if err != nil && (ctx.Err() != nil || !hasNoList(err)) {
		return Info{}, err
	}
	if len(list.Data) == 0 {
		info.Notes = append(info.Notes, fmt.Sprintf("the server at %s lists no models: whether it has %q shows at the first answer", s.base, model))
		return info, nil
	}
	found := slices.IndexFunc(list.Data, func(m openaiModel) bool {
		return m.ID == model || m.ID == listed || slices.Contains(m.Aliases, model)
	})
	if found < 0 {
		if !answersToAnyName(list.Data) {
			return Info{}, unknownModel(model, names(list.Data))
		}
		found = 0
		info.Notes = append(info.Notes, answersAsOther(s.base, list.Data[0].ID, model))
	}
	m := list.Data[found]
	info.Served, info.Bytes, info.Context = m.ID, m.Meta.Size, max(m.MaxLen, m.Meta.Context)
	return info, nil
}

// hasNoList is true where a server answered, but has no list to give.
func hasNoList(err error) bool {
	f, ok := err.(*Failure)
	if !ok {
		return false
	}
	switch f.Status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}

// answersToAnyName tells a llama-server with one model, which takes no notice
// of the name.
func answersToAnyName(list []openaiModel) bool {
	return len(list) == 1 && list[0].OwnedBy == "llamacpp"
}

func answersAsOther(endpoint, served, asked string) string {
	return fmt.Sprintf("the server at %s serves %q and takes no notice of the name %q: make sure that this is the right model", endpoint, served, asked)
}

func names(list []openaiModel) []string {
	var out []string
	for _, m := range list {
		out = append(out, m.ID)
	}
	return out
}

// unknownModel lists at most 20 of the models that there are.
func unknownModel(model string, have []string) error {
	const most = 20
	have = slices.Sorted(slices.Values(have))
	more := ""
	if len(have) > most {
		more = fmt.Sprintf(" and %d more", len(have)-most)
		have = have[:most]
	}
	return fmt.Errorf("the server has no model %q: expected one of %s%s", model, strings.Join(have, ", "), more)
}

func (o openaiChat) answer(ctx context.Context, req Request) (Response, error) {
	if req.Embed {
		return embed(ctx, o.llm, req)
	}
	x := exchangeOf(ctx)
	x.fields = map[string]any{"temperature": req.Temperature, "stream": false}
	if req.TopP != nil {
		x.fields["top_p"] = *req.TopP
	}
	if req.Seed != nil {
		x.fields[o.seed] = *req.Seed
	}
	if req.JSON && !o.knowsJSONMode {
		x.fields["response_format"] = map[string]any{
			"type": "json_schema", "json_schema": map[string]any{"name": "object", "schema": anyObject},
		}
	}
	if o.effort != "" {
		x.fields["reasoning_effort"] = o.effort
	}
	var more []llms.CallOption
	if o.legacy {
		more = append(more, openai.WithLegacyMaxTokensField())
	}
	choice, err := generate(ctx, o.llm, req, more...)
	if err != nil {
		return Response{}, err
	}
	return o.read(req, choice, x)
}

// read takes from the raw body what langchaingo leaves out.
func (o openaiChat) read(req Request, choice *llms.ContentChoice, x *exchange) (Response, error) {
	var body struct {
		Model   string `json:"model"`
		Choices []struct {
			FinishReason string `json:"finish_reason"`
			Message      struct {
				Reasoning        string `json:"reasoning"`         // OpenRouter, newer vLLM
				ReasoningContent string `json:"reasoning_content"` // llama-server, vLLM, DeepSeek
			} `json:"message"`
			Logprobs struct {
				Content []struct {
					Logprob float64 `json:"logprob"`
				} `json:"content"`
			} `json:"logprobs"`
		} `json:"choices"`
		Usage struct {
			Prompt     int `json:"prompt_tokens"`
			Completion int `json:"completion_tokens"`
			Details    struct {
				Reasoning int `json:"reasoning_tokens"` // OpenAI
			} `json:"completion_tokens_details"`
		} `json:"usage"`
	}
	if err := json.Unmarshal(x.raw, &body); err != nil {
		return Response{}, fmt.Errorf("reply of the server: %w", err)
	}
	r := Response{
		Text: choice.Content, Finish: body.Choices[0].FinishReason, Served: body.Model,
		PromptTokens: body.Usage.Prompt, OutputTokens: body.Usage.Completion,
		Reasoned: body.Usage.Details.Reasoning > 0,
	}
	if message := body.Choices[0].Message; message.Reasoning+message.ReasoningContent != "" {
		r.Reasoned = true
	}
	for _, token := range body.Choices[0].Logprobs.Content {
		r.Logprobs = append(r.Logprobs, token.Logprob)
	}
	return x.whole(req, r)
}
