package scorers

var _ = register("any", newAny,
	"one of the accepted texts is in the answer, as whole words, in any case")

// anyOf passes where at least one accepted text stands in the answer as whole
// words; the first in the probe's order that does is what was parsed.
type anyOf struct{ accepted []phrase }

var _ Scorer = anyOf{}

func newAny(arg any, _ Context) (Scorer, error) {
	accepted, _, err := readPhrases(arg)
	return anyOf{accepted}, err
}

func (s anyOf) Score(a Answer) Result {
	if found, _ := split(s.accepted, fold(a.Text)); len(found) > 0 {
		r := passed()
		r.Parsed = found[0].text
		return r
	}
	if isBlank(a.Text) {
		return blank(a.Text)
	}
	return wrong("want any of %s, got %s", quoteAll(texts(s.accepted)), quote(a.Text))
}
