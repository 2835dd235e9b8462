package models

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
)

var _ = register("fillmask", Provider{
	About: "an encoder such as BERT or DistilBERT behind a fill-mask endpoint: scores options, writes no text",
	Can:   Capabilities{OptionLogprobs: true, OptionsOnly: true},
	open:  openFillMask,
})

// fillMask asks an encoder for the probability of words in place of a mask, as
// the fill-mask pipeline of Hugging Face's inference servers answers it.
type fillMask struct {
	server
	mask string // the model's word for a mask, such as [MASK]
}

// masks are the words for a mask that are tried when a model is opened.
var masks = []string{"[MASK]", "<mask>"}

func openFillMask(ctx context.Context, s Spec, c *http.Client) (connection, error) {
	if s.BaseURL == "" {
		return connection{}, errors.New("base_url is empty: expected the address that takes {\"inputs\": …}, such as http://127.0.0.1:8080")
	}
	srv, err := newServer(s, "", c)
	if err != nil {
		return connection{}, err
	}
	var errs []error
	for _, mask := range masks {
		f := fillMask{srv, mask}
		_, err := f.fill(ctx, "The sky is "+mask+".", nil)
		if err == nil {
			return connection{f, Info{Endpoint: srv.base, Served: s.Model}, providers["fillmask"].Can}, nil
		}
		errs = append(errs, fmt.Errorf("with mask %s: %w", mask, err))
		if f := (*Failure)(nil); ctx.Err() != nil || errors.As(err, &f) && f.Fatal {
			break
		}
	}
	return connection{}, errors.Join(errs...)
}

// filling is one word that may stand for the mask.
type filling struct {
	Score float64 `json:"score"` // probability in [0,1]
	Word  string  `json:"token_str"`
}

func (f fillMask) fill(ctx context.Context, text string, words []string) ([]filling, error) {
	in := map[string]any{"inputs": text}
	if len(words) > 0 {
		in["parameters"] = map[string]any{"targets": words, "top_k": len(words)}
	}
	var out []filling
	if err := f.post(ctx, "", in, &out); err != nil {
		return nil, err
	}
	return out, nil
}

// answer scores each option in place of the mask. A question without a mask
// gets one at its end, with a full stop, so that probes that let a sentence be
// completed can be asked of an encoder too.
func (f fillMask) answer(ctx context.Context, req Request) (Response, error) {
	text := req.Messages[0].Text
	if !strings.Contains(text, f.mask) {
		text = strings.TrimRight(text, " ") + " " + f.mask + "."
	}
	words := make([]string, len(req.Options))
	for i, o := range req.Options {
		words[i] = strings.TrimSpace(o)
	}
	fillings, err := f.fill(ctx, text, words)
	if err != nil {
		return Response{}, err
	}
	r := Response{OptionLogprobs: make([]float64, len(words))}
	for i, word := range words {
		at := slices.IndexFunc(fillings, func(g filling) bool { return sameWord(g.Word, word) })
		if at < 0 {
			return Response{}, &Failure{Kind: KindError, Text: fmt.Sprintf(
				"option %q is no single token of this model: expected options of one token each", word)}
		}
		p := fillings[at].Score
		if !(p > 0 && p <= 1) {
			return Response{}, &Failure{Kind: KindError, Text: fmt.Sprintf("option %q has score %v: expected a probability", word, p)}
		}
		r.OptionLogprobs[i] = math.Log(p)
	}
	return r, nil
}

// sameWord compares without case, which models such as distilbert-base-uncased
// do not know, and without the mark that some put before a word.
func sameWord(token, word string) bool {
	return strings.EqualFold(strings.TrimLeft(token, " Ġ▁"), word)
}
