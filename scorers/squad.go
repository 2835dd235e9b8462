package scorers

import (
	"fmt"
	"strings"
	"unicode"
)

// squad is the normal form of SQuAD: in lower case, without punctuation and
// the words a, an and the, with single spaces. Punctuation is that of Unicode
// and the ASCII symbols; it is dropped, not made a space ("well-known" becomes
// "wellknown").
func squad(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPunct(r) || strings.ContainsRune("$+<=>^`|~", r) {
			return -1
		}
		return r
	}, string(fold(text)))
	var words []string
	for _, word := range strings.Fields(text) {
		if word != "a" && word != "an" && word != "the" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// readSquad reads the accepted texts in normal form.
func readSquad(arg any) (accepted, normal []string, err error) {
	if accepted, err = readTexts(arg); err != nil {
		return nil, nil, err
	}
	for _, text := range accepted {
		n := squad(text)
		if n == "" {
			return nil, nil, fmt.Errorf("nothing is left of %s without punctuation and articles", quote(text))
		}
		normal = append(normal, n)
	}
	return accepted, normal, nil
}
