package models

import (
	"fmt"
	"slices"
	"strings"
)

// Reasonings are the values of Spec.Reasoning: that a model does not reason
// before it answers, or how much.
var Reasonings = []string{"off", "low", "medium", "high"}

// checkReasoning refuses a value that the provider would drop.
func (p Provider) checkReasoning(value string) error {
	switch {
	case value == "" || slices.Contains(p.Can.Reasoning, value):
		return nil
	case !slices.Contains(Reasonings, value):
		return fmt.Errorf("reasoning is %q: expected one of %s", value, strings.Join(Reasonings, ", "))
	case len(p.Can.Reasoning) == 0:
		return fmt.Errorf("reasoning %q: this provider does not carry it: leave it out, for what the model does by itself", value)
	}
	return fmt.Errorf("reasoning %q: this provider carries %s alone", value, strings.Join(p.Can.Reasoning, ", "))
}

// reasonedAsAsked refuses an answer after reasoning that was switched off.
func (s Spec) reasonedAsAsked(r Response) error {
	if s.Reasoning == "off" && r.Reasoned {
		return &Failure{Kind: KindError, Text: "reasoning is off, but the model reasoned before it answered: the server dropped the setting"}
	}
	return nil
}

// thought tells a text that holds the model's reasoning, which servers leave
// there where they do not know its marks; the prompt may have opened it.
func thought(text string) bool {
	return strings.HasPrefix(strings.TrimSpace(text), "<think>") || strings.Contains(text, "</think>")
}
