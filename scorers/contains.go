package scorers

var _ = register("contains", newContains,
	"one text is in the answer, in any case, also inside a word")

// contains looks for one text in the answer: composed (NFC), in any case, with
// runs of white space as one space, and without regard to where words end.
type contains struct{ phrase phrase }

var _ Scorer = contains{}

func newContains(arg any, _ Context) (Scorer, error) {
	text, err := readText(arg)
	if err != nil {
		return nil, err
	}
	p, err := newPhrase(text)
	p.withinWords = true
	return contains{p}, err
}

func (c contains) Score(a Answer) Result {
	if c.phrase.in(fold(a.Text)) {
		return passed()
	}
	if isBlank(a.Text) {
		return blank(a.Text)
	}
	return wrong("want %s contained, got %s", quote(c.phrase.text), quote(a.Text))
}
