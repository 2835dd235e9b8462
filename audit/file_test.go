package audit_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gambit-audit/gambit/audit"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden files anew")

func TestBadAuditFilesAreRefusedWithTheirPosition(t *testing.T) {
	files, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no bad audit files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, err := audit.LoadFile(file, audit.FileOptions{LookupEnv: func(string) (string, bool) { return "", false }})
			if err == nil {
				t.Fatal("loaded: want an error")
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".out"
			got := err.Error() + "\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnAuditFileIsReadWithItsDefaults(t *testing.T) {
	env := map[string]string{"KEY": "s3cret: with a colon"}
	f, err := audit.ParseFile("dir/gambit.yaml", []byte(`
reference: {name: full, provider: openai, model: m, api_key: "${KEY}"}
candidates: [{model: small, provider: replay, evidence: e.jsonl.gz, bytes: 2.2GB, timeout: 90s, expect: blocked}]
probes: [builtin:edge]
`), audit.FileOptions{LookupEnv: func(k string) (string, bool) { v, ok := env[k]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	c := f.Candidates[0]
	if f.Reference.APIKey != env["KEY"] || c.Name != "small" || c.Bytes != 2_200_000_000 || c.Timeout.Seconds() != 90 ||
		c.Evidence != filepath.Join("dir", "e.jsonl.gz") || c.Expect != "blocked" || c.Concurrency != 8 {
		t.Errorf("reference %+v, candidate %+v", f.Reference, c)
	}
	p := f.Policy
	if f.Size != "standard" || f.Seed != 1 || p.Margin != 0.05 || p.GroupMargin != 0.10 || p.Inconclusive != "block" || p.Uninformative != "warn" {
		t.Errorf("file %+v", f)
	}
	if strings.Contains(string(f.Text), "s3cret") {
		t.Error("the text holds the secret")
	}
}

func TestProblemsComeInTheOrderOfTheKeys(t *testing.T) {
	text := []byte(`
reference: {name: full, provider: openai}
candidates: [{name: small, provider: openai}]
probes: [builtin]
policy: {margin: 5, group_margin: 5, alpha: 5}
`)
	_, first := audit.ParseFile("gambit.yaml", text, audit.FileOptions{})
	if first == nil || strings.Count(first.Error(), "expected a number") != 3 {
		t.Fatalf("got %v, want three problems", first)
	}
	for range 50 {
		if _, err := audit.ParseFile("gambit.yaml", text, audit.FileOptions{}); err.Error() != first.Error() {
			t.Fatalf("(-first +later):\n%s", cmp.Diff(first.Error(), err.Error()))
		}
	}
}

func TestSizesOfWeights(t *testing.T) {
	for text, want := range map[string]int64{
		"98000000": 98_000_000, "98MB": 98_000_000, "1.005MB": 1_005_000, "0.29GB": 290_000_000, "2.2GB": 2_200_000_000, "1.1TB": 1_100_000_000_000,
	} {
		f, err := audit.ParseFile("gambit.yaml", []byte(
			"reference: {name: full, provider: openai}\ncandidates: [{name: small, provider: openai, bytes: "+text+"}]\nprobes: [builtin]\n"), audit.FileOptions{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := f.Candidates[0].Bytes; got != want {
			t.Errorf("%s is %d bytes, want %d", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"99999999999TB": "gambit.yaml:2:53: bytes is 99999999999TB: expected at most 1000TB",
		"2.2":           "gambit.yaml:2:53: bytes is 2.2: expected a unit, such as 2.2GB, or a whole number of bytes",
		"2.2B":          "gambit.yaml:2:53: bytes is 2.2B: expected a unit, such as 2.2GB, or a whole number of bytes",
		"much":          "gambit.yaml:2:53: bytes is the text \"much\": expected a size such as 2.2GB",
	} {
		_, err := audit.ParseFile("gambit.yaml", []byte(
			"reference: {name: full, provider: openai}\ncandidates: [{name: small, provider: openai, bytes: "+text+"}]\nprobes: [builtin]\n"), audit.FileOptions{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestRecordedEvidenceStartsFromTheFolderOfTheAuditFile(t *testing.T) {
	text := []byte(`
reference: {name: full, provider: replay, evidence: e.jsonl.gz}
candidates: [{name: small, provider: replay, evidence: ../e.jsonl.gz}]
probes: [builtin]
`)
	f, err := audit.ParseFile("recorded/pair/gambit.yaml", text, audit.FileOptions{FS: fstest.MapFS{}})
	if err != nil {
		t.Fatal(err)
	}
	if f.Reference.Evidence != "recorded/pair/e.jsonl.gz" || f.Candidates[0].Evidence != "recorded/e.jsonl.gz" {
		t.Errorf("evidence %q and %q", f.Reference.Evidence, f.Candidates[0].Evidence)
	}
}
