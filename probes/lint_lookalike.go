package probes

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"
)

// Marks that show nothing, or show text in another order than it is sent
// (Unicode Technical Report 36). The joiners U+200C and U+200D are no such
// marks: words of Persian and of Indian scripts need them.
var unseen = map[rune]string{
	'\u00ad': "soft hyphen", '\u061c': "Arabic letter mark", '\u200b': "zero-width space",
	'\u200e': "left-to-right mark", '\u200f': "right-to-left mark",
	'\u202a': "left-to-right embedding", '\u202b': "right-to-left embedding", '\u202c': "pop directional formatting",
	'\u202d': "left-to-right override", '\u202e': "right-to-left override",
	'\u2060': "word joiner", '\u2066': "left-to-right isolate", '\u2067': "right-to-left isolate",
	'\u2068': "first strong isolate", '\u2069': "pop directional isolate", '\ufeff': "zero-width no-break space",
}

// latinLike are the letters of other scripts that look like Latin ones in most
// faces (Unicode Technical Standard 39, confusables).
var latinLike = []struct{ script, letters string }{
	{"Greek", "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03f9\u03fa\u03b9\u03bd\u03bf\u03c1\u03c5\u03f2\u03f3"},
	{"Cyrillic", "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u04ae\u050c\u051a\u051c\u0430\u0435\u0455\u0456\u0458\u043e\u0440\u0441\u0443\u0445\u04af\u04bb\u04cf\u0501\u051b\u051d"},
	{"Armenian", "\u054d\u0555\u0570\u0578\u057d\u0581\u0585\u0566"},
}

// lookalikes finds in the probe's file and its tables what a reader cannot see
// or takes for something else. What is written as an escape ("\u202e" in double
// quotes) is seen, and so is not found.
func (l linter) lookalikes() {
	s := l.probe.written
	names := []string{path.Base(s.dir.name)}
	for _, name := range append(names, s.tables...) {
		data, err := s.dir.read(name)
		if err != nil {
			continue // a probe that was loaded from memory
		}
		number := 0
		for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
			number++
			l.lookalikesIn(path.Join(path.Dir(l.probe.File), name), number, line)
		}
	}
}

func (l linter) lookalikesIn(file string, number int, line string) {
	warn := func(before string, format string, args ...any) {
		l.Warnings = append(l.Warnings, fmt.Errorf("%s:%d:%d: %s", file, number, len([]rune(before))+1, fmt.Sprintf(format, args...)))
	}
	start := -1
	for i, r := range line + "\n" {
		if name, ok := unseen[r]; ok {
			warn(line[:i], "%U, %s, cannot be seen: expected it as an escape in double quotes, \"\\u%04x\", or not at all", r, name, r)
		}
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			if script, ok := mixed(line[start:i]); ok {
				warn(line[:start], "the word %s (%s) has letters of the %s script that look like its Latin ones: expected one script, or the others as escapes in double quotes",
					line[start:i], strconv.QuoteToASCII(line[start:i]), script)
			}
			start = -1
		}
	}
}

// mixed names the script of letters that look Latin in a word with Latin ones.
func mixed(word string) (script string, ok bool) {
	if !strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) {
		return "", false
	}
	for _, like := range latinLike {
		if strings.ContainsAny(word, like.letters) {
			return like.script, true
		}
	}
	return "", false
}
