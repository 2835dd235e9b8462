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
	// Every word is looked for in every word.
	s, err := scorers.New("expr", "all(words, times(#) > 0)", scorers.Context{})
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]drift.Outcome{2_000: drift.Pass, 20_000: drift.Fail} {
		got := s.Score(scorers.Answer{Text: strings.Repeat("word ", size)})
		if got.Outcome != want {
			t.Errorf("%d words: got %+v, want %s", size, got, want)
		}
	}
}
