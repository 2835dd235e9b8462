package scorers

var _ = register("abstain", newAbstain,
	"says that it does not know or that it is not stated (in English), and gives no planted value")

// abstain passes an answer that holds one of the phrases of [abstentions] and
// none of the planted values, each as whole words. It reads English only, and
// takes a phrase for what it mostly means: "It was unknown until 1843" passes,
// unless 1843 is planted.
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
	if found, _ := split(abstentions, text); len(found) > 0 {
		r := passed()
		r.Parsed = found[0].text
		return r
	}
	if isBlank(a.Text) {
		return blank(a.Text)
	}
	return wrong("want no answer given, got %s", quote(a.Text))
}

// abstentions are phrases that say that an answer is not known, not stated, or
// not to be had because what was asked about does not exist.
var abstentions = mustPhrases(
	"unknown", "not known", "isn't known", "not stated", "isn't stated", "unstated",
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
	"there is no", "there's no", "there was no", "not a real", "fictional",
	"fictitious", "imaginary",
	"cannot be determined", "can't be determined", "can not be determined",
	"cannot be known", "can't be known", "cannot determine", "can't determine",
	"cannot answer", "can't answer", "cannot tell", "can't tell", "cannot say",
	"can't say", "cannot confirm", "can't confirm", "cannot verify", "can't verify",
	"cannot find", "can't find", "could not find", "couldn't find", "did not find",
	"didn't find", "cannot provide", "can't provide", "i am unable to", "i'm unable to",
	"i am not able to", "i'm not able to",
	"i do not know", "i don't know", "i do not have", "i don't have", "not aware of",
	"unaware of", "not familiar with", "unfamiliar with", "not sure", "unsure",
	"unclear", "undetermined", "indeterminate", "never happened", "did not happen",
	"didn't happen", "false premise", "no knowledge of", "never heard of",
)

func mustPhrases(texts ...string) []phrase {
	phrases, err := newPhrases(texts)
	if err != nil {
		panic(err)
	}
	return phrases
}
