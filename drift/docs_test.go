package drift_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

func TestEveryNumberOfAReportIsTraced(t *testing.T) {
	data, err := os.ReadFile("../docs/statistics.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	for _, of := range []any{drift.Comparison{}, drift.Analysis{}, drift.Finding{}} {
		for _, tag := range tags(reflect.TypeOf(of), map[reflect.Type]bool{}) {
			if !strings.Contains(doc, "`"+tag+"`") {
				t.Errorf("%T: no `%s` in docs/statistics.md", of, tag)
			}
		}
	}
}

// documentedElsewhere are types whose numbers the doc names as a whole.
var documentedElsewhere = map[reflect.Type]bool{
	reflect.TypeFor[drift.Shares](): true, reflect.TypeFor[drift.Flip](): true, reflect.TypeFor[drift.Waiver](): true,
	reflect.TypeFor[drift.Rate](): true, reflect.TypeFor[drift.Interval](): true,
}

// tags are the names of all fields in a JSON report.
func tags(of reflect.Type, seen map[reflect.Type]bool) []string {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || seen[of] || documentedElsewhere[of] {
		return nil
	}
	seen[of] = true
	var list []string
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			list = append(list, name)
		}
		list = append(list, tags(f.Type, seen)...)
	}
	return list
}

var (
	functionName = regexp.MustCompile("`([A-Z][A-Za-z]+)`")
	fileLink     = regexp.MustCompile(`\]\(\.\./drift/([^)]*)\)`)
)

func TestEveryFunctionAndFileThatTheDocNamesIsThere(t *testing.T) {
	data, err := os.ReadFile("../docs/statistics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fileLink.FindAllStringSubmatch(string(data), -1) {
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("docs/statistics.md links ../drift/%s: %v", m[1], err)
		}
	}
	have := exported(t)
	found := functionName.FindAllStringSubmatch(string(data), -1)
	if len(found) < 30 {
		t.Fatalf("%d functions named, want all", len(found))
	}
	for _, m := range found {
		if !have[m[1]] {
			t.Errorf("docs/statistics.md names %s: there is no such function", m[1])
		}
	}
}

func exported(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				have[f.Name.Name] = true
			}
		}
	}
	return have
}
