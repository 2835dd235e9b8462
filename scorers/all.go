package scorers

var _ = register("all", newAll,
	"every one of the texts is in the answer, as whole words, in any case")

// allOf passes where each text stands in the answer as whole words.
type allOf struct{ demanded []phrase }

var _ Scorer = allOf{}

func newAll(arg any, _ Context) (Scorer, error) {
	demanded, _, err := readPhrases(arg)
	return allOf{demanded}, err
}

func (s allOf) Score(a Answer) Result {
	_, missing := split(s.demanded, fold(a.Text))
	if len(missing) == 0 {
		return passed()
	}
	if isBlank(a.Text) {
		return blank(a.Text)
	}
	return wrong("missing %s in %s", quoteAll(texts(missing)), quote(a.Text))
}
