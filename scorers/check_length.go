package scorers

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

var (
	_ = registerCheck("words", counting(countWords), "the number of words (Unicode UAX 29 segments with a letter or digit)")
	_ = registerCheck("word_runs", counting(countRuns), "the number of runs of letters, digits and _, so that don't is two (the rule of IFEval)")
	_ = registerCheck("max_words", newMaxWords, "at most so many words, see words")
	_ = registerCheck("min_words", newMinWords, "at least so many words, see words")
	_ = registerCheck("sentences", counting(countSentences), "the number of sentences (Unicode UAX 29 segments with a letter or digit)")
	_ = registerCheck("paragraphs", newParagraphs, "the number of paragraphs, parted by blank lines or by the separator")
	_ = registerCheck("paragraph_start", newParagraphStart, "the nth paragraph begins with the word")
)

func newMaxWords(arg any) (unmet, error) {
	most, err := readCount(arg)
	return bounds{0, most}.counted(countWords), err
}

func newMinWords(arg any) (unmet, error) {
	least, err := readCount(arg)
	return bounds{least, math.MaxInt}.counted(countWords), err
}

// words returns the words of a text: the segments between the word boundaries
// of Unicode UAX 29 that have a letter or a digit. "don't" and "3.14" are one
// word each, "well-known" is two, and each Han character is one. IFEval counts
// runs of letters and digits, so that its "don't" is two.
func words(text string) []string {
	return segments(text, uniseg.FirstWordInString)
}

func countWords(text string) int { return len(words(text)) }

// wordRun is a word by the rule \w+ of IFEval's tokenizer.
var wordRun = regexp.MustCompile(`[\pL\pN_]+`)

func countRuns(text string) int { return matchCount(wordRun, text) }

// countSentences counts the segments between the sentence boundaries of
// Unicode UAX 29 that have a letter or a digit. A line end ends a sentence, so
// headings and list items count; "Mr. Tol" is two, as abbreviations are not
// known.
func countSentences(text string) int {
	return len(segments(text, uniseg.FirstSentenceInString))
}

func segments(text string, first func(text string, state int) (segment, rest string, next int)) []string {
	var found []string
	state := -1
	for text != "" {
		var segment string
		segment, text, state = first(text, state)
		if strings.ContainsFunc(segment, isLetterOrDigit) {
			found = append(found, segment)
		}
	}
	return found
}

func isLetterOrDigit(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r)
}

func newParagraphs(arg any) (unmet, error) {
	if _, isMap := arg.(map[string]any); !isMap {
		return counting(countParagraphs)(arg)
	}
	f, err := readFields(arg, append([]string{"separator"}, boundNames...)...)
	if err != nil {
		return nil, err
	}
	separator, err := optional(f, "separator", readText, "")
	if err != nil {
		return nil, err
	}
	b, err := f.bounds()
	if separator == "" {
		return b.counted(countParagraphs), err
	}
	return b.counted(func(text string) int { return len(nonBlank(strings.Split(text, separator))) }), err
}

var blankLine = regexp.MustCompile(`\n[^\S\n]*\n`)

// paragraphs returns the parts of a text between blank lines.
func paragraphs(text string) []string {
	return nonBlank(blankLine.Split(text, -1))
}

func countParagraphs(text string) int { return len(paragraphs(text)) }

func nonBlank(parts []string) []string {
	var kept []string
	for _, part := range parts {
		if strings.TrimSpace(part) != "" {
			kept = append(kept, part)
		}
	}
	return kept
}

func newParagraphStart(arg any) (unmet, error) {
	f, err := readFields(arg, "nth", "word")
	if err != nil {
		return nil, err
	}
	nth, err := need(f, "nth", readCount)
	if err != nil {
		return nil, err
	}
	if nth == 0 {
		return nil, fmt.Errorf("nth: %w", expected("a whole number from 1", nth))
	}
	word, err := need(f, "word", readText)
	return func(text, _ string) string { return paragraphStart(text, nth, fold(word)) }, err
}

func paragraphStart(text string, nth int, word folded) string {
	all := paragraphs(text)
	if len(all) < nth {
		return fmt.Sprintf("want a paragraph %d, got %d paragraphs", nth, len(all))
	}
	first := words(all[nth-1])
	if len(first) == 0 || fold(first[0]) != word {
		return fmt.Sprintf("want %s first in paragraph %d, got %s", quote(string(word)), nth, quote(all[nth-1]))
	}
	return ""
}
