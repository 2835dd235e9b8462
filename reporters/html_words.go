package reporters

import (
	"strings"
	"unicode"
)

// span is a piece of a text; Differs marks one that the other text lacks.
type span struct {
	Text    string
	Differs bool
}

// maxWords bounds the words of a text that are compared, since the time to
// compare grows with their square.
const maxWords = 160

// wordDifference splits two visible texts into what they share and what is in
// one alone, by words. Nothing is marked where one is empty or too long.
func wordDifference(a, b string) (left, right []span) {
	x, y := words(a), words(b)
	if len(x) == 0 || len(y) == 0 || len(x) > maxWords || len(y) > maxWords {
		return whole(a), whole(b)
	}
	inA, inB := commonWords(x, y)
	return spans(x, inA), spans(y, inB)
}

func whole(s string) []span {
	if s == "" {
		return nil
	}
	return []span{{Text: s}}
}

// words splits a text behind each run of white space, so that its words make
// up the text again. Scripts without spaces are split by character.
func words(s string) []string {
	var list []string
	start, spaced := 0, false
	for i, r := range s {
		space := unicode.IsSpace(r)
		if i > start && !space && (spaced || unbroken(r)) {
			list = append(list, s[start:i])
			start = i
		}
		spaced = space
	}
	if start < len(s) {
		list = append(list, s[start:])
	}
	return list
}

// unbroken tells the scripts that are written without spaces.
func unbroken(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// commonWords marks a longest common subsequence of x and y in both, words
// compared without the space behind them.
func commonWords(x, y []string) (inX, inY []bool) {
	inX, inY = make([]bool, len(x)), make([]bool, len(y))
	length := make([][]int, len(x)+1) // of the subsequence of x[i:] and y[j:]
	for i := range length {
		length[i] = make([]int, len(y)+1)
	}
	same := func(i, j int) bool { return strings.TrimSpace(x[i]) == strings.TrimSpace(y[j]) }
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if same(i, j) {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case same(i, j):
			inX[i], inY[j] = true, true
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return inX, inY
}

// spans joins neighbours of the same kind.
func spans(words []string, common []bool) []span {
	var list []span
	for i, w := range words {
		if last := len(list) - 1; last >= 0 && list[last].Differs == !common[i] {
			list[last].Text += w
			continue
		}
		list = append(list, span{Text: w, Differs: !common[i]})
	}
	return list
}
