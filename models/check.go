package models

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// roles are the roles that a message may have.
var roles = []string{"system", "user", "assistant"}

// Check refuses a request that asks for what this model's provider would drop,
// naming both, and a request that makes no sense. It makes no call.
func (m *Model) Check(req Request) error {
	if err := req.validate(); err != nil {
		return err
	}
	for _, need := range req.needs() {
		if !need.met(m.can) {
			return fmt.Errorf("model %q: provider %s does not carry %s", m.spec.Name, m.spec.Provider, need.what)
		}
	}
	return nil
}

// need is one thing that a request asks of a provider.
type need struct {
	what string
	met  func(Capabilities) bool
}

func (req Request) needs() []need {
	all := []struct {
		asked bool
		need
	}{
		{req.has("system"), need{"a system message", func(c Capabilities) bool { return c.System }}},
		{req.has("assistant"), need{"more than one turn", func(c Capabilities) bool { return c.Turns }}},
		{req.TopP != nil, need{"top_p", func(c Capabilities) bool { return c.TopP }}},
		{req.Seed != nil, need{"seed", func(c Capabilities) bool { return c.Seed }}},
		{req.JSON, need{"JSON mode (sampling.json)", func(c Capabilities) bool { return c.JSON }}},
		{len(req.Stop) > 0, need{"stop", func(c Capabilities) bool { return c.Stop }}},
		{req.Temperature != 0, need{"a temperature other than 0", func(c Capabilities) bool { return c.Temperature }}},
		{req.Embed, need{"embeddings: expected provider openai (any server with /v1/embeddings) or ollama", func(c Capabilities) bool { return c.Embeddings }}},
		{len(req.Options) == 0 && !req.Embed, need{"written answers: only options are scored (output: option_logprob)", func(c Capabilities) bool { return !c.OptionsOnly }}},
		{len(req.Options) > 0, need{"log-probabilities of options", func(c Capabilities) bool { return c.OptionLogprobs }}},
	}
	var out []need
	for _, n := range all {
		if n.asked {
			out = append(out, n.need)
		}
	}
	return out
}

func (req Request) has(role string) bool {
	return slices.ContainsFunc(req.Messages, func(m Message) bool { return m.Role == role })
}

// validate refuses a request that no model could be asked.
func (req Request) validate() error {
	if len(req.Messages) == 0 || req.Messages[len(req.Messages)-1].Role != "user" {
		return errors.New("the last message must be the user's")
	}
	for i, m := range req.Messages {
		if !slices.Contains(roles, m.Role) {
			return fmt.Errorf("message %d has role %q: expected system, user or assistant", i+1, m.Role)
		}
	}
	if !(req.Temperature >= 0) || math.IsInf(req.Temperature, 1) {
		return fmt.Errorf("temperature is %v: expected 0 or more", req.Temperature)
	}
	if req.TopP != nil && !(*req.TopP > 0 && *req.TopP <= 1) {
		return fmt.Errorf("top_p is %v: expected a number in (0,1]", *req.TopP)
	}
	if req.JSON && len(req.Options)+len(req.Stop) > 0 {
		return errors.New("JSON mode with options or stop texts: it is for answers that are written to their end")
	}
	if req.Embed {
		return req.validateEmbed()
	}
	if len(req.Options) > 0 {
		return req.validateOptions()
	}
	if req.MaxTokens < 1 {
		return fmt.Errorf("max_tokens is %d: expected at least 1", req.MaxTokens)
	}
	return nil
}

func (req Request) validateOptions() error {
	if len(req.Messages) != 1 {
		return errors.New("options are scored after a single user message, without system message or turns")
	}
	for i, option := range req.Options {
		if option == "" {
			return fmt.Errorf("option %d is empty: there is nothing to score", i+1)
		}
		if slices.Contains(req.Options[:i], option) {
			return fmt.Errorf("option %q is there twice", option)
		}
	}
	return nil
}

// CheckSpec refuses a request that the provider of s would not carry, before the
// model is opened; what the server then tells may narrow it further. See
// [Model.Check].
func CheckSpec(s Spec, req Request) error {
	provider := s.Provider
	if s.Planted != nil {
		provider = s.Planted.Provider
	}
	p, err := LookUp(provider)
	if err != nil {
		return err
	}
	return (&Model{spec: s, can: p.Can}).Check(req)
}
