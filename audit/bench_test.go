package audit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
	"golang.org/x/sync/errgroup"
)

const (
	benchCases   = 2000
	benchSlots   = 64
	benchLatency = 50 * time.Millisecond
)

// slowServer speaks the chat protocol: every answer takes benchLatency, and
// benchSlots of each model are served at a time.
func slowServer(b *testing.B) string {
	b.Helper()
	mux := http.NewServeMux()
	for _, name := range []string{"full", "small"} {
		slots := make(chan struct{}, benchSlots)
		mux.HandleFunc("POST /"+name+"/chat/completions", func(w http.ResponseWriter, _ *http.Request) {
			slots <- struct{}{}
			time.Sleep(benchLatency)
			<-slots
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"7"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}`)
		})
		mux.HandleFunc("GET /"+name+"/models", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"object":"list","data":[{"id":"m","object":"model"}]}`)
		})
	}
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	return server.URL
}

// BenchmarkAuditAgainstBareLoop runs the whole engine (plan, ask, evidence on
// disk, score, judge) and a bare loop over the same client library with the
// same concurrency, and reports the engine's rate as a share of the loop's.
func BenchmarkAuditAgainstBareLoop(b *testing.B) {
	url := slowServer(b)
	var engine, bare time.Duration
	for b.Loop() {
		bare += timed(b, func() error { return bareLoop(b.Context(), url) })
		engine += timed(b, func() error { return engineRun(b, url) })
	}
	b.ReportMetric(bare.Seconds()/engine.Seconds(), "of-bare-loop")
	b.ReportMetric(2*benchCases*float64(b.N)/engine.Seconds(), "answers/s")
}

func timed(b *testing.B, f func() error) time.Duration {
	b.Helper()
	start := time.Now()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

func engineRun(b *testing.B, url string) error {
	dir := b.TempDir()
	probe := fmt.Sprintf("probe: edge.bench.echo\naxes: {n: {count: %d}}\nprompt: \"Say number {{n}}\"\nwant: {numeric: 7}\n", benchCases)
	text := fmt.Sprintf(`
reference: {name: full, provider: openai, model: m, base_url: "%s/full", api_key: none}
candidates: [{name: small, provider: openai, model: m, base_url: "%s/small", api_key: none}]
probes: [probe.yaml]
concurrency: %d
`, url, url, benchSlots)
	plan := planIn(b, dir, text, probe, audit.FileOptions{})
	a, err := plan.Run(b.Context(), audit.RunOptions{Dir: filepath.Join(dir, "run")})
	if err == nil && a.Comparisons[0].N != benchCases {
		err = fmt.Errorf("%d pairs: want %d", a.Comparisons[0].N, benchCases)
	}
	return err
}

func bareLoop(ctx context.Context, url string) error {
	var g errgroup.Group
	for _, name := range []string{"full", "small"} {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchSlots}}
		defer client.CloseIdleConnections()
		llm, err := openai.New(openai.WithBaseURL(url+"/"+name), openai.WithToken("none"), openai.WithModel("m"), openai.WithHTTPClient(client))
		if err != nil {
			return err
		}
		g.Go(func() error {
			var one errgroup.Group
			one.SetLimit(benchSlots)
			for i := range benchCases {
				one.Go(func() error {
					_, err := llms.GenerateFromSinglePrompt(ctx, llm, fmt.Sprintf("Say number %d", i+1))
					return err
				})
			}
			return one.Wait()
		})
	}
	return g.Wait()
}
