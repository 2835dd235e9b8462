// Package gambit_test holds what concerns the module as a whole.
package gambit_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gambit-audit/gambit"

// allowed says which rooms of the module each room may import.
var allowed = map[string][]string{
	"drift":                     {},
	"drift/calibrate":           {"drift"},
	"fixtures":                  {},
	"fixtures/prose":            {},
	"fixtures/specimens":        {"drift"},
	"fixtures/realmodels/table": {"drift"}, // a command: which probes a small model can be asked
	"fixtures/specimens/card":   {"drift", "fixtures/specimens", "probes", "scorers"},
	"strictyaml":                {"drift"},
	"scorers":                   {"drift", "strictyaml"},
	"models":                    {"drift", "fixtures/specimens"},
	"probes":                    {"drift", "fixtures/prose", "scorers", "strictyaml"},
	"importers":                 {"probes", "scorers"},
	"exporters":                 {"probes", "scorers"},
	"audit":                     {"drift", "fixtures/prose", "fixtures/specimens", "importers", "models", "probes", "scorers", "strictyaml"},
	"audit/validity":            {"audit", "drift", "fixtures", "fixtures/specimens", "probes"}, // a command: how often the audit errs
	"reporters":                 {"drift"},
	"suites":                    {"audit", "drift", "fixtures", "probes", "reporters"},
	"cmd/gambit":                {"audit", "drift", "exporters", "fixtures", "fixtures/specimens", "importers", "models", "probes", "reporters", "scorers", "strictyaml"},
}

// only names the packages from outside that one room alone may import.
var only = map[string]string{
	"github.com/onsi/ginkgo":                "suites",
	"github.com/tmc/langchaingo":            "models",
	"github.com/nikolalohinski/gonja":       "probes",
	"github.com/parquet-go/parquet-go":      "importers",
	"github.com/santhosh-tekuri/jsonschema": "scorers",
	"github.com/expr-lang/expr":             "scorers",
}

type listed struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsPointOneWay(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range list(t) {
		room := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if len(p.Imports) == 0 {
			continue // a package of tests alone
		}
		may, known := allowed[room]
		if !known {
			t.Errorf("package %s has no place in the table of imports: add it there, with a reason", room)
		}
		seen[room] = true
		for _, imported := range p.Imports {
			if own, ok := strings.CutPrefix(imported, module+"/"); ok && !slices.Contains(may, own) {
				t.Errorf("%s imports %s: want only %v", room, own, may)
			}
			for prefix, owner := range only {
				if strings.HasPrefix(imported, prefix) && room != owner {
					t.Errorf("%s imports %s: want that only in %s", room, imported, owner)
				}
			}
			if room == "drift" && slices.Contains([]string{"os", "net", "net/http", "time"}, imported) {
				t.Errorf("drift imports %s: it is pure arithmetic", imported)
			}
		}
	}
	for room := range allowed {
		if !seen[room] {
			t.Errorf("package %s is gone: take it out of the table of imports", room)
		}
	}
}
