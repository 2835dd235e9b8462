package scorers

import (
	"regexp"
	"slices"
)

var _ = register("abstain", newAbstain,
	"says that it does not know or that it is not stated (in English), and gives no planted value")

// abstain passes an answer that holds one of the phrases of [abstentions] or
// [denials] and none of the planted values, each as whole words. A denial is
// none where it goes on to affirm, as in "there is no doubt", or where the
// answer gives a number that the question lacks: "It was unknown until 1843".
// It reads English only, and takes a phrase for what it mostly means.
type abstain struct{ planted []phrase }

var _ Scorer = abstain{}

func newAbstain(arg any, _ Context) (Scorer, error) {
	f, err := readFields(arg, "planted")
	if err != nil {
		return nil, err
	}
	planted, given := f["planted"]
	if !given {
		return nil, expected("planted, the values that must not be given (may be empty)", nil)
	}
	if list, ok := planted.([]any); ok && len(list) == 0 {
		return abstain{}, nil
	}
	phrases, _, err := readPhrases(planted)
	return abstain{phrases}, err
}

func (s abstain) Score(a Answer) Result {
	text := fold(a.Text)
	if found, _ := split(s.planted, text); len(found) > 0 {
		return wrong("gave the planted %s in %s", quoteAll(texts(found)), quote(a.Text))
	}
	found, _ := split(abstentions, text)
	if !givesNumber(a) {
		found = append(found, denied(text)...)
	}
	if len(found) > 0 {
		r := passed()
		r.Parsed = found[0].text
		return r
	}
	if isBlank(a.Text) {
		return blank(a.Text)
	}
	return wrong("want no answer given, got %s", quote(a.Text))
}

// denied returns the denials of a text that no [affirmation] follows.
func denied(text folded) []phrase {
	var found []phrase
	for _, p := range denials {
		affirms := func(s span) bool { return affirmation.MatchString(string(text[s.end:])) }
		if spans := p.spans(text); len(slices.DeleteFunc(spans, affirms)) > 0 {
			found = append(found, p)
		}
	}
	return found
}

// givesNumber reports whether an answer has digits that its question lacks.
func givesNumber(a Answer) bool {
	asked := numerals.FindAllString(a.Question, -1)
	return slices.ContainsFunc(numerals.FindAllString(a.Text, -1), func(n string) bool { return !slices.Contains(asked, n) })
}

var (
	numerals    = regexp.MustCompile(`\p{Nd}+`)
	affirmation = regexp.MustCompile(`^ (?:\w+ )?(?:doubt|doubting|question|denying|disputing|dispute|debate|mistake|mistaking|mystery|` +
		`uncertainty|ambiguity|need|reason|problem|wonder|secret|shortage|lack|other|better|more|less|longer|difference|way)\b`)
)

// denials are phrases that mostly say that what was asked about is not known or
// does not exist, but can also begin an answer.
var denials = mustPhrases(
	"there is no", "there's no", "there was no", "there are no", "there were no",
	"unknown", "is unclear", "it's unclear", "was unclear", "remains unclear",
	"is fictional", "is a fictional", "are fictional", "be fictional", "is fictitious",
	"is a fictitious", "be fictitious", "is an imaginary",
)

// abstentions are phrases that say that an answer is not known, not stated, or
// not to be had because what was asked about does not exist.
var abstentions = mustPhrases(
	"not known", "isn't known", "not stated", "isn't stated", "unstated",
	"not mentioned", "isn't mentioned", "no mention", "never mentioned",
	"not specified", "isn't specified", "unspecified", "not given", "isn't given",
	"not provided", "isn't provided", "not included", "not listed", "not available",
	"not recorded", "not reported", "no record", "no records", "no information",
	"no data", "no details", "no evidence", "no answer", "not enough information",
	"insufficient information", "does not say", "doesn't say", "does not state",
	"doesn't state", "does not mention", "doesn't mention", "do not mention",
	"don't mention", "does not specify", "doesn't specify", "does not contain",
	"doesn't contain", "does not provide", "doesn't provide", "does not include",
	"doesn't include", "does not exist", "doesn't exist", "do not exist",
	"don't exist", "did not exist", "didn't exist", "never existed", "no such",
	"not a real",
	"cannot be determined", "can't be determined", "can not be determined",
	"cannot be known", "can't be known", "cannot determine", "can't determine",
	"cannot answer", "can't answer", "cannot tell", "can't tell", "cannot say",
	"can't say", "cannot confirm", "can't confirm", "cannot verify", "can't verify",
	"cannot find", "can't find", "could not find", "couldn't find", "did not find",
	"didn't find", "cannot provide", "can't provide", "i am unable to", "i'm unable to",
	"i am not able to", "i'm not able to",
	"i do not know", "i don't know", "i do not have", "i don't have", "not aware of",
	"unaware of", "not familiar with", "unfamiliar with", "i am not sure",
	"i'm not sure", "i am unsure", "i'm unsure", "undetermined", "indeterminate", "never happened", "did not happen",
	"didn't happen", "false premise", "no knowledge of", "never heard of",
)

func mustPhrases(texts ...string) []phrase {
	phrases, err := newPhrases(texts)
	if err != nil {
		panic(err)
	}
	return phrases
}
