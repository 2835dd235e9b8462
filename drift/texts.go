package drift

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// editedCharacters bounds the texts whose edit distance is taken: the time goes
// with the square of it.
const editedCharacters = 1_000

// AnalyseText compares the texts of decided pairs. It is nil where there are
// none.
func AnalyseText(pairs []Pair, b Bootstrapped) *TextAnalysis {
	var distances, scores []float64
	var clusters []string
	same := 0
	for p := range decided(pairs) {
		reference, candidate := p.Reference.Text, p.Candidate.Text
		if SameText(reference, candidate) {
			same++
		}
		distances = append(distances, NormalisedEditDistance(head(reference), head(candidate)))
		scores = append(scores, ChrF(reference, candidate))
		clusters = append(clusters, p.Cluster)
	}
	if len(clusters) == 0 {
		return nil
	}
	return &TextAnalysis{
		N: len(clusters), Same: *share(same, len(clusters)),
		EditDistance: meanOf(distances, clusters, b, "edit distance"), ChrF: meanOf(scores, clusters, b, "chrf"),
	}
}

// SameText tells whether two texts are equal but for white space and the way
// in which Unicode composes their characters. Case counts.
func SameText(a, b string) bool { return plain(a) == plain(b) }

func plain(text string) string { return strings.Join(strings.Fields(norm.NFC.String(text)), " ") }

// head is the first characters of a text.
func head(text string) string {
	n := 0
	for i := range text {
		if n++; n > editedCharacters {
			return text[:i]
		}
	}
	return text
}

// AnalyseAnswers counts the pairs whose parsed answers differ. It is nil where
// no pair has two.
func AnalyseAnswers(pairs []Pair) *AnswerChanges {
	n, changed, wrong := 0, 0, 0
	for p := range decided(pairs) {
		if p.Reference.Answer == "" || p.Candidate.Answer == "" {
			continue
		}
		n++
		if p.Reference.Answer == p.Candidate.Answer {
			continue
		}
		changed++
		if p.Reference.Outcome == Fail && p.Candidate.Outcome == Fail {
			wrong++
		}
	}
	if n == 0 {
		return nil
	}
	return &AnswerChanges{N: n, Changed: *share(changed, n), WrongToWrong: wrong}
}
