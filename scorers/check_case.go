package scorers

import (
	"strings"
	"unicode"
)

var (
	_ = registerCheck("lowercase", demanded(lowercase), "no capital letter, and at least one small one")
	_ = registerCheck("uppercase", demanded(uppercase), "no small letter, and at least one capital one")
	_ = registerCheck("capital_words", counting(countCapitalWords), "the number of words all in capitals, see words; A and I are such")
)

func lowercase(text, _ string) string {
	return only(text, "small", unicode.IsLower, isCapital)
}

func uppercase(text, _ string) string {
	return only(text, "capital", isCapital, unicode.IsLower)
}

// isCapital takes title-case letters such as ǅ for capitals.
func isCapital(r rune) bool {
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}

func only(text, what string, wanted, unwanted func(rune) bool) string {
	if i := strings.IndexFunc(text, unwanted); i >= 0 {
		return "want only " + what + " letters, got " + quote(text[i:])
	}
	if !strings.ContainsFunc(text, wanted) {
		return "want " + what + " letters, got none"
	}
	return ""
}

func countCapitalWords(text string) int {
	n := 0
	for _, word := range words(text) {
		if only(word, "capital", isCapital, unicode.IsLower) == "" {
			n++
		}
	}
	return n
}
