package probes

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/gambit-audit/gambit/strictyaml"
	"golang.org/x/text/language"
	"gopkg.in/yaml.v3"
)

// scriptLetters are the letters of scripts, by their codes of ISO 15924.
var scriptLetters = map[string][]*unicode.RangeTable{
	"Arab": {unicode.Arabic}, "Armn": {unicode.Armenian}, "Beng": {unicode.Bengali}, "Cyrl": {unicode.Cyrillic},
	"Deva": {unicode.Devanagari}, "Ethi": {unicode.Ethiopic}, "Geor": {unicode.Georgian}, "Grek": {unicode.Greek},
	"Gujr": {unicode.Gujarati}, "Guru": {unicode.Gurmukhi}, "Hans": {unicode.Han}, "Hant": {unicode.Han},
	"Hebr": {unicode.Hebrew}, "Jpan": {unicode.Han, unicode.Hiragana, unicode.Katakana}, "Khmr": {unicode.Khmer},
	"Knda": {unicode.Kannada}, "Kore": {unicode.Hangul, unicode.Han}, "Laoo": {unicode.Lao}, "Latn": {unicode.Latin},
	"Mlym": {unicode.Malayalam}, "Mong": {unicode.Mongolian}, "Mymr": {unicode.Myanmar}, "Orya": {unicode.Oriya},
	"Sinh": {unicode.Sinhala}, "Taml": {unicode.Tamil}, "Telu": {unicode.Telugu}, "Tfng": {unicode.Tifinagh},
	"Thaa": {unicode.Thaana}, "Thai": {unicode.Thai}, "Tibt": {unicode.Tibetan},
}

// languages holds what is called lang, an axis or a field of its values, to a
// tag of BCP 47, and the value's texts to the script of that language.
func (l linter) languages() {
	for _, a := range l.probe.written.axes {
		seen := map[string]bool{}
		for _, v := range a.values {
			where, code, ok := tagged(a, v)
			if ok && !seen[code] {
				seen[code] = l.language(v.value.node, where, code, v.value)
			}
		}
	}
}

// tagged is the tag of a language that an axis value has, and where.
func tagged(a axis, v axisValue) (where, code string, ok bool) {
	if a.name == "lang" {
		return "lang", v.key, true
	}
	tag, ok := v.value.get("lang")
	if !ok || tag.tmpl != nil || tag.scalar == nil {
		return "", "", false
	}
	return fmt.Sprintf("%s.lang of %q", a.name, v.key), fmt.Sprint(tag.scalar), true
}

// language checks one tag with its texts; it is true where it found something.
func (l linter) language(n *yaml.Node, where, code string, row value) bool {
	tag, err := language.Parse(code)
	if err != nil {
		l.Problems = append(l.Problems, strictyaml.Position(l.probe.File, n,
			"%s is %q: expected a language tag of BCP 47 such as \"en\", \"pt-BR\" or \"sr-Latn\"", where, code))
		return true
	}
	script, sure := tag.Script()
	letters, known := scriptLetters[script.String()]
	text, has := row.get("text")
	switch {
	case sure == language.No, !known, has && mostlyIn(letters, textOf(text)), !has && anyIn(letters, textOf(row)):
		return false
	}
	l.Warnings = append(l.Warnings, strictyaml.Position(l.probe.File, n,
		"%s is %q, which is written in the script %s, and its text is not: expected another tag, such as %q for another script",
		where, code, script, tag.String()+"-"+otherScript(script.String())))
	return true
}

// otherScript is a script for an example.
func otherScript(script string) string {
	if script == "Latn" {
		return "Cyrl"
	}
	return "Latn"
}

// textOf joins the texts in a value, but for its names and its templates.
func textOf(v value) string {
	var b strings.Builder
	if text, ok := v.scalar.(string); ok {
		b.WriteString(expression.ReplaceAllString(text, ""))
	}
	for _, item := range v.list {
		b.WriteString(" " + textOf(item))
	}
	for _, f := range v.fields {
		if f.name != "id" && f.name != "lang" {
			b.WriteString(" " + textOf(f.value))
		}
	}
	return b.String()
}

func anyIn(letters []*unicode.RangeTable, text string) bool {
	in, all := lettersIn(letters, text)
	return in > 0 || all == 0
}

func mostlyIn(letters []*unicode.RangeTable, text string) bool {
	in, all := lettersIn(letters, text)
	return 2*in >= all
}

// lettersIn counts the letters of some scripts, and those of all.
func lettersIn(letters []*unicode.RangeTable, text string) (in, all int) {
	for _, r := range text {
		if unicode.IsLetter(r) {
			all++
			if unicode.In(r, letters...) {
				in++
			}
		}
	}
	return in, all
}
