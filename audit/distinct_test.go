package audit_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
)

// sevenServer answers 7 to everything, in OpenAI's and in Ollama's protocol, and
// lists the models of list.
func sevenServer(t *testing.T, list string) string {
	t.Helper()
	mux := http.NewServeMux()
	for path, reply := range map[string]string{
		"/v1/models":           list,
		"/v1/chat/completions": `{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"7"}}]}`,
		"/api/tags":            `{"models":[{"name":"tiny:latest","digest":"sha256:cd"}]}`,
		"/api/chat":            `{"message":{"role":"assistant","content":"7"},"done":true,"done_reason":"stop","prompt_eval_count":9,"eval_count":1}`,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, reply) })
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

const sevenProbe = "probe: edge.one.seven\naxes: {n: {count: 3}}\nprompt: \"Say 7, not {{n}}\"\nwant: {numeric: 7}\n"

// runSeven audits a candidate against a reference, in a folder of its own.
func runSeven(t *testing.T, dir, reference, candidate string) (*audit.Plan, *drift.Audit, error) {
	t.Helper()
	for _, name := range []string{"one.gguf", "two.gguf"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := fmt.Sprintf("reference: {name: full, %s}\ncandidates: [{name: small, %s}]\nprobes: [probe.yaml]\nfloor: 0\ncontrols: off\ndifferences: [num_ctx]\n", reference, candidate)
	plan := planIn(t, dir, text, sevenProbe, audit.FileOptions{})
	a, err := plan.Run(t.Context(), audit.RunOptions{Dir: filepath.Join(dir, "run")})
	return plan, a, err
}

func TestACandidateThatIsTheReferenceItselfIsRefused(t *testing.T) {
	one, two := sevenServer(t, `{"data":[{"id":"a"},{"id":"b"}]}`), sevenServer(t, `{"data":[{"id":"a"}]}`)
	llama := sevenServer(t, `{"data":[{"id":"q2","owned_by":"llamacpp"}]}`)
	openai := func(url, model string) string {
		return fmt.Sprintf("provider: openai, base_url: %q, model: %s", url+"/v1", model)
	}
	ollama := func(numCtx int) string {
		return fmt.Sprintf("provider: ollama, base_url: %q, model: tiny, num_ctx: %d", one, numCtx)
	}
	for name, tt := range map[string]struct {
		reference, candidate string
		refused              bool
	}{
		"the same server and model":           {openai(one, "a"), openai(one, "a"), true},
		"another spelling of its address":     {openai(one, "a"), openai(strings.Replace(one, "http://127.0.0.1", "HTTP://localhost", 1), "a"), true},
		"a control that is no other model":    {openai(one, "a"), openai(one, "a") + ", expect: blocked", true},
		"a name that the server passes over":  {openai(llama, "q8"), openai(llama, "q2"), true},
		"other weights named for it":          {openai(one, "a") + ", weights: one.gguf", openai(one, "a") + ", weights: two.gguf", true},
		"the same context length":             {ollama(2048), ollama(2048), true},
		"another context length":              {ollama(4096), ollama(2048), false},
		"another model of the server":         {openai(one, "a"), openai(one, "b"), false},
		"the name on another server":          {openai(one, "a"), openai(two, "a"), false},
		"for information, so meant":           {openai(one, "a"), openai(one, "a") + ", expect: any", false},
		"planted damage, which none may be":   {openai(one, "a"), "provider: planted, of: full, damage: none", false},
		"the same model through two dialects": {openai(one, "a"), ollama(2048), false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, _, err := runSeven(t, dir, tt.reference, tt.candidate)
			if !tt.refused {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), "candidate small is the reference full itself") {
				t.Errorf("got %v, want the candidate refused", err)
			}
			if _, err := os.Stat(filepath.Join(dir, "run", audit.EvidenceFile)); err == nil {
				t.Error("there is evidence: something was asked")
			}
		})
	}
}

// The note is in the report that is made anew from the evidence, too.
func TestTheSameWeightsBehindTwoServersAreNamed(t *testing.T) {
	const list = `{"data":[{"id":"a"}]}`
	openai := fmt.Sprintf("provider: openai, model: a, weights: one.gguf, base_url: %q", sevenServer(t, list)+"/v1")
	for name, tt := range map[string]struct {
		weights string
		noted   bool
	}{
		"the same":  {"one.gguf", true},
		"different": {"two.gguf", false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			plan, a, err := runSeven(t, dir, openai, fmt.Sprintf("provider: openai, model: a, weights: %s, base_url: %q", tt.weights, sevenServer(t, list)+"/v1"))
			if err != nil {
				t.Fatal(err)
			}
			again, err := plan.Rebuild(t.Context(), filepath.Join(dir, "run", audit.EvidenceFile), audit.RunOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range []*drift.Audit{a, again} {
				if got := strings.Join(a.Warnings, "\n"); strings.Contains(got, "small: these are the very weights of full") != tt.noted {
					t.Errorf("warnings %q, want the weights named: %v", got, tt.noted)
				}
			}
		})
	}
}

// Recordings of two models of a server without a list tell them apart by nothing
// but their names.
func TestModelsOfOneRecordingAreNotTakenForOne(t *testing.T) {
	url := sevenServer(t, `{"data":[]}`) + "/v1"
	dir := t.TempDir()
	if _, _, err := runSeven(t, dir, fmt.Sprintf("provider: openai, base_url: %q, model: a", url), fmt.Sprintf("provider: openai, base_url: %q, model: b", url)); err != nil {
		t.Fatal(err)
	}
	evidence := fmt.Sprintf("provider: replay, evidence: %q", filepath.Join(dir, "run", audit.EvidenceFile))
	if _, _, err := runSeven(t, t.TempDir(), evidence, evidence); err != nil {
		t.Errorf("refused: %v", err)
	}
}
