package scorers

import (
	"strings"
)

var (
	_ = registerCheck("start_with", newStartWith, "begins with the text as whole words, in any case, apart from double quotes")
	_ = registerCheck("end_with", newEndWith, "ends with the text as whole words, in any case, apart from double quotes")
	_ = registerCheck("quotation", demanded(quotation), "double quotes stand around all of it")
	_ = registerCheck("repeat_prompt", newRepeatPrompt, "begins with the question (for true) or with the text, in any case")
)

func newStartWith(arg any) (unmet, error) {
	start, err := readText(arg)
	wanted := fold(start)
	return func(text, _ string) string {
		got := fold(strings.Trim(strings.TrimSpace(text), `"“”`))
		if strings.HasPrefix(string(got), string(wanted)) && boundary(got, len(wanted)) {
			return ""
		}
		return "want " + quote(start) + " first, got " + quote(text)
	}, err
}

func newEndWith(arg any) (unmet, error) {
	end, err := readText(arg)
	wanted := fold(end)
	return func(text, _ string) string {
		got := fold(strings.Trim(strings.TrimSpace(text), `"“”`))
		if strings.HasSuffix(string(got), string(wanted)) && boundary(got, len(got)-len(wanted)) {
			return ""
		}
		return "want " + quote(end) + " last, got " + quote(tail(text))
	}, err
}

// tail returns the last 30 characters of a text.
func tail(text string) string {
	const most = 30
	runes := []rune(strings.TrimSpace(text))
	return string(runes[max(0, len(runes)-most):])
}

func quotation(text, _ string) string {
	text = strings.TrimSpace(text)
	for _, pair := range [][2]string{{`"`, `"`}, {"“", "”"}, {"„", "“"}, {"«", "»"}} {
		rest, opened := strings.CutPrefix(text, pair[0])
		if opened && strings.HasSuffix(rest, pair[1]) {
			return ""
		}
	}
	return "no double quotes around it"
}

func newRepeatPrompt(arg any) (unmet, error) {
	if arg == true {
		return repeats, nil
	}
	prompt, err := readText(arg)
	return func(text, _ string) string { return repeats(text, prompt) }, err
}

func repeats(text, prompt string) string {
	if strings.HasPrefix(string(fold(text)), string(fold(prompt))) {
		return ""
	}
	return "does not begin with " + quote(prompt)
}
