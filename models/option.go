package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

const (
	// topTokens is the number of likeliest tokens that are asked for with the
	// first token of the first option. The other options' first tokens are
	// mostly among them, which saves reading the end of the prompt again.
	topTokens = 100
	// certain is added to the logit of a token that is to be written. The
	// log-probabilities are those before anything is added.
	certain = 1e6
	// lowestLogprob lies under every true log-probability: for a probability
	// that rounds to zero llama-server gives the lowest number there is.
	lowestLogprob = -1e30
)

// score sums the log-probabilities of each option as a continuation of prompt.
//
// Prompt and option are tokenised together, as the model would read them. Where
// an option changes how the end of the prompt is tokenised (mostly a space),
// the tokens from there on are scored for all options, so that all are
// conditions on the same text. The server is made to write the tokens of an
// option one by one, and anything else that it writes is a failure. Grammars
// would need fewer calls, but take longer and cannot part a character.
func (l *llamacpp) score(ctx context.Context, slot int, prompt string, options []string) (Response, error) {
	given, tails, err := l.tokenise(ctx, prompt, options)
	if err != nil {
		return Response{}, err
	}
	for _, tail := range tails {
		if need := len(given) + len(tail); need > l.context {
			return Response{}, &Failure{Kind: KindCut, Text: fmt.Sprintf("prompt and option take %d tokens, but the context holds %d", need, l.context)}
		}
	}
	s := scoring{llamacpp: l, slot: slot, given: ids(given)}
	sums := make([]float64, len(tails))
	for _, i := range sortedOrder(tails) {
		if sums[i], err = s.sum(ctx, tails[i]); err != nil {
			return Response{}, err
		}
	}
	return Response{OptionLogprobs: sums, PromptTokens: len(given), Served: s.served}, nil
}

// sortedOrder are the indices of the tails in the order of their tokens: the
// calls, and so the last digits of the sums, do not hang on the options' order.
func sortedOrder(tails [][]token) []int {
	order := make([]int, len(tails))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return slices.Compare(ids(tails[a]), ids(tails[b])) })
	return order
}

// takeSlot waits for one of the server's slots. One slot does all of a request,
// since it still holds the prompt.
func (l *llamacpp) takeSlot(ctx context.Context) (int, error) {
	select {
	case slot := <-l.slots:
		return slot, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// token is one token of a text.
type token struct {
	id int
	// whole is false where the token's bytes alone are no text, since it begins
	// or ends within a character.
	whole bool
}

// UnmarshalJSON reads a token of /tokenize, whose piece is a string, or an array
// of bytes where those are no text.
func (t *token) UnmarshalJSON(text []byte) error {
	var raw struct {
		ID    int             `json:"id"`
		Piece json.RawMessage `json:"piece"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	*t = token{raw.ID, len(raw.Piece) > 0 && raw.Piece[0] == '"'}
	return nil
}

func ids(tokens []token) []int {
	out := make([]int, len(tokens))
	for i, t := range tokens {
		out[i] = t.id
	}
	return out
}

func (l *llamacpp) tokens(ctx context.Context, text string) ([]token, error) {
	var reply struct {
		Tokens []token `json:"tokens"`
	}
	err := l.post(ctx, "/tokenize", map[string]any{"content": text, "add_special": true, "with_pieces": true}, &reply)
	return reply.Tokens, err
}

// wholeToken returns a token whose text is whole.
func (l *llamacpp) wholeToken(ctx context.Context) (int, error) {
	tokens, err := l.tokens(ctx, " a")
	if err != nil {
		return 0, err
	}
	if len(tokens) == 0 || !tokens[len(tokens)-1].whole {
		return 0, errors.New("/tokenize makes no token of a letter")
	}
	return tokens[len(tokens)-1].id, nil
}

// tokenise returns the tokens that prompt and all options share, and for each
// option those that follow.
func (l *llamacpp) tokenise(ctx context.Context, prompt string, options []string) (given []token, tails [][]token, err error) {
	if given, err = l.tokens(ctx, prompt); err != nil {
		return nil, nil, err
	}
	alone, wholes := given, make([][]token, len(options))
	for i, option := range options {
		if wholes[i], err = l.tokens(ctx, prompt+option); err != nil {
			return nil, nil, err
		}
		if slices.Equal(wholes[i], alone) {
			return nil, nil, tokenless(option)
		}
		given = given[:sharedPrefix(given, wholes[i])]
	}
	if len(given) == 0 {
		return nil, nil, &Failure{Kind: KindError, Text: "the prompt makes no token of its own: there is nothing for the options to follow"}
	}
	for i, whole := range wholes {
		if len(whole) == len(given) {
			return nil, nil, tokenless(options[i])
		}
		tails = append(tails, whole[len(given):])
	}
	return given, tails, nil
}

func tokenless(option string) error {
	return &Failure{Kind: KindError, Text: fmt.Sprintf("option %q makes no token after the prompt", option)}
}

func sharedPrefix(a, b []token) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// scoring is the scoring of one request's options.
type scoring struct {
	*llamacpp
	slot  int
	given []int
	// known are log-probabilities by the tokens up to and with that one; nil
	// before the first call.
	known  map[string]float64
	served string
}

// sum adds up the log-probabilities of the tokens after those given.
func (s *scoring) sum(ctx context.Context, tail []token) (float64, error) {
	sum := 0.0
	for i, t := range tail {
		path := fmt.Sprint(ids(tail[:i+1]))
		logprob, ok := s.known[path]
		if !ok {
			var err error
			if logprob, err = s.logprob(ctx, slices.Concat(s.given, ids(tail[:i])), t); err != nil {
				return 0, err
			}
			s.known[path] = logprob
		}
		sum += logprob
	}
	return sum, nil
}

// logprob is the log-probability of one token after the others. The server
// says nothing of a token that is not whole when it writes it, so it is made to
// write a whole one there, and the other is looked for among the likeliest.
func (s *scoring) logprob(ctx context.Context, before []int, t token) (float64, error) {
	write, tops := t.id, []int{1}
	if !t.whole {
		write, tops = s.carrier, []int{topTokens, 20 * topTokens, s.vocabulary}
	}
	for _, top := range tops {
		made, err := s.force(ctx, before, write, top)
		if err != nil {
			return 0, err
		}
		if logprob, ok := made.logprob(t.id); ok {
			return logprob, nil
		}
	}
	return 0, fmt.Errorf("the server has no log-probability for token %d: it rounds to a probability of 0, or the model's numbers are broken", t.id)
}

// force makes the server write just this token after the others, and asks for
// the top likeliest there.
func (s *scoring) force(ctx context.Context, before []int, id, top int) (writtenToken, error) {
	if s.known == nil {
		top = max(top, topTokens)
	}
	body := map[string]any{
		"prompt": before, "n_predict": 1, "temperature": 0, "logit_bias": [][]any{{id, certain}},
		"n_probs": top, "post_sampling_probs": false, "cache_prompt": true, "id_slot": s.slot,
		"stream": false, "response_fields": completionFields,
	}
	var c completion
	if err := s.post(ctx, "/completion", body, &c); err != nil {
		return writtenToken{}, err
	}
	if c.Truncated || c.Evaluated != len(before) {
		return writtenToken{}, &Failure{Kind: KindCut, Text: fmt.Sprintf("the server read %d of %d tokens", c.Evaluated, len(before))}
	}
	if len(c.Tokens) != 1 || c.Tokens[0].ID != id {
		return writtenToken{}, fmt.Errorf("the server did not write token %d, which it was made to", id)
	}
	if s.known == nil {
		s.known = c.Tokens[0].likely()
	}
	s.served = c.Model
	return c.Tokens[0], nil
}

// writtenToken is a token that the server wrote, and the likeliest at its place.
type writtenToken struct {
	tokenLogprob
	Top []tokenLogprob `json:"top_logprobs"`
}

// tokenLogprob is a token with its log-probability under the model itself,
// before any sampling. It is nil where the server has no number to give.
type tokenLogprob struct {
	ID      int      `json:"id"`
	Logprob *float64 `json:"logprob"`
}

func (t tokenLogprob) known() bool {
	return t.Logprob != nil && *t.Logprob > lowestLogprob
}

// logprob finds a token among the one written and the likeliest.
func (w writtenToken) logprob(id int) (float64, bool) {
	for _, t := range append([]tokenLogprob{w.tokenLogprob}, w.Top...) {
		if t.ID == id && t.known() {
			return *t.Logprob, true
		}
	}
	return 0, false
}

// likely are the likeliest tokens, each as a path of one.
func (w writtenToken) likely() map[string]float64 {
	out := map[string]float64{}
	for _, t := range w.Top {
		if t.known() {
			out[fmt.Sprint([]int{t.ID})] = *t.Logprob
		}
	}
	return out
}
