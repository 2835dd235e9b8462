package audit_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
)

const liveProbe = `
probe: edge.live.capitals
axes:
  country:
    - {id: France, capital: Paris}
    - {id: Italy, capital: Rome}
    - {id: Spain, capital: Madrid}
    - {id: Japan, capital: Tokyo}
    - {id: Egypt, capital: Cairo}
    - {id: Cuba, capital: Havana}
prompt: "What is the capital of {{country.id}}? Answer with one word."
want: {any: ["{{country.capital}}"]}
sampling: {max_tokens: 24}
`

// patience bounds one call, and a server's start: the machine may be busy with
// other work.
const patience = 5 * time.Minute

// TestLiveServers audits real weights behind real servers. It runs where
// GAMBIT_LIVE names a folder filled by fixtures/realmodels/get.sh; on a busy
// machine it wants -timeout 30m.
func TestLiveServers(t *testing.T) {
	dir := os.Getenv("GAMBIT_LIVE")
	if dir == "" {
		t.Skip("GAMBIT_LIVE is not set: expected a folder filled by fixtures/realmodels/get.sh")
	}
	f16, q8 := serve(t, dir, "f16"), serve(t, dir, "q8")
	spec := func(provider, name, url string) string {
		return fmt.Sprintf("{name: %s, provider: %s, model: %s, base_url: %q, timeout: %s, api_key: none}", name, provider, name, url, patience)
	}
	t.Run("openai", func(t *testing.T) {
		checkLive(t, spec("openai", "f16", f16+"/v1"), spec("openai", "q8", q8+"/v1"))
	})
	t.Run("llamacpp", func(t *testing.T) {
		llamacpp := func(name, url string) string {
			return fmt.Sprintf("{name: %s, provider: llamacpp, base_url: %q, timeout: %s}", name, url, patience)
		}
		checkLive(t, llamacpp("f16", f16), llamacpp("q8", q8))
	})
	t.Run("ollama", func(t *testing.T) {
		if _, err := exec.LookPath("ollama"); err != nil {
			t.Skip("ollama is not installed")
		}
		url := "http://" + serveOllama(t, dir)
		ollama := func(name string) string {
			return fmt.Sprintf("{name: %s, provider: ollama, model: %s, base_url: %q, num_ctx: 2048, timeout: %s}", name, name, url, patience)
		}
		checkLive(t, ollama("f16"), ollama("q8"))
	})
}

// checkLive runs a small audit, then rebuilds it from its evidence.
func checkLive(t *testing.T, reference, candidate string) {
	dir := t.TempDir()
	text := fmt.Sprintf("reference: %s\ncandidates: [%s]\nprobes: [probe.yaml]\nsize: smoke\n", reference, candidate)
	plan := planIn(t, dir, text, liveProbe, audit.FileOptions{})
	run := filepath.Join(dir, "run")
	a, err := plan.Run(t.Context(), audit.RunOptions{Dir: run})
	if err != nil {
		t.Fatal(err)
	}
	c := a.Comparisons[0]
	if c.N != 6 || c.Reference.Share < 0.5 {
		t.Errorf("%d pairs, reference %+v: want 6 answered and at least half right; warnings %q", c.N, c.Reference, a.Warnings)
	}
	if c.Verdict == drift.VerdictPass {
		t.Error("six cases passed")
	}
	rebuilt, err := plan.Rebuild(t.Context(), filepath.Join(run, audit.EvidenceFile), audit.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := rebuilt.Comparisons[0].BothPass, c.BothPass; got != want {
		t.Errorf("rebuilt: %d both pass, want %d", got, want)
	}
}

// serve starts llama-server on a model and waits until it is healthy.
func serve(t *testing.T, dir, model string) string {
	t.Helper()
	_, port, _ := strings.Cut(freeAddress(t), ":")
	script, err := filepath.Abs("../fixtures/realmodels/serve.sh")
	if err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(script, dir, model, port))
	url := "http://127.0.0.1:" + port
	waitFor(t, url+"/health")
	return url
}

func serveOllama(t *testing.T, dir string) string {
	t.Helper()
	address := freeAddress(t)
	home := t.TempDir()
	env := append(os.Environ(), "OLLAMA_HOST="+address, "OLLAMA_MODELS="+home)
	server := exec.Command("ollama", "serve")
	server.Env = env
	start(t, server)
	waitFor(t, "http://"+address+"/api/version")
	for name, file := range map[string]string{"f16": "smollm2-f16.gguf", "q8": "smollm2-q8_0.gguf"} {
		recipe := filepath.Join(home, name+".modelfile")
		if err := os.WriteFile(recipe, []byte("FROM "+filepath.Join(dir, "models", file)+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		create := exec.Command("ollama", "create", name, "-f", recipe)
		create.Env = env
		if out, err := create.CombinedOutput(); err != nil {
			t.Fatalf("ollama create %s: %v\n%s", name, err, out)
		}
	}
	return address
}

func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // Ollama ends its runners then
		kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // it was interrupted
		kill.Stop()
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func waitFor(t *testing.T, url string) {
	t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for range patience / (200 * time.Millisecond) {
		resp, err := http.Get(url)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				http.DefaultClient.CloseIdleConnections()
				return
			}
		}
		<-tick.C
	}
	t.Fatalf("%s did not answer within %s", url, patience)
}
