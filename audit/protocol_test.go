package audit_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
)

// protocolServer speaks the protocols of llama-server, OpenAI and the fill-mask
// pipeline, far enough for whole audits. Its model has tokens of four bytes, says
// "A" and prefers short options.
func protocolServer(t *testing.T) string {
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, v any) {
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}
	type object = map[string]any
	mux.HandleFunc("GET /props", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, object{"default_generation_settings": object{"n_ctx": 16384}, "total_slots": 4, "model_path": "/models/weights.gguf"})
	})
	mux.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		list := []object{{"id": "weights.gguf", "owned_by": "llamacpp", "meta": object{"n_vocab": vocabulary, "n_ctx": 16384}}}
		if !strings.Contains(t.Name(), "gpt") {
			reply(w, object{"data": list})
			return
		}
		reply(w, object{"data": []object{{"id": "gpt-4o-2024-08-06"}, {"id": "gpt-4o-mini-2024-07-18"}}})
	})
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		in := read[struct{ Messages []struct{ Content string } }](t, r)
		reply(w, object{"model": "served", "choices": []object{{"message": object{"content": "A"}, "finish_reason": "stop"}},
			"usage": object{"prompt_tokens": len(in.Messages[0].Content)/4 + 1, "completion_tokens": 1}})
	})
	mux.HandleFunc("POST /apply-template", func(w http.ResponseWriter, r *http.Request) {
		in := read[struct {
			Messages []struct{ Role, Content string }
		}](t, r)
		prompt := ""
		for _, m := range in.Messages {
			prompt += "<" + m.Role + ">" + m.Content
		}
		reply(w, object{"prompt": prompt + "<assistant>"})
	})
	mux.HandleFunc("POST /tokenize", func(w http.ResponseWriter, r *http.Request) {
		in := read[struct{ Content string }](t, r)
		tokens := []object{}
		for chunk := range slices.Chunk([]byte(in.Content), 4) {
			tokens = append(tokens, object{"id": tokenOf(chunk), "piece": "text"})
		}
		reply(w, object{"tokens": tokens})
	})
	mux.HandleFunc("POST /completion", func(w http.ResponseWriter, r *http.Request) { reply(w, complete(t, r)) })
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		in := read[struct {
			Inputs     string
			Parameters struct{ Targets []string }
		}](t, r)
		if !strings.Contains(in.Inputs, "[MASK]") {
			http.Error(w, `{"error":"No mask_token ([MASK]) found on the input"}`, http.StatusUnprocessableEntity)
			return
		}
		list := []object{}
		for _, word := range in.Parameters.Targets {
			list = append(list, object{"score": 1 / float64(1+len(word)), "token_str": strings.ToLower(word)})
		}
		reply(w, list)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

const vocabulary = 32000

func tokenOf(chunk []byte) int {
	id := 0
	for _, b := range chunk {
		id = (id*31 + int(b)) % vocabulary
	}
	return id
}

// complete answers /completion: it writes "A", or the one token that is forced.
func complete(t *testing.T, r *http.Request) map[string]any {
	in := read[struct {
		Prompt json.RawMessage `json:"prompt"`
		Bias   [][]float64     `json:"logit_bias"`
		Slot   int             `json:"id_slot"`
	}](t, r)
	if in.Slot < 0 || in.Slot > 3 {
		t.Errorf("slot %d: the server has four", in.Slot)
	}
	var text string
	var ids []int
	if json.Unmarshal(in.Prompt, &text) == nil {
		return map[string]any{"content": "A", "model": "weights.gguf", "stop_type": "eos", "tokens_evaluated": (len(text) + 3) / 4, "tokens_predicted": 1}
	}
	if err := json.Unmarshal(in.Prompt, &ids); err != nil || len(in.Bias) != 1 {
		t.Errorf("prompt %s with bias %v: want ids and one forced token", in.Prompt, in.Bias)
		return nil
	}
	forced := int(in.Bias[0][0])
	return map[string]any{"content": "x", "model": "weights.gguf", "stop_type": "limit", "tokens_evaluated": len(ids), "tokens_predicted": 1,
		"completion_probabilities": []any{map[string]any{"id": forced, "logprob": -1 - float64(forced%97)/97}}}
}

func read[T any](t *testing.T, r *http.Request) T {
	var v T
	if err := json.NewDecoder(r.Body).Decode(&v); err != nil {
		t.Errorf("%s: %v", r.URL.Path, err)
	}
	return v
}

// Each audit file that comes with the project is run, at size smoke and with a
// few probes of every pack, against a server that speaks its protocol: whatever
// is asked is answered.
func TestTheShippedAuditFilesRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every audit that is shipped")
	}
	files, err := filepath.Glob("../fixtures/audits/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no audit files: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			f, err := audit.LoadFile(name, audit.FileOptions{Size: "smoke", LookupEnv: func(name string) (string, bool) {
				if strings.HasSuffix(name, "_URL") {
					return "http://127.0.0.1:1", true
				}
				return filepath.Join("testdata", "weights.gguf"), true
			}})
			if err != nil {
				t.Fatal(err)
			}
			f.Controls = false
			redirect(t, protocolServer(t), &f.Reference)
			for i := range f.Candidates {
				redirect(t, protocolServer(t), &f.Candidates[i])
			}
			plan, err := f.Plan()
			if err != nil {
				t.Fatal(err)
			}
			chosen := map[string]bool{}
			packs := map[string]int{}
			for _, probe := range plan.Suite().Probes {
				if packs[probe.Pack]++; packs[probe.Pack] <= 2 {
					chosen[probe.ID] = true
				}
			}
			err = plan.Select(func(id audit.ComparisonID) bool { return chosen[id.Probe] }, func(audit.MandatoryID) bool { return false })
			if err != nil {
				t.Fatal(err)
			}
			a, err := plan.Run(t.Context(), audit.RunOptions{Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			expectAnswered(t, a)
		})
	}
}

// redirect sends a model's calls to the test's server.
func redirect(t *testing.T, url string, m *audit.Model) {
	provider := m.Provider
	if m.Planted != nil {
		provider = m.Planted.Provider
	}
	switch provider {
	case "openai":
		m.BaseURL = url + "/v1"
	case "llamacpp", "fillmask":
		m.BaseURL = url
	default:
		t.Fatalf("provider %s: the test's server does not speak its protocol", provider)
	}
	if m.Weights != "" {
		m.Weights = "../models/testdata/weights.gguf"
	}
}

func expectAnswered(t *testing.T, a *drift.Audit) {
	t.Helper()
	if len(a.Comparisons) == 0 || a.Reference.Calls == 0 {
		t.Fatal("nothing was compared")
	}
	for _, c := range a.Comparisons {
		if c.Excluded > 0 || c.N == 0 {
			t.Errorf("%s %s on %s: %d pairs, %d without an answer", c.Probe, c.Group, c.Candidate, c.N, c.Excluded)
		}
	}
	for _, w := range a.Warnings {
		if strings.Contains(w, "failed") || strings.Contains(w, "no answer") || strings.Contains(w, "given up") {
			t.Error(w)
		}
	}
}
