package scorers

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var (
	_ = registerCheck("bullets", counting(countBullets), "the number of lines that begin with *, -, + or • and a space")
	_ = registerCheck("highlights", counting(countHighlights), "the number of *highlighted* or **highlighted** places")
	_ = registerCheck("placeholders", counting(countPlaceholders), "the number of [placeholders] in square brackets")
	_ = registerCheck("sections", newSections, "the number of headings made of the word and a number, such as SECTION 1")
	_ = registerCheck("title", demanded(title), "a title in double angle brackets, <<title>>")
	_ = registerCheck("postscript", newPostscript, "a line begins with P.S. (for true) or with the text, without regard to case and space")
	_ = registerCheck("json", demanded(jsonForm), "one JSON value, with or without a code fence around it")
	_ = registerCheck("two_responses", demanded(twoResponses), "two different answers with ****** between them")
	_ = registerCheck("script", newScript, "at least nine tenths of the letters are of the Unicode script, such as Arabic or Cyrillic")
)

var (
	bullet      = regexp.MustCompile(`(?m)^[^\S\n]*[*+•-][^\S\n]`)
	highlight   = regexp.MustCompile(`\*\*[^\n*]*[^\s*][^\n*]*\*\*|\*[^\n*]*[^\s*][^\n*]*\*`)
	placeholder = regexp.MustCompile(`\[[^\[\]\n]+\]`)
	angleTitle  = regexp.MustCompile(`<<[^\n<>]*[^\s<>][^\n<>]*>>`)
	codeFence   = regexp.MustCompile("(?s)^```[a-zA-Z]*\\s*(.*?)\\s*```$")
)

func countBullets(text string) int      { return matchCount(bullet, text) }
func countPlaceholders(text string) int { return matchCount(placeholder, text) }

// countHighlights does not take the asterisk of a list item for emphasis.
func countHighlights(text string) int {
	return matchCount(highlight, bullet.ReplaceAllString(text, ""))
}

func matchCount(pattern *regexp.Regexp, text string) int {
	return len(pattern.FindAllStringIndex(text, -1))
}

func newSections(arg any) (unmet, error) {
	word, b, err := readCounted(arg, "word")
	if err != nil {
		return nil, err
	}
	heading, err := regexp.Compile(`(?m)(?:^|[^\pL\pN])` + regexp.QuoteMeta(word) + `\s?\d+`)
	return b.counted(func(text string) int { return matchCount(heading, text) }), err
}

func title(text, _ string) string {
	if angleTitle.MatchString(text) {
		return ""
	}
	return "no <<title>>"
}

func newPostscript(arg any) (unmet, error) {
	if arg == true {
		arg = "P.S."
	}
	marker, err := readText(arg)
	return func(text, _ string) string {
		for _, line := range nonBlankLines(text) {
			if strings.HasPrefix(closeUp(strings.TrimLeft(line, openers)), closeUp(marker)) {
				return ""
			}
		}
		return "no line begins with " + quote(marker)
	}, err
}

// closeUp folds a text and takes out its spaces.
func closeUp(text string) string {
	return strings.ReplaceAll(string(fold(text)), " ", "")
}

func jsonForm(text, _ string) string {
	text = strings.TrimSpace(text)
	if inner := codeFence.FindStringSubmatch(text); inner != nil {
		text = inner[1]
	}
	if _, err := jsonschema.UnmarshalJSON(strings.NewReader(text)); err != nil {
		return "not JSON: " + err.Error()
	}
	return ""
}

func twoResponses(text, _ string) string {
	answers := nonBlank(strings.Split(text, "******"))
	if len(answers) != 2 {
		return fmt.Sprintf("want two answers parted by ******, got %d", len(answers))
	}
	if fold(answers[0]) == fold(answers[1]) {
		return "the two answers are equal"
	}
	return ""
}

func newScript(arg any) (unmet, error) {
	name, _ := arg.(string)
	script, ok := unicode.Scripts[name]
	if !ok {
		return nil, expected("the English name of a Unicode script, such as Arabic", arg)
	}
	return func(text, _ string) string {
		in, all := countLetters(text, script)
		if all > 0 && in*10 >= all*9 {
			return ""
		}
		return fmt.Sprintf("%d of %d letters are %s", in, all, name)
	}, nil
}

func countLetters(text string, script *unicode.RangeTable) (in, all int) {
	for _, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		all++
		if unicode.Is(script, r) {
			in++
		}
	}
	return in, all
}
