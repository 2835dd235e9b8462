package scorers

import (
	"regexp"

	"golang.org/x/text/unicode/norm"
)

var _ = register("matches", newMatches,
	"a regular expression (RE2) matches somewhere in the answer; case counts unless it says (?i)")

// matches looks for a regular expression in the composed (NFC) answer.
type matches struct{ pattern *regexp.Regexp }

var _ Scorer = matches{}

func newMatches(arg any, _ Context) (Scorer, error) {
	text, ok := arg.(string)
	if !ok || text == "" {
		return nil, expected("a regular expression", arg)
	}
	pattern, err := regexp.Compile(text)
	return matches{pattern}, err
}

func (s matches) Score(a Answer) Result {
	if s.pattern.MatchString(norm.NFC.String(a.Text)) {
		return passed()
	}
	if isBlank(a.Text) {
		return blank(a.Text)
	}
	return wrong("want a match of %s, got %s", s.pattern, quote(a.Text))
}
