package scorers

import (
	"slices"
	"strings"
)

var _ = registerCheck("response_language", newResponseLanguage, "written in the language or one of them, such as de, see the scorer lang")

func newResponseLanguage(arg any) (unmet, error) {
	codes, err := readLanguages(arg)
	return func(text, _ string) string {
		code, ok := languageOf(text)
		switch {
		case !ok:
			return "too few letters to tell the language"
		case !slices.Contains(codes, code):
			return "want language " + strings.Join(codes, " or ") + ", got " + code
		}
		return ""
	}, err
}
