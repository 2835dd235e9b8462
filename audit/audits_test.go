package audit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/models"
)

// The audit files that come with the project load, with every probe that they
// keep carried by all of their providers.
func TestTheShippedAuditFilesPlan(t *testing.T) {
	files, err := filepath.Glob("../fixtures/audits/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no audit files: %v", err)
	}
	env := func(name string) (string, bool) {
		if strings.HasSuffix(name, "_URL") {
			return "http://127.0.0.1:1", true
		}
		return "value", true
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			f, err := audit.LoadFile(file, audit.FileOptions{LookupEnv: env, Size: "smoke"})
			if err != nil {
				t.Fatal(err)
			}
			plan, err := f.Plan()
			if err != nil {
				t.Fatal(err)
			}
			for _, probe := range plan.Suite().Probes {
				for _, c := range probe.Cases() {
					for _, m := range append([]audit.Model{f.Reference}, f.Candidates...) {
						req := models.Request{Messages: []models.Message{{Role: "user", Text: "…"}}, MaxTokens: 1}
						if c.OptionLogprob {
							req.MaxTokens, req.Options = 0, []string{"a", "b"}
						}
						if err := models.CheckSpec(m.Spec, req); err != nil {
							t.Fatalf("%s: %v", c.ID, err)
						}
					}
				}
			}
			if len(plan.Comparisons()) < 4*len(f.Candidates) {
				t.Errorf("%d comparisons of %d candidates: want more", len(plan.Comparisons()), len(f.Candidates))
			}
		})
	}
}

const mixedProbes = `
probe: edge.echo.text
cases: [{prompt: "one", want: {contains: one}}]
`

func TestWhatAProviderDoesNotCarryIsRefusedOrSkippedByName(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "text.yaml"), mixedProbes)
	write(t, filepath.Join(dir, "options.yaml"), `
probe: edge.echo.options
options: [{is: a, text: " x"}, {is: b, text: " y"}]
output: option_logprob
cases: [{prompt: "one", want: {choice: a}}]
`)
	for _, c := range []struct {
		probes, want string
		kept         int
	}{
		{"[./text.yaml, ./options.yaml]", "", 1},
		{"[./options.yaml]", "every probe is skipped", 0},
	} {
		f, err := audit.ParseFile(filepath.Join(dir, "gambit.yaml"), []byte(`
reference: {name: full, provider: openai, model: m}
candidates: [{name: small, provider: openai, model: m}]
unsupported: skip
probes: `+c.probes), audit.FileOptions{})
		if err != nil {
			t.Fatal(err)
		}
		suite, err := f.LoadProbes()
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, want %q", c.probes, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(suite.Probes) != c.kept {
			t.Errorf("%s: %d probes kept, want %d", c.probes, len(suite.Probes), c.kept)
		}
		found := false
		for _, w := range suite.Warnings {
			found = found || strings.Contains(w.Error(), "1 probes skipped") && strings.Contains(w.Error(), "edge.echo.options")
		}
		if !found {
			t.Errorf("warnings %v: want the skipped probe named", suite.Warnings)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Every audit file that comes with the project is in the table of models, with
// what is known of it.
func TestTheShippedAuditFilesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/models.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../fixtures/audits/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{} // the state by file
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) == 6 && strings.Contains(cells[2], ".yaml") {
			_, name, _ := strings.Cut(cells[2], "[")
			name, _, _ = strings.Cut(name, "]")
			rows[name] = strings.TrimSpace(cells[4])
		}
	}
	if len(rows) != len(files) {
		t.Errorf("docs/models.md has %d rows for %d files", len(rows), len(files))
	}
	for _, file := range files {
		if state := rows[filepath.Base(file)]; state != "audited" && state != "protocol only, not audited" {
			t.Errorf("%s is %q: want audited, or protocol only, not audited", file, state)
		}
	}
}
