package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	// topTokens is the number of likeliest tokens that are asked for with the
	// first token of the first option. The other options' first tokens are
	// mostly among them, which saves reading the end of the prompt again.
	topTokens = 100
	// lowestLogprob lies under every true log-probability: for a probability
	// that rounds to zero llama-server gives the lowest number there is.
	lowestLogprob = -1e30
)

// score sums the log-probabilities of each option as a continuation of prompt.
//
// Prompt and option are tokenised together, as the model would read them. Where
// an option changes how the end of the prompt is tokenised (mostly a space),
// the tokens from there on are scored for all options, so that all are
// conditions on the same text. The server is made to write just the tokens of
// an option, and anything else that it writes is a failure.
func (l *llamacpp) score(ctx context.Context, prompt string, options []string) (Response, error) {
	given, tails, err := l.tokenise(ctx, prompt, options)
	if err != nil {
		return Response{}, err
	}
	for _, tail := range tails {
		if need := len(given) + len(tail); need > l.context {
			return Response{}, &Failure{Kind: KindCut, Text: fmt.Sprintf("prompt and option take %d tokens, but the context holds %d", need, l.context)}
		}
	}
	slot, err := l.takeSlot(ctx)
	if err != nil {
		return Response{}, err
	}
	defer func() { l.slots <- slot }()
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
	// likely are the likeliest tokens after those given, with their
	// log-probabilities; nil before the first call.
	likely map[int]float64
	served string
}

// sum adds up the log-probabilities of the tokens after those given.
func (s *scoring) sum(ctx context.Context, tail []token) (float64, error) {
	first, ok := s.likely[tail[0].id]
	if !ok {
		return s.written(ctx, s.given, tail)
	}
	if len(tail) == 1 {
		return first, nil
	}
	rest, err := s.written(ctx, slices.Concat(s.given, ids(tail[:1])), tail[1:])
	return first + rest, err
}

// written has the tail written, in one call if all its tokens are whole.
func (s *scoring) written(ctx context.Context, before []int, tail []token) (float64, error) {
	if !slices.ContainsFunc(tail, func(t token) bool { return !t.whole }) {
		return s.writtenAtOnce(ctx, before, tail)
	}
	sum := 0.0
	for i, t := range tail {
		place := slices.Concat(before, ids(tail[:i]))
		one, err := s.writtenAlone(ctx, place, t)
		if err != nil {
			return 0, err
		}
		sum += one
	}
	return sum, nil
}

func (s *scoring) writtenAlone(ctx context.Context, before []int, t token) (float64, error) {
	if !t.whole {
		return s.hidden(ctx, before, t.id)
	}
	return s.writtenAtOnce(ctx, before, []token{t})
}

func (s *scoring) writtenAtOnce(ctx context.Context, before []int, tail []token) (float64, error) {
	made, err := s.force(ctx, before, ids(tail), 1)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, t := range made {
		if !t.known() {
			return 0, noLogprob(t.ID)
		}
		sum += *t.Logprob
	}
	return sum, nil
}

// hidden finds the log-probability of a token that is not whole. The server
// says nothing of such a token when it writes it, so it is made to write a whole
// one, and the other is looked for among the likeliest at that place.
func (s *scoring) hidden(ctx context.Context, before []int, id int) (float64, error) {
	for _, top := range []int{topTokens, 20 * topTokens, s.vocabulary} {
		made, err := s.force(ctx, before, []int{s.carrier}, top)
		if err != nil {
			return 0, err
		}
		for _, t := range made[0].Top {
			if t.ID == id && t.known() {
				return *t.Logprob, nil
			}
		}
	}
	return 0, noLogprob(id)
}

func noLogprob(id int) error {
	return fmt.Errorf("the server has no log-probability for token %d: it rounds to a probability of 0, or the model's numbers are broken", id)
}

// force makes the server write just these tokens after the others. It asks for
// the top likeliest at each place.
func (s *scoring) force(ctx context.Context, before, tokens []int, top int) ([]writtenToken, error) {
	if s.likely == nil {
		top = max(top, topTokens)
	}
	body := map[string]any{
		"prompt": before, "grammar": literal(tokens), "n_predict": len(tokens), "temperature": 0,
		"n_probs": top, "post_sampling_probs": false, "cache_prompt": true, "id_slot": s.slot,
		"stream": false, "response_fields": completionFields,
	}
	var c completion
	if err := s.post(ctx, "/completion", body, &c); err != nil {
		return nil, err
	}
	if c.Truncated || c.Evaluated != len(before) {
		return nil, &Failure{Kind: KindCut, Text: fmt.Sprintf("the server read %d of %d tokens", c.Evaluated, len(before))}
	}
	if !slices.EqualFunc(c.Tokens, tokens, func(t writtenToken, id int) bool { return t.ID == id }) {
		return nil, fmt.Errorf("the server did not write the tokens %v that it was made to", tokens)
	}
	if s.likely == nil {
		s.likely = c.Tokens[0].likely()
	}
	s.served = c.Model
	return c.Tokens, nil
}

// literal is a grammar that allows just these tokens.
func literal(tokens []int) string {
	var b strings.Builder
	b.WriteString("root ::=")
	for _, id := range tokens {
		fmt.Fprintf(&b, " <[%d]>", id)
	}
	return b.String()
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

func (w writtenToken) likely() map[int]float64 {
	out := map[int]float64{}
	for _, t := range w.Top {
		if t.known() {
			out[t.ID] = *t.Logprob
		}
	}
	return out
}
