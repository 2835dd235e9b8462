package scorers

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/gambit-audit/gambit/drift"
)

func passed() Result {
	return Result{Outcome: drift.Pass}
}

func wrong(format string, args ...any) Result {
	return Result{Outcome: drift.Fail, Reason: drift.ReasonWrong, Detail: fmt.Sprintf(format, args...)}
}

func unparsed(format string, args ...any) Result {
	return Result{Outcome: drift.Fail, Reason: drift.ReasonUnparsed, Detail: fmt.Sprintf(format, args...)}
}

// blank is the result of an answer in which there is nothing to judge.
func blank(text string) Result {
	return unparsed("no answer in %s", quote(text))
}

// isBlank reports whether a text has no letter, number or pictograph: it is
// empty or only space and punctuation. Such an answer is unparsed for every
// scorer, so that a model gone silent passes no test of what it must not say.
func isBlank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.So, r)
	})
}

// quote shows a model's text in one line: escaped, and cut to 60 characters.
func quote(text string) string {
	const most = 60
	runes := []rune(strings.TrimSpace(text))
	if len(runes) > most {
		return strconv.Quote(string(runes[:most-1]) + "…")
	}
	return strconv.Quote(string(runes))
}

// quoteAll shows texts as a list in square brackets.
func quoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
