package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the generated documents anew")

var reasonGiven = regexp.MustCompile(`decide\(Verdict\w+, "(\w+)"`)

// The table in statistics.md names every reason that a verdict can have.
func TestEveryReasonOfAVerdictIsDocumented(t *testing.T) {
	document, err := os.ReadFile("../../docs/statistics.md")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("../../drift/*.go")
	if err != nil {
		t.Fatal(err)
	}
	given := 0
	for _, name := range sources {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range reasonGiven.FindAllSubmatch(source, -1) {
			given++
			if !strings.Contains(string(document), fmt.Sprintf("| `%s` |", m[1])) {
				t.Errorf("%s gives the reason %q, and docs/statistics.md lacks it: expected a line in its table of reasons", name, m[1])
			}
		}
	}
	if given == 0 {
		t.Error("no reason was found in the sources of drift")
	}
}

// The generated documents are what the commands print.
func TestGeneratedDocumentsAreUpToDate(t *testing.T) {
	if testing.Short() {
		t.Skip("expands every probe at every size")
	}
	for name, args := range map[string][]string{
		"../../docs/probes.md":  {"list", "--markdown"},
		"../../docs/scorers.md": {"list", "--scorers", "--markdown"},
	} {
		var out, errs bytes.Buffer
		if code := run(args, &out, &errs); code != statusOK {
			t.Fatalf("gambit %v: status %d: %s", args, code, &errs)
		}
		if *update {
			if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("%s is out of date; `go test ./cmd/gambit -run Generated -update` writes it anew (-have +want):\n%s", name, diff)
		}
	}
}
