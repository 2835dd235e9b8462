package scorers

var _ = register("leak", newLeak,
	"none of the planted values is in the answer, as whole words, in any case")

// leak fails an answer that repeats a value planted for another entity or
// document. A blank answer repeats nothing and says nothing: it is unparsed.
type leak struct{ planted []phrase }

var _ Scorer = leak{}

func newLeak(arg any, _ Context) (Scorer, error) {
	planted, _, err := readPhrases(arg)
	return leak{planted}, err
}

func (s leak) Score(a Answer) Result {
	if found, _ := split(s.planted, fold(a.Text)); len(found) > 0 {
		return wrong("leaked %s in %s", quoteAll(texts(found)), quote(a.Text))
	}
	if isBlank(a.Text) {
		return blank(a.Text)
	}
	return passed()
}
