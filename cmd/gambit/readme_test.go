package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// notRun are the commands of the documents that a test cannot run inside itself:
// .ci/run runs the first two, and the others need a network or a workflow.
var notRun = []string{"go tool ginkgo run ./suites/...", "go test ./...", "git clone", "go install", "openssl"}

// TestDocuments writes the files that a document shows, runs its commands in
// order, and looks for the output it shows, line by line; "…" stands for
// lines that are left out.
func TestDocuments(t *testing.T) {
	if testing.Short() {
		t.Skip("runs whole audits")
	}
	url := leapServer(t)
	t.Setenv("REFERENCE_URL", url)
	t.Setenv("CANDIDATE_URL", url)
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("CHECKOUT", checkout)
	for _, name := range []string{"README.md", "docs/writing-probes.md", "docs/benchmarks.md"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "bbq"), os.DirFS("../../importers/testdata/bbq")); err != nil {
				t.Fatal(err)
			}
			ran := 0
			for _, b := range blocks(string(data)) {
				switch b.language {
				case "yaml", "go":
					writeShown(t, dir, b.text)
				case "console":
					ran += runShown(t, dir, b.text)
				}
			}
			if ran == 0 {
				t.Error("it shows no command")
			}
		})
	}
}

var askedYear = regexp.MustCompile(`\b\d{4}\b`)

// leapServer speaks the chat protocol and tells the days of February in the year
// that it is asked about.
func leapServer(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /models", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data": [{"id": "full"}, {"id": "q4"}]}`)
	})
	mux.HandleFunc("POST /chat/completions", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		year, _ := strconv.Atoi(askedYear.FindString(string(body)))
		days := time.Date(year, time.March, 0, 0, 0, 0, 0, time.UTC).Day()
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"model": "m", "choices": [{"message": {"role": "assistant", "content": "%d"}, "finish_reason": "stop"}],
			"usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}}`, days)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

type block struct{ language, text string }

// blocks are the fenced blocks of a Markdown text.
func blocks(text string) []block {
	var list []block
	parts := strings.Split(text, "\n```")
	for i := 1; i < len(parts); i += 2 {
		language, body, _ := strings.Cut(parts[i], "\n")
		list = append(list, block{language, body + "\n"})
	}
	return list
}

// writeShown writes a block whose first line names its file: "# FILE" or
// "// FILE".
func writeShown(t *testing.T, dir, text string) {
	t.Helper()
	first, _, _ := strings.Cut(text, "\n")
	name := strings.TrimLeft(first, "#/ ")
	if strings.ContainsAny(name, " :") || name == "" {
		t.Errorf("a block without the name of its file in the first line: %q", first)
		return
	}
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// runShown runs each "$ COMMAND" and checks the lines below it.
func runShown(t *testing.T, dir, text string) int {
	t.Helper()
	ran := 0
	for part := range strings.SplitSeq("\n"+text, "\n$ ") {
		command, shown, _ := strings.Cut(part, "\n")
		if command == "" {
			continue
		}
		got := ""
		if !skipped(command) {
			cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code > 1 {
				t.Errorf("$ %s\n%s\n%v", command, out, err)
			}
			got = string(out)
			ran++
		} else if strings.HasPrefix(command, "go tool ginkgo") {
			got = summary(t, "builtin:recorded") + summary(t, "builtin:specimens") // what the suites print
		}
		checkShown(t, command, shown, got)
	}
	return ran
}

func skipped(command string) bool {
	for _, prefix := range notRun {
		if strings.HasPrefix(command, prefix) {
			return true
		}
	}
	return false
}

// summary is what a suite prints of a shipped audit.
func summary(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "gambit", "run", "--audit", name, "--out", t.TempDir()).Output()
	if err != nil {
		t.Fatalf("gambit run --audit %s: %v", name, err)
	}
	return string(out)
}

// checkShown looks for the shown lines in the output, in order.
func checkShown(t *testing.T, command, shown, got string) {
	t.Helper()
	rest := got
	for line := range strings.Lines(shown) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) == "" || strings.TrimSpace(line) == "…" {
			continue
		}
		_, after, found := strings.Cut(rest, line)
		if !found {
			t.Errorf("$ %s\nit shows, and the output lacks:\n%s\noutput:\n%s", command, line, got)
			return
		}
		rest = after
	}
}
