package reporters_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
)

func FuzzHostileText(f *testing.F) {
	for _, seed := range []string{
		"", hostile, strings.Repeat("long ", 5000), strings.Repeat("|", 700), "</code></td></table></details>\n\n# x",
		"]]>", "]]]]><![CDATA[>", "<!-- -->", "&#x0;", "```\n| a | b |\n```", "\x1b]8;;http://example.org\x07link\x1b]8;;\x07",
		"\ud7ff\ue000\uffff\U0010ffff", "\xed\xa0\x80", "a\u2028b\u2029c\u0085d", "[x]: http://example.org", "- 1. + # =", "\\|", "$(rm)`x`",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a := mixedAudit(t)
		spoil(reflect.ValueOf(a).Elem(), text)
		checkJSON(t, a)
		xml := render(t, "junit", a)
		readJUnit(t, xml)
		checkVisible(t, "junit", xml)
		markdown := render(t, "markdown", a)
		checkMarkdown(t, markdown)
		checkVisible(t, "markdown", markdown)
		for _, format := range []string{"console", "comment", "csv", "cyclonedx", "github", "routing", "sarif"} {
			checkVisible(t, format, render(t, format, a))
		}
		checkVisible(t, "html", render(t, "html", a))
	})
}

// spoil appends text to every field that holds free text. Words that are a
// type of their own, and those that choose the shape, stay.
func spoil(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.String() != drift.SchemaVersion {
			v.SetString(v.String() + text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem(), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			spoil(v.Field(i), text)
		}
	}
}

func checkJSON(t *testing.T, a *drift.Audit) {
	t.Helper()
	report := render(t, "json", a)
	if !json.Valid([]byte(report)) {
		t.Errorf("invalid JSON: %.200q", report)
	}
	if _, err := reporters.ReadJSON(strings.NewReader(report)); err != nil {
		t.Error(err)
	}
}

// checkVisible fails where anything but line ends does not print.
func checkVisible(t *testing.T, format, report string) {
	t.Helper()
	for _, r := range report {
		if r != '\n' && r != '\u200c' && r != '\u200d' && !unicode.IsGraphic(r) {
			t.Errorf("%s has an invisible %U", format, r)
		}
	}
	if strings.ToValidUTF8(report, "") != report {
		t.Errorf("%s is no UTF-8", format)
	}
}
