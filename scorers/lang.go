package scorers

import (
	"slices"
	"strings"
)

var _ = register("lang", newLang,
	"the answer is written in the language, or in one of them, told by script and character trigrams")

// lang tells the language of the whole answer, see [languageOf]. An answer that
// is too short to tell is unparsed.
type lang struct{ codes []string }

var _ Scorer = lang{}

func newLang(arg any, _ Context) (Scorer, error) {
	codes, err := readLanguages(arg)
	return lang{codes}, err
}

func (s lang) Score(a Answer) Result {
	code, ok := languageOf(a.Text)
	if !ok {
		return unparsed("too few letters to tell the language of %s", quote(a.Text))
	}
	r := passed()
	if !slices.Contains(s.codes, code) {
		r = wrong("want language %s, got %s in %s", strings.Join(s.codes, " or "), code, quote(a.Text))
	}
	r.Parsed = code
	return r
}
