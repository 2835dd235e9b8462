package drift

import (
	"strings"
	"unicode"
)

const (
	// chrfOrder is the longest n-gram of chrF.
	chrfOrder = 6
	// chrfRecall is how many times recall weighs as much as precision, squared.
	chrfRecall = 4
)

// ChrF is chrF2 in [0,1]: the overlap of the n-grams of characters of a
// candidate's text with a reference's, white space aside (Popović 2015). Only
// orders that both texts have count.
func ChrF(reference, candidate string) float64 {
	if reference == candidate {
		return 1
	}
	r, c := letters(reference), letters(candidate)
	precision, recall, orders := 0.0, 0.0, 0
	for n := 1; n <= min(chrfOrder, len(r), len(c)); n++ {
		shared := overlap(grams(r, n), grams(c, n))
		precision += float64(shared) / float64(len(c)-n+1)
		recall += float64(shared) / float64(len(r)-n+1)
		orders++
	}
	if precision+recall == 0 {
		return 0
	}
	precision, recall = precision/float64(orders), recall/float64(orders)
	return (1 + chrfRecall) * precision * recall / (chrfRecall*precision + recall)
}

func letters(text string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text))
}

func grams(text []rune, n int) map[string]int {
	counts := map[string]int{}
	for i := 0; i+n <= len(text); i++ {
		counts[string(text[i:i+n])]++
	}
	return counts
}

func overlap(a, b map[string]int) int {
	shared := 0
	for gram, n := range a {
		shared += min(n, b[gram])
	}
	return shared
}
