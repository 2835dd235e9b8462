//go:build unix

package audit_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"
	"golang.org/x/sync/errgroup"
)

const (
	benchCases = 2000
	benchSlots = 64
)

// A benchmark has done in a process of its own what is not to be counted, or is
// to be counted alone.
func init() {
	children["serve"] = func(latency string) error {
		d, err := time.ParseDuration(latency)
		if err != nil {
			return err
		}
		fmt.Println(slowServer(d).URL)
		select {} // until it is killed
	}
	children["replay"] = replay
	children["record"] = func(what string) error {
		var count, cases int
		var dir string
		if _, err := fmt.Sscan(what, &count, &cases, &dir); err != nil {
			return err
		}
		if err := recordBench(dir, count, cases); err != nil {
			return err
		}
		_, err := fmt.Println("recorded")
		return err
	}
}

// startChild starts this binary as a child and returns its first line.
func startChild(b *testing.B, what string) (line string) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childTask+"="+what)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	line, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("%s: %v", what, err)
	}
	return strings.TrimSpace(line)
}

// slowServer speaks the chat protocol: every answer takes the latency, and
// benchSlots of each model are served at a time.
func slowServer(latency time.Duration) *httptest.Server {
	mux := http.NewServeMux()
	for _, name := range []string{"full", "small"} {
		slots := make(chan struct{}, benchSlots)
		mux.HandleFunc("POST /"+name+"/chat/completions", func(w http.ResponseWriter, _ *http.Request) {
			slots <- struct{}{}
			time.Sleep(latency)
			<-slots
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"id":"1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"7"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}}`)
		})
		mux.HandleFunc("GET /"+name+"/models", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"object":"list","data":[{"id":"m","object":"model"}]}`)
		})
	}
	return httptest.NewServer(mux)
}

// used is what this process has taken.
type used struct {
	wall, cpu time.Duration
	allocs    uint64
}

func measured(b *testing.B, do func() error) used {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, cpu := time.Now(), cpuTime()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	u := used{wall: time.Since(start), cpu: cpuTime() - cpu}
	runtime.ReadMemStats(&after)
	u.allocs = after.Mallocs - before.Mallocs
	return u
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkAuditAgainstBareLoop runs the whole engine (plan, ask, evidence on
// disk, score, judge) and a bare loop over the same client library with the
// same concurrency, in turns, against a server in a process of its own.
func BenchmarkAuditAgainstBareLoop(b *testing.B) {
	for _, latency := range []string{"0s", "50ms"} {
		b.Run("latency="+latency, func(b *testing.B) {
			url := startChild(b, "serve "+latency)
			var engine, bare used
			var asking time.Duration
			for b.Loop() {
				bare = bare.plus(measured(b, func() error { return bareLoop(b.Context(), url) }))
				engine = engine.plus(measured(b, func() error {
					took, err := engineRun(b, url)
					asking += took
					return err
				}))
			}
			calls := float64(2 * benchCases * b.N)
			b.ReportMetric(bare.wall.Seconds()/asking.Seconds(), "rate/bare")
			b.ReportMetric(bare.wall.Seconds()/engine.wall.Seconds(), "whole-rate/bare")
			b.ReportMetric(engine.cpu.Seconds()/bare.cpu.Seconds(), "cpu/bare")
			b.ReportMetric(engine.cpu.Seconds()*1000/calls, "cpu-ms/call")
			b.ReportMetric(float64(engine.allocs)/calls, "allocs/call")
			b.ReportMetric(float64(bare.allocs)/calls, "bare-allocs/call")
			b.ReportMetric(calls/engine.wall.Seconds(), "answers/s")
		})
	}
}

func (u used) plus(v used) used {
	return used{u.wall + v.wall, u.cpu + v.cpu, u.allocs + v.allocs}
}

func benchProbe(cases int) string {
	return fmt.Sprintf("probe: edge.bench.echo\naxes: {n: {count: %d}}\nprompt: \"Say number {{n}}\"\nwant: {numeric: 7}\n", cases)
}

// engineRun plans, runs and judges a whole audit. Asking is the time from the
// start of the run until the last answer was on disk and scored.
func engineRun(b *testing.B, url string) (asking time.Duration, err error) {
	dir := b.TempDir()
	text := fmt.Sprintf(`
reference: {name: full, provider: openai, model: m, base_url: "%s/full", api_key: none}
candidates: [{name: small, provider: openai, model: m, base_url: "%s/small", api_key: none}]
probes: [probe.yaml]
concurrency: %d
curtail: off
floor: 0
controls: off
`, url, url, benchSlots)
	plan := planIn(b, dir, text, benchProbe(benchCases), audit.FileOptions{})
	start := time.Now()
	a, err := plan.Run(b.Context(), audit.RunOptions{
		Dir:      filepath.Join(dir, "run"),
		Progress: func(audit.Progress) { asking = time.Since(start) },
	})
	if err == nil && a.Comparisons[0].N != benchCases {
		err = fmt.Errorf("%d pairs: want %d", a.Comparisons[0].N, benchCases)
	}
	return asking, err
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

const replayAudit = `
reference: {name: full, provider: openai, model: x}
candidates: [{name: small, provider: openai, model: y}]
probes: [probes]
curtail: off
floor: 0
controls: off
`

// BenchmarkReplay judges kept evidence anew in a process of its own, and reports
// how much memory that took at most.
func BenchmarkReplay(b *testing.B) {
	for _, size := range []struct{ probes, cases int }{{1, 10_000}, {10, 10_000}, {100, 10_000}, {1, 100_000}} {
		b.Run(fmt.Sprintf("probes=%d,cases=%d", size.probes, size.cases), func(b *testing.B) {
			dir := b.TempDir()
			// In a child too: a process begins with the peak of the one that started it.
			if got := startChild(b, fmt.Sprintf("record %d %d %s", size.probes, size.cases, dir)); got != "recorded" {
				b.Fatal(got)
			}
			cases := size.probes * size.cases
			for b.Loop() {
				var seconds, cpu, megabytes float64
				if _, err := fmt.Sscan(startChild(b, "replay "+dir), &seconds, &cpu, &megabytes); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(megabytes, "MB")
				b.ReportMetric(cpu, "cpu-s")
				b.ReportMetric(2*float64(cases)/seconds, "answers/s")
			}
		})
	}
}

// replayProbe has 100 clusters of cases.
func replayProbe(number, cases int) string {
	return fmt.Sprintf("probe: edge.bench.echo%d\naxes: {a: {count: 100}, b: {count: %d}}\nprompt: \"%d: say number {{a}} {{b}}\"\nwant: {numeric: 7}\n",
		number, cases/100, number)
}

// recordBench writes probes of so many cases each, the audit file and the
// evidence of a finished run.
func recordBench(dir string, count, cases int) (err error) {
	for _, folder := range []string{"probes", "run"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			return err
		}
	}
	for i := range count {
		name := filepath.Join(dir, "probes", fmt.Sprintf("%d.yaml", i))
		if err := os.WriteFile(name, []byte(replayProbe(i, cases)), 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "gambit.yaml"), []byte(replayAudit), 0o644); err != nil {
		return err
	}
	plan, err := planFrom(dir)
	if err != nil {
		return err
	}
	journal, _, err := models.OpenJournal(filepath.Join(dir, "run", audit.EvidenceFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	for _, m := range []audit.Model{plan.File().Reference, plan.File().Candidates[0]} {
		if err := recordModel(journal, models.NewModelRecord(m.Spec, models.Info{}), plan); err != nil {
			return err
		}
	}
	return nil
}

// recordModel writes the answers of one model. One in 17 is wrong, and they are
// put in several ways.
func recordModel(journal *models.Journal, record models.ModelRecord, plan *audit.Plan) error {
	if err := journal.Append(record); err != nil {
		return err
	}
	for _, probe := range plan.Suite().Probes {
		for i, c := range probe.Cases() {
			text := "7"
			switch n := i + len(record.Name); {
			case n%17 == 0:
				text = fmt.Sprintf("I think it is %d, or so.", 8+n%5)
			case n%3 == 0:
				text = "The answer is 7."
			}
			req := models.Request{Messages: []models.Message{{Role: "user", Text: c.Steps[0].User()}}, MaxTokens: c.Sampling.MaxTokens}
			answer := models.AnsweredRecord{Model: record.Name, Identity: record.Identity, Case: c.ID, Response: says(text)}
			if err := journal.Answer(req, answer); err != nil {
				return err
			}
		}
		probe.Forget()
	}
	return nil
}

// replay judges the run in a folder and prints the seconds that it took, those of
// the processors, and the most megabytes that were resident.
func replay(dir string) error {
	start := time.Now()
	plan, err := planFrom(dir)
	if err != nil {
		return err
	}
	pairs, cases := 0, 0
	a, err := plan.Rebuild(context.Background(), filepath.Join(dir, "run", audit.EvidenceFile), audit.RunOptions{
		Pair: func(drift.ProbePair) error { pairs++; return nil },
	})
	if err != nil {
		return err
	}
	for _, c := range a.Comparisons {
		cases += c.N
	}
	if cases == 0 || pairs != cases {
		return fmt.Errorf("%d pairs, and %d in comparisons", pairs, cases)
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return err
	}
	kilobytes := u.Maxrss
	if runtime.GOOS == "darwin" {
		kilobytes /= 1024 // it counts bytes
	}
	_, err = fmt.Println(time.Since(start).Seconds(), cpuTime().Seconds(), float64(kilobytes)/1000)
	return err
}
