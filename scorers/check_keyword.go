package scorers

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	_ = registerCheck("keywords", newKeywords, "all of the words are there, in any case, whole or (within_words: true) inside others too")
	_ = registerCheck("forbidden", newForbidden, "none of the words is there, whole and in any case")
	_ = registerCheck("keyword_count", newKeywordCount, "how often the word is there, in any case, whole or (within_words: true) inside others too")
	_ = registerCheck("letter_count", newLetterCount, "how often the letter or sign is there, in any case")
	_ = registerCheck("one_of", newOneOf, "exactly one of the texts is there, as whole words and in any case")
	_ = registerCheck("no_comma", demanded(noComma), "no comma, also none of Chinese, Japanese or Arabic")
)

func newKeywords(arg any) (unmet, error) {
	within := false
	if _, isMap := arg.(map[string]any); isMap {
		f, err := readFields(arg, "all", "within_words")
		if err != nil {
			return nil, err
		}
		if within, err = f.flag("within_words"); err != nil {
			return nil, err
		}
		arg = f["all"]
	}
	wanted, err := readPhraseList(arg)
	for i := range wanted {
		wanted[i].withinWords = within
	}
	return func(text, _ string) string {
		_, missing := split(wanted, fold(text))
		return listed("missing", missing)
	}, err
}

func newForbidden(arg any) (unmet, error) {
	forbidden, err := readPhraseList(arg)
	return func(text, _ string) string {
		found, _ := split(forbidden, fold(text))
		return listed("got", found)
	}, err
}

func listed(problem string, phrases []phrase) string {
	if len(phrases) == 0 {
		return ""
	}
	return problem + " " + quoteAll(texts(phrases))
}

func newKeywordCount(arg any) (unmet, error) {
	word, b, err := readCounted(arg, "word", "within_words")
	if err != nil {
		return nil, err
	}
	p, err := newPhrase(word)
	if err == nil {
		p.withinWords, err = fields(arg.(map[string]any)).flag("within_words")
	}
	return b.counted(func(text string) int { return len(p.spans(fold(text))) }), err
}

func newLetterCount(arg any) (unmet, error) {
	letter, b, err := readCounted(arg, "letter")
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(letter) != 1 {
		return nil, fmt.Errorf("letter: %w", expected("one character", letter))
	}
	sign := string(fold(letter))
	return b.counted(func(text string) int { return strings.Count(string(fold(text)), sign) }), nil
}

// readCounted reads a map with the thing to count and its bounds; further
// options of the map are for the caller.
func readCounted(arg any, name string, further ...string) (string, bounds, error) {
	f, err := readFields(arg, slices.Concat([]string{name}, boundNames, further)...)
	if err != nil {
		return "", bounds{}, err
	}
	thing, err := need(f, name, readText)
	if err != nil {
		return "", bounds{}, err
	}
	b, err := f.bounds()
	return thing, b, err
}

func newOneOf(arg any) (unmet, error) {
	allowed, err := readPhraseList(arg)
	return func(text, _ string) string {
		found, _ := split(allowed, fold(text))
		if len(found) == 1 {
			return ""
		}
		return fmt.Sprintf("want one of %s, got %d of them", quoteAll(texts(allowed)), len(found))
	}, err
}

func noComma(text, _ string) string {
	if strings.ContainsAny(text, ",，、،") {
		return "got a comma"
	}
	return ""
}
