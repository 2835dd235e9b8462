package scorers

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// menu reads the choice out of a text. The options were shown as lines
// "A. text", so letters follow the order shown; options beyond the 26th have
// no letter.
type menu []phrase

// newMenu makes the options' texts ready to be found: folded as the answers
// are, without quotes, brackets and emphasis around them and without the
// punctuation of a sentence at the end. A sign, a unit and a point before a
// digit are part of the text: "-5", ".5", "50%", "C#".
func newMenu(options []Option) menu {
	m := make(menu, len(options))
	for i, option := range options {
		text := strings.TrimLeftFunc(narrow(option.Text), isFrame)
		text = strings.TrimRightFunc(text, func(r rune) bool { return isFrame(r) || strings.ContainsRune(".,;:!?。、…", r) })
		if text == "" {
			text = option.Text
		}
		m[i] = phrase{text: option.Text, folded: foldSigned(text), signed: true}
	}
	return m
}

// isFrame reports whether r is white space, a quote, a bracket, a mark of
// emphasis or an opening mark of a Spanish sentence.
func isFrame(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Ps, unicode.Pe, unicode.Pi, unicode.Pf) || strings.ContainsRune("\"'`*_¿¡", r)
}

// foldSigned is [fold] with every minus sign as a hyphen, also where it is
// written "minus" (see [withSigns]), and with no space before a percent sign.
func foldSigned(text string) folded {
	text = minusSigns.Replace(text)
	if !strings.ContainsFunc(text, unicode.IsNumber) {
		return fold(text)
	}
	return folded(spacedPercent.ReplaceAllString(string(fold(withSigns(text))), "$1%"))
}

var (
	minusSigns    = strings.NewReplacer("\u2212", "-", "\ufe63", "-")
	spacedPercent = regexp.MustCompile(`(\d) %`)
)

// alike returns two options that no answer in words can tell apart, if any.
func (m menu) alike() (a, b string, found bool) {
	for i, option := range m {
		for _, other := range m[:i] {
			if other.folded == option.folded {
				return other.text, option.text, true
			}
		}
	}
	return "", "", false
}

// narrow composes a text and writes full-width forms as their usual ones.
func narrow(text string) string {
	return width.Fold.String(norm.NFC.String(text))
}

// read returns the options that the text takes, by the first of these rules
// that finds any; unless it finds exactly one there is no choice.
//
//  1. The first or the last line is a letter and nothing else but quotes,
//     brackets, emphasis and punctuation: "B", "**b**", "(B)."
//  2. The last line, or else the first, says "answer is B" or "Answer: B"
//     (also with option or choice for answer), has a letter in brackets "(B)",
//     or begins with "B)".
//  3. An option's text stands in the answer as whole words, in any case. A
//     sign, a decimal point, "%" or "#" beside it makes another word: "5" is
//     not in "-5", ".5", "5%" or "#5", nor "C" in "C#" or "C++". An
//     option inside a longer one that was found there, such as "blue" in
//     "light blue", does not count.
//
// A letter that begins a phrase, as in "A dog", is no letter. Negation is not
// understood: "not blue" takes blue.
func (m menu) read(text string) []int {
	lines := nonBlankLines(narrow(text))
	if len(lines) == 0 {
		return nil
	}
	first, last := lines[0], lines[len(lines)-1]
	if found := union(m.lone(first), m.lone(last)); len(found) > 0 {
		return found
	}
	for _, line := range []string{last, first} {
		if found := m.stated(line); len(found) > 0 {
			return found
		}
	}
	return m.named(foldSigned(strings.Join(lines, "\n")))
}

func nonBlankLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func union(a, b []int) []int {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

const (
	openers = " \t*_`\"'“‘«([{"
	closers = " \t*_`\"'”’»)]}.:,;!。、："
)

// letter reads an option's letter at the start of a text.
func (m menu) letter(text string) (l letter, ok bool) {
	text = strings.TrimLeft(text, openers)
	if text == "" {
		return l, false
	}
	l = letter{index: int(unicode.ToUpper(rune(text[0])) - 'A'), capital: text[0] < 'a', rest: text[1:]}
	after, _ := utf8.DecodeRuneInString(l.rest)
	if l.index < 0 || l.index >= min(len(m), 26) || l.rest != "" && isWordRune(after) {
		return l, false
	}
	return l, true
}

// letter is an option's letter with the text that follows it.
type letter struct {
	index   int
	capital bool
	rest    string
}

// isWord reports whether the letter is also an English word, A or I.
func (l letter) isWord() bool {
	return l.index == 0 || l.index == 'I'-'A'
}

func (l letter) lone() bool {
	return strings.Trim(l.rest, closers) == ""
}

// closed reports whether the letter is set off from what follows: by the end,
// by punctuation, or by a dash between spaces.
func (l letter) closed() bool {
	if l.lone() {
		return true
	}
	if trimmed := strings.TrimLeft(l.rest, " "); trimmed != l.rest {
		return strings.IndexAny(trimmed, "-–—=") == 0
	}
	mark, size := utf8.DecodeRuneInString(l.rest)
	next, _ := utf8.DecodeRuneInString(l.rest[size:])
	switch mark {
	case '.', '\'', '’':
		return !isWordRune(next)
	}
	return strings.ContainsRune(closers, mark)
}

// meant returns the options that a letter may mean: its own, and any other
// whose text is that very letter.
func (m menu) meant(l letter) []int {
	found := []int{l.index}
	for i, option := range m {
		if i != l.index && string(option.folded) == string(rune('a'+l.index)) {
			found = append(found, i)
		}
	}
	return found
}

func (m menu) lone(line string) []int {
	if l, ok := m.letter(line); ok && l.lone() {
		return m.meant(l)
	}
	return nil
}

var (
	answerIs  = regexp.MustCompile(`(?i)\b(?:answer|option|choice)[*_]*(?:\s+is\b|\s*:)[\s:*_]*(?:(?:the\s+)?(?:option|choice)\s+)?`)
	bracketed = regexp.MustCompile(`\(([A-Za-z])\)|\\boxed\{(?:\\text\{)?([A-Za-z])\}`)
)

// stated applies rule 2 to one line.
func (m menu) stated(line string) []int {
	var found []int
	for _, said := range answerIs.Split(line, -1)[1:] {
		found = union(found, m.afterAnswer(said))
	}
	if len(found) > 0 {
		return found
	}
	for _, match := range bracketed.FindAllStringSubmatch(line, -1) {
		if l, ok := m.letter(match[1] + match[2]); ok {
			found = union(found, m.meant(l))
		}
	}
	if len(found) > 0 {
		return found
	}
	if l, ok := m.letter(line); ok && strings.HasPrefix(l.rest, ")") {
		return m.meant(l)
	}
	return nil
}

// afterAnswer reads what follows "answer is": a letter that is set off, or
// else the text of an option, or else a capital letter that is no word (A, I).
func (m menu) afterAnswer(text string) []int {
	l, ok := m.letter(text)
	if ok && l.closed() {
		return m.meant(l)
	}
	if found := m.leading(foldSigned(strings.TrimLeft(text, openers))); len(found) > 0 {
		return found
	}
	if ok && l.capital && !l.isWord() {
		return m.meant(l)
	}
	return nil
}

// leading returns the options whose texts a text begins with; of several, the
// longest.
func (m menu) leading(text folded) []int {
	var found []int
	longest := 0
	for i, option := range m {
		at, ok := option.next(text, 0)
		if !ok || at.start != 0 || at.end < longest {
			continue
		}
		if at.end > longest {
			found, longest = nil, at.end
		}
		found = append(found, i)
	}
	return found
}

// named applies rule 3 to the whole text.
func (m menu) named(text folded) []int {
	spans := make([][]span, len(m))
	for i, option := range m {
		spans[i] = option.spans(text)
	}
	var found []int
	for i := range m {
		outside := func(s span) bool { return !covered(s, spans) }
		if slices.ContainsFunc(spans[i], outside) {
			found = append(found, i)
		}
	}
	return found
}

// covered reports whether a longer span than s takes in all of it.
func covered(s span, spans [][]span) bool {
	for _, others := range spans {
		// Spans of one option do not overlap: only the last that begins at or
		// before s can reach its end.
		i, _ := slices.BinarySearchFunc(others, s.start+1, func(o span, start int) int { return o.start - start })
		if i > 0 && others[i-1].end >= s.end && others[i-1].end-others[i-1].start > s.end-s.start {
			return true
		}
	}
	return false
}
