package models

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"net/http"
	"slices"
	"strings"
)

// Planted is damage done on purpose to another model of the audit, so that the
// user's own probes can be seen to find it.
type Planted struct {
	// Of is the name of the model that is damaged, and Provider and Model how
	// it is asked.
	Of, Provider, Model string
	// Damage is one of [Damages].
	Damage string
	// Keep is how many words are left: of the question (forget) or of the
	// answer (truncate).
	Keep int
	// Group is the group of cases that damage drop takes the knowledge of, such
	// as "row.tier=tail".
	Group string
	// Answer is the whole of what damage constant says.
	Answer string
}

// Damages are the ways to plant damage, with what each does.
var Damages = []struct{ Name, About string }{
	{"none", "none: the same model asked once more, a quiet control"},
	{"forget", "sends only the last `keep` words of each message: what was said far back is gone"},
	{"drop", "knows nothing on the cases of `group`: says so, or guesses between options"},
	{"truncate", "cuts each written answer after `keep` words"},
	{"template", "wraps each message in the marks of another model's chat template"},
	{"constant", "always answers `answer`, and of options the first in the alphabet, without asking"},
}

// Asks tells whether the damaged model is asked a case of these groups, or the
// damage answers in its place.
func (p Planted) Asks(groups []string) bool {
	return p.Damage != "constant" && (p.Damage != "drop" || !slices.Contains(groups, p.Group))
}

// String is the damage with its settings; it is part of the model's identity.
func (p Planted) String() string {
	text := fmt.Sprintf("%s with damage %s", p.Of, p.Damage)
	switch {
	case p.Keep > 0:
		text += fmt.Sprintf(", keep %d", p.Keep)
	case p.Group != "":
		text += ", group " + p.Group
	case p.Answer != "":
		text += fmt.Sprintf(", answer %q", p.Answer)
	}
	return text
}

var _ = register("planted", Provider{
	About: "another model of the audit with damage done on purpose, to check the probes",
	Can: Capabilities{
		System: true, Turns: true, Temperature: true, TopP: true, Seed: true, Stop: true, JSON: true,
		OptionLogprobs: true, NumCtx: true, ChatTemplate: true, Reasoning: Reasonings,
	},
	open: openPlanted,
})

// planted damages what goes to a model and what comes back.
type planted struct {
	Planted
	of backend
}

func openPlanted(ctx context.Context, s Spec, c *http.Client) (connection, error) {
	damage := s.Planted
	inner, err := LookUp(damage.Provider)
	if err != nil {
		return connection{}, err
	}
	if damage.Provider == "replay" && (damage.Damage == "forget" || damage.Damage == "template") {
		return connection{}, fmt.Errorf("damage %q changes the question, which recorded answers do not fit: expected `of` a model that can be asked", damage.Damage)
	}
	s.Provider, s.Model, s.Planted = damage.Provider, damage.Model, nil
	if damage.Provider == "replay" && s.Recorded == "" {
		s.Recorded = damage.Of
	}
	if err := inner.checkSpec(s); err != nil {
		return connection{}, err
	}
	conn, err := inner.open(ctx, s, c)
	if err != nil {
		return connection{}, err
	}
	conn.backend = planted{*damage, conn.backend}
	return conn, nil
}

func (p planted) answer(ctx context.Context, req Request) (Response, error) {
	if p.Provider != "recorded" {
		req.Case = "" // what the damage depends on, the model does not
	}
	switch p.Damage {
	case "forget":
		return p.of.answer(ctx, req.rewritten(func(text string) string { return lastWords(text, p.Keep) }))
	case "template":
		return p.of.answer(ctx, req.rewritten(foreignTemplate))
	case "constant":
		return said(req, p.Answer, alphabetical(req.Options)), nil
	case "drop":
		if slices.Contains(req.Groups, p.Group) {
			return said(req, "I do not know.", guessed(req)), nil
		}
	case "truncate":
		r, err := p.of.answer(ctx, req)
		r.Text = firstWords(r.Text, p.Keep)
		return r, err
	}
	return p.of.answer(ctx, req)
}

// rewritten is the request with the text of every message changed.
func (req Request) rewritten(change func(string) string) Request {
	req.Messages = slices.Clone(req.Messages)
	for i := range req.Messages {
		req.Messages[i].Text = change(req.Messages[i].Text)
	}
	return req
}

// said is an answer that no model was asked for.
func said(req Request, text string, logprobs []float64) Response {
	if len(req.Options) > 0 {
		return Response{OptionLogprobs: logprobs}
	}
	return Response{Text: text, Finish: "stop"}
}

// alphabetical prefers the option that comes first in the alphabet, wherever it
// stands in the list.
func alphabetical(options []string) []float64 {
	out := make([]float64, len(options))
	for i, o := range options {
		for _, other := range options {
			if other < o {
				out[i]--
			}
		}
	}
	return out
}

// guessed prefers one option by a hash of question and option.
func guessed(req Request) []float64 {
	out := make([]float64, len(req.Options))
	for i, o := range req.Options {
		h := fnv.New64a()
		for _, m := range req.Messages {
			h.Write([]byte(m.Text))
		}
		h.Write([]byte{0})
		h.Write([]byte(o))
		out[i] = -float64(mix(h.Sum64())>>11) / (1 << 53) * math.Ln10
	}
	return out
}

// mix spreads every bit of x over all bits: the finaliser of SplitMix64 (Steele
// et al. 2014), since FNV alone leaves the high bits of like texts alike.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func foreignTemplate(text string) string { return "<|turn|>[INST] " + text + " [/INST]<|end|>" }

// lastWords cuts the text before its last n words; spacing between them stays.
func lastWords(text string, n int) string {
	words := strings.Fields(text)
	if len(words) <= n {
		return text
	}
	at := len(text)
	for _, w := range slices.Backward(words[len(words)-n:]) {
		at = strings.LastIndex(text[:at], w)
	}
	return text[at:]
}

// firstWords cuts the text after its first n words; spacing between them stays.
func firstWords(text string, n int) string {
	at := 0
	for i, w := range strings.Fields(text) {
		if i == n {
			return text[:at]
		}
		at += strings.Index(text[at:], w) + len(w)
	}
	return text
}
