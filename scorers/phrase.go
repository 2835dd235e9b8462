package scorers

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// folded is a text made ready for comparison by [fold].
type folded string

// fold composes a text (NFC), folds its case, makes every run of white space
// (no-break spaces too) one space, trims it, and writes curly apostrophes and
// typographic hyphens as the plain ones.
func fold(text string) folded {
	text = norm.NFC.String(cases.Fold().String(plain(text)))
	return folded(text)
}

// plain is fold without the folding of case.
func plain(text string) string {
	text = strings.Join(strings.Fields(norm.NFC.String(text)), " ")
	return plainMarks.Replace(text)
}

var plainMarks = strings.NewReplacer("‘", "'", "’", "'", "\u2010", "-", "\u2011", "-")

// span is a place in a folded text, in bytes, its end excluded.
type span struct{ start, end int }

// phrase is an expected text that is looked for in answers. It is found as
// whole words, in any case: "no" is not in "know". See [boundary] for where a
// word ends.
type phrase struct {
	text        string // as the probe gives it
	folded      folded
	withinWords bool // found inside words too
	signed      bool // signs beside it belong to a word; see [joinsSign]
}

func newPhrase(text string) (phrase, error) {
	p := phrase{text: text, folded: fold(text)}
	if p.folded == "" {
		return p, errors.New("expected a text, got only white space")
	}
	return p, nil
}

func newPhrases(texts []string) ([]phrase, error) {
	phrases := make([]phrase, len(texts))
	for i, text := range texts {
		p, err := newPhrase(text)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i+1, err)
		}
		phrases[i] = p
	}
	return phrases, nil
}

// readPhraseList reads one text or a list of at least one.
func readPhraseList(arg any) ([]phrase, error) {
	texts, err := readTexts(arg)
	if err != nil {
		return nil, err
	}
	return newPhrases(texts)
}

// readPhrases reads a text, a list of texts, or a map that has the list under
// `of` and may say `within_words: true`, for the rule of harnesses that take
// any substring. Further options of the map are returned for the caller.
func readPhrases(arg any, further ...string) ([]phrase, fields, error) {
	f := fields{"of": arg}
	if _, isMap := arg.(map[string]any); isMap {
		var err error
		if f, err = readFields(arg, append([]string{"of", "within_words"}, further...)...); err != nil {
			return nil, nil, err
		}
	}
	phrases, err := readPhraseList(f["of"])
	if err != nil {
		return nil, nil, err
	}
	within, err := f.flag("within_words")
	for i := range phrases {
		phrases[i].withinWords = within
	}
	return phrases, f, err
}

// texts returns what the probe gives for the phrases.
func texts(phrases []phrase) []string {
	all := make([]string, len(phrases))
	for i, p := range phrases {
		all[i] = p.text
	}
	return all
}

// split parts the phrases into those that are in the text and those that are
// not, both in the order given.
func split(phrases []phrase, text folded) (found, missing []phrase) {
	for _, p := range phrases {
		if p.in(text) {
			found = append(found, p)
		} else {
			missing = append(missing, p)
		}
	}
	return found, missing
}

func (p phrase) in(text folded) bool {
	_, ok := p.next(text, 0)
	return ok
}

// spans returns where the phrase is found, from left to right, without
// overlap.
func (p phrase) spans(text folded) []span {
	var found []span
	for s, ok := p.next(text, 0); ok; s, ok = p.next(text, s.end) {
		found = append(found, s)
	}
	return found
}

// next returns the first place of the phrase at or after the byte from.
func (p phrase) next(text folded, from int) (span, bool) {
	if p.folded == "" {
		return span{}, false
	}
	for from < len(text) {
		i := strings.Index(string(text[from:]), string(p.folded))
		if i < 0 {
			break
		}
		s := span{from + i, from + i + len(p.folded)}
		if p.withinWords || boundary(text, s.start) && boundary(text, s.end) && !(p.signed && joinsSign(text, s)) {
			return s, true
		}
		_, size := utf8.DecodeRuneInString(string(text[s.start:]))
		from = s.start + size
	}
	return span{}, false
}

// boundary reports whether a word may begin or end at the byte i. A word is a
// run of letters, digits and the marks that combine with them; a point between
// two digits and a thousands comma join them, so that "9" is not a word of
// "9.11", nor "1" of "1,000". An apostrophe, a hyphen and an underscore part
// words. In scripts that are written without spaces (Han, kana, Thai, Lao,
// Khmer, Burmese), and in Hangul, where particles follow a word unspaced, a
// word may end after any letter that carries no further mark.
func boundary(text folded, i int) bool {
	if i == 0 || i == len(text) {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(string(text[:i]))
	after, _ := utf8.DecodeRuneInString(string(text[i:]))
	if unicode.IsMark(after) || isJoiner(after) {
		return false
	}
	if isUnspaced(before) || isUnspaced(after) {
		return true
	}
	if isWordRune(before) && isWordRune(after) {
		return false
	}
	return !joinsDigits(text, i) && !joinsDigits(text, i-1)
}

// joinsSign reports whether a mark that stands beside s, or that s begins with,
// makes a longer word of it: a sign or point before a number, "#" before or
// after, "%" or "+" after, and a slash between digits. A sign is none after a
// word, a number or a closing bracket: "3-5" holds "5" and not "-5".
func joinsSign(text folded, s span) bool {
	before, inside, after := string(text[:s.start]), string(text[s.start:s.end]), string(text[s.end:])
	if strings.HasSuffix(before, "#") || strings.HasPrefix(after, "#") || strings.HasPrefix(after, "+") {
		return true
	}
	if isDigit(inside[len(inside)-1]) && (strings.HasPrefix(after, "%") || slashAfter.MatchString(after)) {
		return true
	}
	switch {
	case markedNumber.MatchString(inside) && endsOperand(before), slashBefore(before):
		return true
	case !plainNumber.MatchString(inside):
		return false
	}
	rest := strings.TrimRight(before, "+-.")
	return rest != before && !endsOperand(rest)
}

var (
	markedNumber = regexp.MustCompile(`^[+\-.]\p{Sc}?\.?\d`)
	plainNumber  = regexp.MustCompile(`^\p{Sc}?\.?\d`)
	slashAfter   = regexp.MustCompile(`^/\d`)
)

func slashBefore(before string) bool {
	return len(before) > 1 && before[len(before)-1] == '/' && isDigit(before[len(before)-2])
}

// endsOperand reports whether a text ends in a word, a number or a closing
// bracket, so that a sign after it is no number's own.
func endsOperand(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return isWordRune(last) || last == ')' || last == ']'
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || isJoiner(r)
}

// isJoiner reports whether r is the zero-width joiner or non-joiner, which
// stand inside words of Persian and of Indian scripts.
func isJoiner(r rune) bool {
	return r == '\u200c' || r == '\u200d'
}

func isUnspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// joinsDigits reports whether the byte i is a decimal point or a thousands
// comma.
func joinsDigits(text folded, i int) bool {
	if i < 1 || i+1 >= len(text) || !isDigit(text[i-1]) || !isDigit(text[i+1]) {
		return false
	}
	if text[i] == '.' {
		return true
	}
	return text[i] == ',' && countDigits(text[i+1:]) == 3
}

func isDigit(b byte) bool {
	return '0' <= b && b <= '9'
}

func countDigits(text folded) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}
