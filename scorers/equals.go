package scorers

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

var _ = register("equals", newEquals,
	"the answer is the text, apart from case, white space, quotes around it and one final period")

// equals compares the whole answer with one text. Both are composed (NFC),
// trimmed, runs of white space made one space, quotes around them and one
// final period dropped, and case folded unless the probe says `case: true`.
type equals struct {
	text string // as the probe gives it
	is   string // ready for comparison
	fold bool
}

var _ Scorer = equals{}

func newEquals(arg any, _ Context) (Scorer, error) {
	f := fields{"is": arg}
	if _, isMap := arg.(map[string]any); isMap {
		var err error
		if f, err = readFields(arg, "is", "case"); err != nil {
			return nil, err
		}
	}
	text, err := readText(f["is"])
	if err != nil {
		return nil, err
	}
	exact, err := f.flag("case")
	s := equals{text: text, fold: !exact}
	s.is = s.ready(text)
	return s, err
}

func (s equals) Score(a Answer) Result {
	if s.ready(a.Text) == s.is {
		return passed()
	}
	if isBlank(a.Text) {
		return blank(a.Text)
	}
	return wrong("want %s, got %s", quote(s.text), quote(a.Text))
}

// ready brings a text into the form that is compared. Quotes may stand inside
// or outside the period. A text of nothing but quotes and periods stays.
func (s equals) ready(text string) string {
	text = plain(text)
	bare := unquote(strings.TrimSuffix(unquote(strings.TrimSuffix(text, ".")), "."))
	if bare != "" {
		text = bare
	}
	if s.fold {
		text = norm.NFC.String(cases.Fold().String(text))
	}
	return text
}

// quotePairs are the opening and closing marks that count as quotes. Curly
// single quotes are plain ones by the time they are looked for.
var quotePairs = [][2]string{
	{`"`, `"`}, {"'", "'"}, {"`", "`"}, {"“", "”"}, {"„", "“"}, {"„", "”"}, {"«", "»"}, {"»", "«"}, {"「", "」"}, {"『", "』"},
}

// unquote drops the quotes around a text, all layers of them.
func unquote(text string) string {
	for {
		inner, ok := unquoteOnce(text)
		if !ok {
			return text
		}
		text = strings.TrimSpace(inner)
	}
}

func unquoteOnce(text string) (inner string, ok bool) {
	for _, pair := range quotePairs {
		rest, opened := strings.CutPrefix(text, pair[0])
		inner, closed := strings.CutSuffix(rest, pair[1])
		if opened && closed {
			return inner, true
		}
	}
	return text, false
}
