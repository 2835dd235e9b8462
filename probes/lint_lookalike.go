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

// alike are scripts that have letters which look like those of another of them.
var alike = []struct {
	name    string
	letters *unicode.RangeTable
}{
	{"Latin", unicode.Latin}, {"Greek", unicode.Greek}, {"Cyrillic", unicode.Cyrillic},
	{"Armenian", unicode.Armenian}, {"Cherokee", unicode.Cherokee}, {"Coptic", unicode.Coptic}, {"Lisu", unicode.Lisu},
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
			if scripts := mixed(line[start:i]); len(scripts) > 1 {
				warn(line[:start], "the word %s (%s) mixes letters of %s, which look alike: expected one script, or the others as escapes in double quotes",
					line[start:i], strconv.QuoteToASCII(line[start:i]), strings.Join(scripts, " and "))
			}
			start = -1
		}
	}
}

// mixed lists the scripts of [alike] that a word has letters of.
func mixed(word string) []string {
	var names []string
	for _, script := range alike {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(script.letters, r) }) {
			names = append(names, script.name)
		}
	}
	return names
}
