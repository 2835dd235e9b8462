package scorers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/strictyaml"
)

var _ = register("label_only", newLabelOnly,
	"the labels in the first sentence, without those of the question, are exactly the right ones")

// labelOnly is the rule of BABILong. The answer is cut at its first period and
// at "<context>" or "<example>"; the labels found in it as whole words, in any
// case, less those that the question names, must be exactly the right ones.
// A label that the question names can therefore never be right. BABILong itself
// finds labels inside words too ("Gardens", but also the one of "none"): that
// is `within_words: true`.
//
// The question is the last line of the last user message, as a long context
// above it would name every label, unless the probe gives it as `question`.
type labelOnly struct {
	labels   []phrase
	is       []string // names of right labels, in the order of labels
	question *string  // nil: the last line asked
}

var _ Scorer = labelOnly{}

func newLabelOnly(arg any, _ Context) (Scorer, error) {
	f, err := readFields(arg, "labels", "is", "question", "within_words")
	if err != nil {
		return nil, err
	}
	labels, err := need(f, "labels", readPhraseList)
	if err != nil {
		return nil, err
	}
	within, err := f.flag("within_words")
	if err != nil {
		return nil, err
	}
	for i := range labels {
		labels[i].withinWords = within
	}
	right, err := need(f, "is", readTexts)
	if err != nil {
		return nil, err
	}
	is, err := pick(labels, right)
	if err != nil {
		return nil, err
	}
	question, err := f.question()
	return labelOnly{labels, is, question}, err
}

// question reads the question whose labels do not count; it may be empty.
func (f fields) question() (*string, error) {
	value, given := f["question"]
	if !given {
		return nil, nil
	}
	text, ok := value.(string)
	if !ok {
		return nil, fmt.Errorf("question: %w", expected("a text", value))
	}
	return &text, nil
}

// pick returns the right labels in the order of all labels.
func pick(labels []phrase, right []string) ([]string, error) {
	names := texts(labels)
	for _, name := range right {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("is: unknown label %q: %sexpected one of %s", name, strictyaml.DidYouMean(name, names), strings.Join(names, ", "))
		}
	}
	var picked []string
	for _, name := range names {
		if slices.Contains(right, name) && !slices.Contains(picked, name) {
			picked = append(picked, name)
		}
	}
	return picked, nil
}

func (s labelOnly) Score(a Answer) Result {
	question := lastLine(a.Question)
	if s.question != nil {
		question = *s.question
	}
	_, unasked := split(s.labels, fold(question))
	found, _ := split(unasked, firstSentence(a.Text))
	if len(found) == 0 {
		return unparsed("no label in the first sentence of %s", quote(a.Text))
	}
	r := passed()
	if got := texts(found); !slices.Equal(got, s.is) {
		r = wrong("want %s, got %s", strings.Join(s.is, ", "), strings.Join(got, ", "))
	}
	r.Parsed = strings.Join(texts(found), ", ")
	return r
}

func lastLine(text string) string {
	lines := nonBlankLines(text)
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1]
}

func firstSentence(text string) folded {
	for _, end := range []string{".", "<context>", "<example>"} {
		text, _, _ = strings.Cut(text, end)
	}
	return fold(text)
}
