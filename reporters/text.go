package reporters

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The most code points that a report shows of a text.
const (
	maxName     = 80
	maxSentence = 600
	maxQuoted   = 200
)

// name shows an identifier.
func name(s string) string { return excerpt(s, maxName) }

// sentence shows one sentence of prose.
func sentence(s string) string { return excerpt(s, maxSentence) }

// titled starts a report, with the title of the audit where it has one.
func titled(start, title string) string {
	if title == "" {
		return start
	}
	return start + ": " + title
}

// capital starts a sentence of ASCII letters with a great one.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// quote shows what was asked or answered.
func quote(s string) string { return `"` + excerpt(s, maxQuoted) + `"` }

// excerpt shows a text on one line, all that does not print escaped. Of a text
// of more than max code points the middle is left out.
func excerpt(s string, max int) string { return visible(shorten(s, max)) }

// shorten leaves out the middle of a text of more than max code points.
func shorten(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	head, tail := 0, len(s)
	for range max / 2 {
		_, size := utf8.DecodeRuneInString(s[head:])
		head += size
	}
	for range max / 2 {
		_, size := utf8.DecodeLastRuneInString(s[:tail])
		tail -= size
	}
	return s[:head] + " … " + s[tail:]
}

// visible escapes what does not print: controls, line breaks, direction marks,
// tags and other formats, unassigned code points and bytes that are no UTF-8.
// The joiners, which several scripts need, stay. A backslash stays single: the
// text is for the eye, and the evidence has it exactly.
func visible(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[0])
		} else {
			writeVisible(&b, r)
		}
		s = s[size:]
	}
	return b.String()
}

func writeVisible(b *strings.Builder, r rune) {
	switch {
	case !hidden(r):
		b.WriteRune(r)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r > 0xFFFF:
		fmt.Fprintf(b, `\U%08x`, r)
	default:
		fmt.Fprintf(b, `\u%04x`, r)
	}
}

// hidden tells code points that do not print.
func hidden(r rune) bool { return !unicode.IsGraphic(r) && !isJoiner(r) }

// isJoiner tells the zero-width non-joiner and joiner.
func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }
