package models

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// topTokens is the number of likeliest tokens that are asked for with the first
// token of the first option. The other options' first tokens are mostly among
// them, which saves as many calls.
const topTokens = 100

// certain is added to the logit of a token that is forced. The log-probabilities
// are those before it is added.
const certain = 1e6

// lowestLogprob marks what llama-server gives for a probability that rounds to
// zero: the lowest number there is, and not a log-probability.
const lowestLogprob = -1e30

// score sums the log-probabilities of each option as a continuation of prompt.
//
// Prompt and option are tokenised together, as the model would read them. Where
// an option changes how the end of the prompt is tokenised (mostly a space),
// the tokens from there on are scored for all options, so that all are
// conditions on the same text. The server is made to write the tokens one by
// one, and anything else that it writes is a failure.
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
	s := scoring{llamacpp: l, slot: slot, seen: map[string]map[int]float64{}}
	sums := make([]float64, len(tails))
	for _, i := range sortedOrder(tails) {
		if sums[i], err = s.sum(ctx, given, tails[i]); err != nil {
			return Response{}, err
		}
	}
	return Response{OptionLogprobs: sums, PromptTokens: len(given), Served: s.served}, nil
}

// sortedOrder are the indices of the tails in the order of their tokens: the
// calls, and so the last digits of the sums, do not hang on the options' order.
func sortedOrder(tails [][]int) []int {
	order := make([]int, len(tails))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return slices.Compare(tails[a], tails[b]) })
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

// tokenise returns the tokens that prompt and all options share, and for each
// option those that follow.
func (l *llamacpp) tokenise(ctx context.Context, prompt string, options []string) (given []int, tails [][]int, err error) {
	if given, err = l.tokens(ctx, prompt); err != nil {
		return nil, nil, err
	}
	alone, wholes := given, make([][]int, len(options))
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

func sharedPrefix(a, b []int) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (l *llamacpp) tokens(ctx context.Context, text string) ([]int, error) {
	var reply struct {
		Tokens []int `json:"tokens"`
	}
	err := l.post(ctx, "/tokenize", map[string]any{"content": text, "add_special": true}, &reply)
	return reply.Tokens, err
}

// wholeToken returns a token whose text does not end within a character.
func (l *llamacpp) wholeToken(ctx context.Context) (int, error) {
	tokens, err := l.tokens(ctx, " a")
	if err != nil {
		return 0, err
	}
	if len(tokens) == 0 {
		return 0, errors.New("/tokenize makes no token of a letter")
	}
	return tokens[len(tokens)-1], nil
}

// scoring is the scoring of one request's options.
type scoring struct {
	*llamacpp
	slot int
	// seen holds the log-probabilities that are known already, by what the
	// tokens before are and by token.
	seen   map[string]map[int]float64
	served string
}

// sum adds up the log-probabilities of the tokens after the prompt.
func (s *scoring) sum(ctx context.Context, given, tail []int) (float64, error) {
	sum := 0.0
	for i, token := range tail {
		logprob, err := s.logprob(ctx, slices.Concat(given, tail[:i]), token)
		if err != nil {
			return 0, err
		}
		sum += logprob
	}
	return sum, nil
}

// logprob is the log-probability of one token after the others.
func (s *scoring) logprob(ctx context.Context, before []int, token int) (float64, error) {
	place := fmt.Sprint(before)
	if known, ok := s.seen[place][token]; ok {
		return known, nil
	}
	top := 1
	if len(s.seen) == 0 {
		top = topTokens
	}
	known, err := s.force(ctx, before, token, top)
	if err != nil {
		return 0, err
	}
	if len(known) == 0 {
		known, err = s.hidden(ctx, before, token)
	}
	if err != nil {
		return 0, err
	}
	if s.seen[place] == nil {
		s.seen[place] = map[int]float64{}
	}
	maps.Copy(s.seen[place], known)
	logprob, ok := known[token]
	if !ok {
		return 0, fmt.Errorf("the server has no log-probability for token %d: it rounds to a probability of 0, or the model's numbers are broken", token)
	}
	return logprob, nil
}

// hidden finds the log-probability of a token that the server says nothing of,
// since it ends within a character: it makes the server write a whole token
// instead, and looks for the hidden one among the likeliest at that place.
func (s *scoring) hidden(ctx context.Context, before []int, token int) (map[int]float64, error) {
	for _, top := range []int{topTokens, 20 * topTokens, s.vocabulary} {
		known, err := s.force(ctx, before, s.carrier, top)
		if err != nil {
			return nil, err
		}
		if _, ok := known[token]; ok || len(known) == 0 {
			return known, nil
		}
	}
	return nil, nil
}

// force makes the server write one token after the others, and returns the
// log-probabilities of that token and of the likeliest. They are none where the
// token ends within a character.
func (s *scoring) force(ctx context.Context, before []int, token, top int) (map[int]float64, error) {
	body := map[string]any{
		"prompt": before, "n_predict": 1, "n_probs": top, "post_sampling_probs": false,
		"temperature": 0, "logit_bias": [][]any{{token, certain}},
		"cache_prompt": true, "id_slot": s.slot, "stream": false, "response_fields": completionFields,
	}
	var c completion
	if err := s.post(ctx, "/completion", body, &c); err != nil {
		return nil, err
	}
	s.served = c.Model
	if c.Truncated || c.Evaluated != len(before) {
		return nil, &Failure{Kind: KindCut, Text: fmt.Sprintf("the server read %d of %d tokens", c.Evaluated, len(before))}
	}
	if len(c.Tokens) == 0 {
		return nil, nil
	}
	if len(c.Tokens) > 1 || c.Tokens[0].ID != token {
		return nil, fmt.Errorf("the server wrote token %d where %d was forced", c.Tokens[0].ID, token)
	}
	return c.logprobs(), nil
}

// logprobs are those of the one token and of the likeliest at its place.
func (c completion) logprobs() map[int]float64 {
	known := map[int]float64{}
	for _, token := range append(c.Tokens[0].Top, c.Tokens[0].tokenLogprob) {
		if token.Logprob != nil && *token.Logprob > lowestLogprob {
			known[token.ID] = *token.Logprob
		}
	}
	return known
}
