package strictyaml_test

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/strictyaml"
)

func TestEveryProblemIsCollectedWithItsPlace(t *testing.T) {
	f := &strictyaml.File{Name: "x.yaml"}
	root, ok := f.Document([]byte("a: 1\na: 2\nb: [1, two]\nc: yes please\nd: 0.7\n"), "a file")
	if !ok {
		t.Fatal(f.Err())
	}
	m, ok := f.Map(root, "file", "a", "c", "d")
	if !ok {
		t.Fatal("not a map")
	}
	if got := f.Integer(m.Get("a"), "a", 0, 9); got != 1 {
		t.Errorf("a = %d, want the first value, 1", got)
	}
	if got := f.Integer(m.Get("c"), "c", 0, 9); got != 9 {
		t.Errorf("c = %d, want the default, 9", got)
	}
	if got := f.Number(m.Get("d"), "d", 0, 0.5); got != nil {
		t.Errorf("d = %v, want nil", *got)
	}
	want := []string{
		`x.yaml:2:1: duplicate key "a" in file`,
		`x.yaml:3:1: unexpected key "b" in file: expected one of "a", "c", "d"`,
		`x.yaml:4:4: c is the text "yes please": expected a whole number of at least 0`,
		`x.yaml:5:4: d is the number 0.7: expected a number from 0 to 0.5`,
	}
	if got := f.Err().Error(); got != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
	if f.Unexpected != 1 {
		t.Errorf("%d unexpected keys, want 1", f.Unexpected)
	}
}

func TestADocumentStandsAlone(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "empty file: expected a file",
		"a: 1\n---\n":          "second document",
		"a: [1":                "not YAML",
		"a:\n  b: 1\n\tc: 2\n": "x.yaml:3:1: a tab in the indentation: expected spaces",
		"a:\n  - {b: 1}\n  - {b: ${NAME}, c: 2}\nd: 1\n": `is it ${NAME} in line 3:9? It needs quotes: "${NAME}"`,
	} {
		f := &strictyaml.File{Name: "x.yaml"}
		if _, ok := f.Document([]byte(text), "a file"); ok || !strings.Contains(f.Err().Error(), want) {
			t.Errorf("%q: got %v, want %q", text, f.Err(), want)
		}
	}
}
