package models

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// topTokens is the number of most likely tokens that are asked for with the
// first option. The others' first tokens are mostly among them, which saves
// reading the end of the prompt again.
const topTokens = 100

// lowestLogprob marks what llama-server gives for a probability that rounds to
// zero: the lowest number there is, and not a log-probability.
const lowestLogprob = -1e30

// score sums the log-probabilities of each option as a continuation of prompt.
//
// Prompt and option are tokenised together, as the model would read them. Where
// an option changes how the end of the prompt is tokenised (mostly a space),
// the tokens from there on are scored for all options, so that all are
// conditions on the same text. Each sum is that of the tokens one by one: the
// server is made to write just them, and anything else is a failure.
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
	// One slot does all of a request, since it still holds the prompt.
	var slot int
	select {
	case slot = <-l.slots:
		defer func() { l.slots <- slot }()
	case <-ctx.Done():
		return Response{}, ctx.Err()
	}
	s := scoring{llamacpp: l, slot: slot, given: given}
	r := Response{PromptTokens: len(given)}
	for _, tail := range tails {
		sum, err := s.sum(ctx, tail)
		if err != nil {
			return Response{}, err
		}
		r.OptionLogprobs = append(r.OptionLogprobs, sum)
	}
	r.Served = s.served
	return r, nil
}

// tokenise returns the tokens that prompt and all options share, and for each
// option those that follow.
func (l *llamacpp) tokenise(ctx context.Context, prompt string, options []string) (given []int, tails [][]int, err error) {
	if given, err = l.tokens(ctx, prompt); err != nil {
		return nil, nil, err
	}
	alone := given
	wholes := make([][]int, len(options))
	for i, option := range options {
		if wholes[i], err = l.tokens(ctx, prompt+option); err != nil {
			return nil, nil, err
		}
		if slices.Equal(wholes[i], alone) {
			return nil, nil, &Failure{Kind: KindError, Text: fmt.Sprintf("option %q makes no token after the prompt", option)}
		}
		given = given[:sharedPrefix(given, wholes[i])]
	}
	if len(given) == 0 {
		return nil, nil, &Failure{Kind: KindError, Text: "the prompt makes no token of its own: there is nothing for the options to follow"}
	}
	for i, whole := range wholes {
		if len(whole) == len(given) {
			return nil, nil, &Failure{Kind: KindError, Text: fmt.Sprintf("option %q makes no token after the prompt", options[i])}
		}
		tails = append(tails, whole[len(given):])
	}
	return given, tails, nil
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

// scoring is the scoring of one request's options.
type scoring struct {
	*llamacpp
	slot  int
	given []int
	// first holds the likeliest tokens after the prompt.
	first  map[int]float64
	served string
}

// sum is the log-probability of the tokens after the prompt.
func (s *scoring) sum(ctx context.Context, tail []int) (float64, error) {
	known, ok := s.first[tail[0]]
	if !ok {
		return s.force(ctx, s.given, tail)
	}
	if len(tail) == 1 {
		return known, nil
	}
	rest, err := s.force(ctx, slices.Concat(s.given, tail[:1]), tail[1:])
	return known + rest, err
}

// force makes the server write the tokens after the prompt, and sums their
// log-probabilities.
func (s *scoring) force(ctx context.Context, prompt, tokens []int) (float64, error) {
	top := 1
	if s.first == nil {
		top = topTokens
	}
	body := map[string]any{
		"prompt": prompt, "grammar": literal(tokens), "n_predict": len(tokens), "n_probs": top,
		"temperature": 0, "post_sampling_probs": false, "cache_prompt": true, "id_slot": s.slot,
		"stream": false, "response_fields": completionFields,
	}
	var c completion
	if err := s.post(ctx, "/completion", body, &c); err != nil {
		return 0, err
	}
	s.served = c.Model
	if c.Truncated || c.Evaluated != len(prompt) {
		return 0, &Failure{Kind: KindCut, Text: fmt.Sprintf("the server read %d of %d tokens of the prompt", c.Evaluated, len(prompt))}
	}
	if s.first == nil {
		s.first = c.firstTokens()
	}
	return c.sum(tokens)
}

// literal is a grammar that allows just these tokens.
func literal(tokens []int) string {
	var b strings.Builder
	b.WriteString("root ::=")
	for _, token := range tokens {
		fmt.Fprintf(&b, " <[%d]>", token)
	}
	return b.String()
}

// sum adds up the log-probabilities, if the completion is made of the tokens.
func (c completion) sum(tokens []int) (float64, error) {
	if len(c.Tokens) != len(tokens) {
		return 0, fmt.Errorf("the server wrote %d tokens of an option, not %d", len(c.Tokens), len(tokens))
	}
	sum := 0.0
	for i, token := range c.Tokens {
		if token.ID != tokens[i] {
			return 0, fmt.Errorf("the server wrote token %d where the option has %d", token.ID, tokens[i])
		}
		if !token.known() {
			return 0, fmt.Errorf("the server has no log-probability for token %d: it rounds to a probability of 0, or the model's numbers are broken", token.ID)
		}
		sum += *token.Logprob
	}
	return sum, nil
}

func (t tokenLogprob) known() bool {
	return t.Logprob != nil && *t.Logprob > lowestLogprob
}

func (c completion) firstTokens() map[int]float64 {
	first := map[int]float64{}
	if len(c.Tokens) == 0 {
		return first
	}
	for _, token := range c.Tokens[0].Top {
		if token.known() {
			first[token.ID] = *token.Logprob
		}
	}
	return first
}
