package scorers

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

var _ = register("copy", newCopy,
	"the answer is the text, code point for code point (`form: nfc`: once both are composed); the share is 1 - edit distance / length")

// copied compares the answer with a text that was to be repeated. White space
// at the ends of both counts nothing. By default the code points must be the
// same; under `form: nfc` those of the composed texts. Under `at_least` it is
// enough that the share reaches it.
type copied struct {
	text    string
	form    string // exact or nfc
	atLeast float64
}

var _ Scorer = copied{}

func newCopy(arg any, _ Context) (Scorer, error) {
	f := fields{"is": arg}
	if _, isMap := arg.(map[string]any); isMap {
		var err error
		if f, err = readFields(arg, "is", "form", "at_least"); err != nil {
			return nil, err
		}
	}
	text, err := need(f, "is", readText)
	if err != nil {
		return nil, err
	}
	s := copied{form: "exact"}
	switch form, given := f["form"]; {
	case form == "nfc":
		s.form = "nfc"
	case given && form != "exact":
		return nil, expected("form exact or nfc", form)
	}
	s.text = s.ready(text)
	s.atLeast, err = optional(f, "at_least", readShare, 1)
	return s, err
}

func (s copied) ready(text string) string {
	if s.form == "nfc" {
		text = norm.NFC.String(text)
	}
	return strings.TrimSpace(text)
}

func (s copied) Score(a Answer) Result {
	got := s.ready(a.Text)
	share := likeness([]rune(s.text), []rune(got))
	r := passed()
	switch {
	case got == s.text || s.atLeast < 1 && reaches(share, s.atLeast):
	case isBlank(got):
		r = blank(a.Text)
	case norm.NFC.String(got) == norm.NFC.String(s.text):
		r = wrong("want %+q, got %+q, which looks the same: composed (NFC) they are equal", s.text, got)
	default:
		r = wrong("want %s, got %s", quote(s.text), quote(a.Text))
	}
	r.Share = &share
	return r
}

// likeness is 1 - d/n with the Levenshtein distance d of two texts in code
// points and the length n of the longer one. A text more than ten times as long
// as the other has the likeness 0.
func likeness(a, b []rune) float64 {
	long, short := max(len(a), len(b)), min(len(a), len(b))
	if long > 10*short {
		return 0
	}
	return 1 - float64(distance(a, b))/float64(long)
}

// distance is the Levenshtein distance: the least number of insertions,
// deletions and replacements that make b of a.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
