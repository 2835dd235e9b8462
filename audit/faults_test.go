package audit_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
)

// stormy is a server of two models, full and small, that goes wrong for some
// questions: at their first call, or for ever.
type stormy struct {
	*httptest.Server
	forever bool
	faults  []func(http.ResponseWriter) // by the last two digits of the question's number

	mu    sync.Mutex
	calls map[string]int // by model and question
}

func newStormy(t *testing.T, forever bool, faults []func(http.ResponseWriter)) *stormy {
	s := &stormy{forever: forever, faults: faults, calls: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{model}/chat/completions", s.chat)
	mux.HandleFunc("GET /{model}/models", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"data":[{"id":"m"}]}`)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *stormy) chat(w http.ResponseWriter, r *http.Request) {
	var req struct{ Messages []struct{ Content string } }
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var n int
	fmt.Sscanf(req.Messages[0].Content, "Say number %d", &n)
	model := r.PathValue("model")
	s.mu.Lock()
	key := fmt.Sprint(model, n)
	s.calls[key]++
	first := s.calls[key] == 1
	s.mu.Unlock()
	if at := n % 100; at < len(s.faults) && (first || s.forever) {
		s.faults[at](w)
		return
	}
	said := n
	if model == "small" && n%10 == 9 {
		said = n + 1 // wrong for a tenth
	}
	fmt.Fprintf(w, `{"model":"m","choices":[{"message":{"content":"%d"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1}}`, said)
}

func (s *stormy) audit(t *testing.T, dir, more string) *drift.Audit {
	t.Helper()
	plan := planIn(t, dir, fmt.Sprintf(`
reference: {name: full, provider: openai, model: m, base_url: "%s/full"}
candidates: [{name: small, provider: openai, model: m, base_url: "%s/small"}]
probes: [probe.yaml]
concurrency: 64
curtail: off
floor: 0
controls: off
%s`, s.URL, s.URL, more), stormyProbe, audit.FileOptions{})
	a, err := plan.Run(t.Context(), audit.RunOptions{Dir: filepath.Join(dir, "run")})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const stormyProbe = "probe: edge.echo.number\naxes: {n: {count: 2000}}\nprompt: \"Say number {{n}}\"\nwant: {numeric: \"{{n}}\"}\n"

func fails(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(code); io.WriteString(w, `{"error":{"message":"busy"}}`) }
}

func writes(text string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { io.WriteString(w, text) }
}

// 2,000 cases of two models with 3 % 429, 2 % 500 and 1 % malformed bodies.
func TestFaultsThatPassLoseNothing(t *testing.T) {
	malformed := writes(`{"model":"m","choices":[{"mess`)
	s := newStormy(t, false, []func(http.ResponseWriter){fails(429), fails(429), fails(429), fails(500), fails(500), malformed})
	a := s.audit(t, t.TempDir(), "policy: {margin: 0.15}\n")
	c := a.Comparisons[0]
	if c.N != 2000 || c.Excluded != 0 {
		t.Errorf("%d pairs with %d left out, want 2000 and none; warnings %q", c.N, c.Excluded, a.Warnings)
	}
	if c.BothPass != 1800 || c.Loss != 200 {
		t.Errorf("%d both pass and %d are lost, want 1800 and 200", c.BothPass, c.Loss)
	}
	if !a.Gate.Passed || a.Gate.Status != 0 {
		t.Errorf("gate %+v, want passed", a.Gate)
	}
	if got := len(s.calls); got != 4000 {
		t.Errorf("%d questions were asked, want 4000", got)
	}
	for key, n := range s.calls {
		if n > 2 {
			t.Errorf("%s was asked %d times, want once more than failed", key, n)
		}
	}
}

// 1 % each of empty answers, error objects and pages, for ever.
func TestFaultsThatStayLeaveNamedCasesUndecided(t *testing.T) {
	empty := writes(`{"model":"m","choices":[{"message":{"content":""},"finish_reason":"stop"}]}`)
	page := writes("<!doctype html><title>Sign in</title>")
	s := newStormy(t, true, []func(http.ResponseWriter){empty, writes(`{"error":{"message":"overloaded"}}`), page})
	// A case is asked of both models, so that the coverage stays over 95 %.
	a := s.audit(t, t.TempDir(), "policy: {margin: 0.15}\n")
	c := a.Comparisons[0]
	if c.N != 1940 || c.Excluded != 60 {
		t.Errorf("%d pairs with %d left out, want 1940 and 60", c.N, c.Excluded)
	}
	if c.BothPass != 1740 || c.Loss != 200 {
		t.Errorf("%d both pass and %d are lost, want 1740 and 200", c.BothPass, c.Loss)
	}
	warnings := strings.Join(a.Warnings, "\n")
	for _, want := range []string{
		"20 calls failed: the reply holds no text (this may be the model's own doing)", "20 calls failed: overloaded",
		`20 calls failed: /full/chat/completions: expected JSON, got "<!doctype html><title>Sign in</title>"`,
	} {
		if !strings.Contains(warnings, want) {
			t.Errorf("warnings %q: want %q", a.Warnings, want)
		}
	}
	undecided := 0
	for _, pair := range a.Pairs {
		for _, o := range []drift.Observation{pair.Reference, pair.Pair.Candidate} {
			if o.Outcome != drift.Undecided {
				continue
			}
			undecided++
			if o.Reason != models.KindError || o.Detail == "" {
				t.Errorf("case %s is undecided for %q: %q", pair.Case, o.Reason, o.Detail)
			}
		}
	}
	if undecided != 120 {
		t.Errorf("%d observations are undecided, want 120", undecided)
	}
}

// An endpoint that dies half-way is given up; the same command goes on.
func TestADeadEndpointIsGivenUpAndGoneOnWith(t *testing.T) {
	dir := t.TempDir()
	s := newStormy(t, true, nil)
	var faults []func(http.ResponseWriter)
	dead := fails(http.StatusBadRequest) // not tried again, so that the test is quick
	for range 100 {
		faults = append(faults, dead)
	}
	s.mu.Lock()
	s.faults = faults
	s.mu.Unlock()
	first := s.audit(t, dir, "")
	if first.Gate.Status != 3 {
		t.Errorf("status %d, want 3: %q", first.Gate.Status, first.Gate.Reasons)
	}
	if calls := first.Reference.Calls; calls < 84 || calls > 84+64 {
		t.Errorf("%d calls to a dead server, want 84 and those in flight", calls)
	}
	if warnings := strings.Join(first.Warnings, "\n"); !strings.Contains(warnings, "full: given up after 84 calls in a row failed: HTTP 400: busy; the same command goes on") {
		t.Errorf("warnings %q", first.Warnings)
	}
	s.mu.Lock()
	s.faults = nil
	s.mu.Unlock()
	second := s.audit(t, dir, "")
	if c := second.Comparisons[0]; c.N != 2000 {
		t.Errorf("%d pairs after the server came back, want 2000", c.N)
	}
}
