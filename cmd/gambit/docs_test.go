package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the generated documents anew")

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
