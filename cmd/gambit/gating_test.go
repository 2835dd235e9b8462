package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/gambit-audit/gambit/reporters"
)

// TestGatingARelease walks through docs/gating-a-release.md: it writes the
// files, runs the commands in order and looks for the output that is shown.
func TestGatingARelease(t *testing.T) {
	if testing.Short() {
		t.Skip("runs whole audits")
	}
	data, err := os.ReadFile("../../docs/gating-a-release.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	url := februaryServer(t)
	t.Setenv("REFERENCE_URL", url)
	t.Setenv("CANDIDATE_URL", url)
	for _, name := range []string{"full", "q8", "q4"} {
		writeShown(t, dir, "# models/"+name+".gguf\n")
	}
	writeKey(t, filepath.Join(dir, "release.key"))
	ran := 0
	for _, b := range blocks(string(data)) {
		switch b.language {
		case "yaml":
			// The specimens are not what this page is about, and take seconds.
			writeShown(t, dir, withoutControls(b.text))
		case "console":
			ran += runShown(t, dir, b.text)
		}
	}
	if ran < 6 {
		t.Errorf("%d commands ran, want those of the page", ran)
	}
}

var auditFile = regexp.MustCompile(`(?m)^candidates:`)

func withoutControls(text string) string {
	if auditFile.MatchString(text) {
		return text + "controls: off\n"
	}
	return text
}

// writeKey stands for `openssl genpkey`.
func writeKey(t *testing.T, name string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

var year = regexp.MustCompile(`[0-9]+`)

// februaryServer knows how many days February has. Its model q4 has lost the
// exception for centuries.
func februaryServer(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /models", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"data": [{"id": "full"}, {"id": "q8"}, {"id": "q4"}]}`)
	})
	mux.HandleFunc("POST /chat/completions", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Model    string
			Messages []struct{ Content json.RawMessage }
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		n, err := strconv.Atoi(year.FindString(string(body.Messages[len(body.Messages)-1].Content)))
		if err != nil {
			http.Error(w, "no year", http.StatusBadRequest)
			return
		}
		days := 28
		if n%4 == 0 && (n%100 != 0 || n%400 == 0 || body.Model == "q4") {
			days = 29
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"model": %q, "choices": [{"message": {"role": "assistant", "content": "%d"}, "finish_reason": "stop"}],
			"usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}}`, body.Model, days)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

var formatsFlag = regexp.MustCompile(`gambit (?:run|report) .*--format ([a-z,-]+)`)

func TestWorkflowsAskForFormatsThatThereAre(t *testing.T) {
	files, err := filepath.Glob("../../docs/ci/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var workflow map[string]any
		if err := yaml.Unmarshal(data, &workflow); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		asked := formatsFlag.FindAllStringSubmatch(string(data), -1)
		if len(asked) == 0 {
			t.Errorf("%s asks for no format", file)
		}
		for _, flag := range asked {
			if _, err := formatNames(flag[1]); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func TestEveryFormatIsDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range reporters.Formats() {
		row := fmt.Sprintf("\n| `%s` | `%s` | ", format, reporters.Filename(format))
		if !strings.Contains(string(data), row) {
			t.Errorf("docs/formats.md lacks the row %q", row)
		}
	}
}
