package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gambit-audit/gambit/reporters"
)

// Each canary stands where a secret may stand.
const (
	canaryKey    = "sk-canary-in-the-key-0123456789"
	canaryFile   = "sk-canary-in-a-file-0123456789"
	canaryHeader = "canary-in-a-header"
	canaryQuery  = "canary-in-a-query"
	canaryUser   = "canary-in-a-password"
)

// indiscreet repeats what it was sent wherever a server has words of its own:
// names, answers, errors, pages, redirects and headers.
func indiscreet(w http.ResponseWriter, r *http.Request, call int64) {
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	w.Header().Set("Set-Cookie", "session="+canaryHeader)
	w.Header().Set("X-Request-Id", canaryHeader)
	switch {
	case strings.HasSuffix(r.URL.Path, "/models"):
		fmt.Fprintf(w, `{"data":[{"id":"m"},{"id":"n"},{"id":%q}]}`, key)
	case call%10 == 1:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":{"message":"got the header Authorization: Bearer %s"}}`, key)
	case call%10 == 2:
		fmt.Fprintf(w, "<html>%s</html>", key)
	case call%10 == 3:
		w.Header().Set("Location", r.URL.Path+"?key="+key+"&token="+canaryQuery)
		w.WriteHeader(http.StatusFound)
	case call%10 == 4:
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"message":"%s has expired"}`, key)
	case call%10 == 5:
		fmt.Fprintf(w, `{"error":"no such key: %s"}`, key)
	default:
		fmt.Fprintf(w, `{"model":"m-%s","choices":[{"message":{"content":"1 %s"},"finish_reason":"stop"}]}`, key, key)
	}
}

const secretAudit = `
reference: {name: full, provider: openai, model: m, base_url: "${SERVER}", api_key: "${CANARY_KEY}", attempts: 1}
candidates: [{name: q4, provider: openai, model: n, base_url: "${SERVER}", api_key: {file: "${KEY_FILE}"}, attempts: 1}]
probes: [./probe.yaml]
controls: off
`

func TestNoSecretIsWritten(t *testing.T) {
	var calls, byFile atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+canaryFile {
			byFile.Add(1)
		}
		indiscreet(w, r, calls.Add(1))
	}))
	defer server.Close()
	dir := t.TempDir()
	t.Setenv("CANARY_KEY", canaryKey)
	t.Setenv("SERVER", server.URL+"/v1")
	keys := t.TempDir()
	t.Setenv("KEY_FILE", filepath.Join(keys, "key"))
	put(t, filepath.Join(keys, "key"), canaryFile+"\n")
	audit := filepath.Join(dir, "gambit.yaml")
	put(t, audit, secretAudit)
	put(t, filepath.Join(dir, "probe.yaml"), "probe: own.count.echo\nharm: edge-case\naxes: {n: {count: 100}}\nprompt: \"Repeat {{n}}\"\nwant: {numeric: 1}\n")

	var shown bytes.Buffer
	run([]string{"run", "--audit", audit, "--out", filepath.Join(dir, "runs"), "--format", strings.Join(reporters.Formats(), ",")}, &shown, &shown)
	runs, err := filepath.Glob(filepath.Join(dir, "runs", "*"))
	if err != nil || len(runs) != 1 {
		t.Fatalf("runs %v: %v\n%s", runs, err, &shown)
	}
	for _, args := range [][]string{
		{"report", runs[0], "--audit", audit}, {"report", runs[0], "--format", "json"}, {"plan", "--audit", audit},
		{"lint", audit}, {"try", "own.count.echo", "--audit", audit, "--model", "q4"}, {"history", filepath.Join(dir, "runs")},
	} {
		run(args, &shown, &shown)
	}
	for _, url := range []string{
		strings.Replace(server.URL, "http://", "http://user:"+canaryUser+"@", 1), server.URL + "/v1?token=" + canaryQuery,
		"user:" + canaryUser + "@127.0.0.1/v1",
	} {
		t.Setenv("SERVER", url)
		if status := run([]string{"run", "--audit", audit, "--out", filepath.Join(dir, "refused")}, &shown, &shown); status == statusOK {
			t.Errorf("base_url %s was taken", url)
		}
	}

	t.Setenv("SERVER", server.URL+"/v1")
	for text, want := range map[string]string{"": "is empty", "sk-1\n": "fewer than 8 bytes", canaryFile + "\n" + canaryFile: "several lines"} {
		put(t, filepath.Join(keys, "key"), text)
		if status := run([]string{"run", "--audit", audit, "--out", filepath.Join(dir, "refused")}, &shown, &shown); status == statusOK || !strings.Contains(shown.String(), want) {
			t.Errorf("key file %q was taken", text)
		}
	}

	if byFile.Load() < 100 || !strings.Contains(shown.String(), "others can read") {
		t.Errorf("%d calls with the key out of its file: want all of one model, and a note that others can read the file", byFile.Load())
	}
	if calls.Load() < 200 {
		t.Errorf("%d calls: want all cases asked", calls.Load())
	}
	refuse(t, "output", shown.String())
	files := 0
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		refuse(t, path, string(text))
		return err
	})
	if err != nil || files < len(reporters.Formats()) {
		t.Errorf("%d files were looked at: %v", files, err)
	}
}

// refuse finds canaries.
func refuse(t *testing.T, where, text string) {
	t.Helper()
	for _, canary := range []string{canaryKey, canaryFile, canaryHeader, canaryQuery, canaryUser} {
		if at := strings.Index(text, canary); at >= 0 {
			t.Errorf("%s holds a secret: …%s…", where, text[max(0, at-80):at+len(canary)])
		}
	}
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
