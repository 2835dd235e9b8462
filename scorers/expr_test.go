package scorers_test

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/scorers"
)

func TestTheCostOfAnExpressionIsBounded(t *testing.T) {
	for name, condition := range map[string]string{
		"nodes": "true" + strings.Repeat(" and true", 60),
		"text":  "true" + strings.Repeat(" ", 5000),
	} {
		if _, err := scorers.New("expr", condition, scorers.Context{}); err == nil {
			t.Errorf("%s: accepted, want an error", name)
		}
	}
	// Each word is looked for in the answer.
	s, err := scorers.New("expr", "all(words, has(#))", scorers.Context{})
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]string{
		100:    "",
		101:    `"all(words, has(#))" cannot be worked out for "word word`,
		10_000: "an answer of 50000 bytes: expected at most 16384",
	} {
		got := s.Score(scorers.Answer{Text: strings.Repeat("word ", size)})
		if (got.Outcome == drift.Pass) != (want == "") || !strings.HasPrefix(got.Detail, want) {
			t.Errorf("%d words: got %+v, want %q", size, got, want)
		}
	}
}
