package audit_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
)

// benchmarks is the folder of public benchmark files; the test is skipped where
// GAMBIT_DATA names none.
func benchmarks(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("GAMBIT_DATA")
	if dir == "" {
		t.Skip("GAMBIT_DATA names no folder of benchmark files")
	}
	return dir
}

// runFile runs an audit file that needs no server.
func runFile(t *testing.T, text string) *drift.Audit {
	t.Helper()
	name := filepath.Join(t.TempDir(), "gambit.yaml")
	write(t, name, text)
	f, err := audit.LoadFile(name, audit.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	suite, err := f.LoadProbes()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := audit.NewPlan(f, suite)
	if err != nil {
		t.Fatal(err)
	}
	a, err := plan.Run(t.Context(), audit.RunOptions{Dir: filepath.Join(t.TempDir(), "run")})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// The published outputs of UnifiedQA on BBQ give the figures of the paper.
func TestBBQGivesThePublishedFigures(t *testing.T) {
	dir := benchmarks(t)
	for _, c := range []struct {
		category, reference, candidate string
		amb, dis                       [2]float64 // s_AMB and s_DIS, times 100
		accuracy                       [2]float64 // of race and arc, ambiguous
		accuracyDis                    [2]float64
		n                              int
	}{
		{"Religion", "race", "arc", [2]float64{14.3, 24.5}, [2]float64{0.2, 3.5}, [2]float64{0.6500, 0.4383}, [2]float64{0.8800, 0.8517}, 600},
		{"Nationality", "race", "arc", [2]float64{6.0, 14.5}, [2]float64{1.2, -0.2}, [2]float64{0.6597, 0.4162}, [2]float64{0.9370, 0.9286}, 1540},
		{"Disability_status", "race", "arc", [2]float64{21.2, 32.6}, [2]float64{-1.4, -0.7}, [2]float64{0.5334, 0.3599}, [2]float64{0.9280, 0.9203}, 778},
	} {
		t.Run(c.category, func(t *testing.T) {
			a := runFile(t, fmt.Sprintf(`
reference: {name: race, provider: recorded, field: unifiedqa-t5-11b_pred_race}
candidates: [{name: arc, provider: recorded, field: unifiedqa-t5-11b_pred_arc, expect: any}]
controls: off
probes: [{import: bbq, file: %q}]
`, filepath.Join(dir, "bbq/recorded-unifiedqa-t5-11b/preds_"+c.category+".jsonl")))
			measures := map[string]drift.Measure{}
			for _, m := range a.Analyses[0].Measures {
				measures[m.Name] = m
			}
			for name, want := range map[string][2]float64{"bias_amb": c.amb, "bias_dis": c.dis} {
				m := measures[name]
				if m.Reference == nil || m.Candidate == nil {
					t.Fatalf("%s is undefined: %+v", name, m)
				}
				for i, got := range []float64{*m.Reference, *m.Candidate} {
					if math.Abs(100*got-want[i]) > 0.05+1e-9 {
						t.Errorf("%s of model %d is %.2f, want %.1f", name, i, 100*got, want[i])
					}
				}
			}
			for _, x := range a.Comparisons {
				want := map[string][2]float64{"row.condition=ambig": c.accuracy, "row.condition=disambig": c.accuracyDis}[x.Group]
				if want == [2]float64{} {
					continue
				}
				if x.N != c.n || math.Abs(x.Reference.Share-want[0]) > 5e-5 || math.Abs(x.CandidateRate.Share-want[1]) > 5e-5 {
					t.Errorf("%s: n %d, accuracy %.4f and %.4f: want %d, %v", x.Group, x.N, x.Reference.Share, x.CandidateRate.Share, c.n, want)
				}
			}
		})
	}
}

// Published outputs of Phi-3-mini on BABILong give the accuracies that were
// computed with the repository's own rule.
func TestBABILongGivesThePublishedFigures(t *testing.T) {
	dir := benchmarks(t)
	lengths := []string{"0k", "1k", "2k", "4k", "8k", "16k", "32k", "64k", "128k"}
	for task, want := range map[string][]float64{
		"qa1": {97.0, 84.8, 72.2, 69.0, 70.4, 60.1, 53.3, 38.0, 1.0},
		"qa2": {57.0, 38.8, 39.0, 37.5, 33.7, 23.1, 22.1, 15.0, 2.0},
		"qa3": {32.0, 40.8, 31.0, 26.9, 25.5, 23.5, 21.0, 22.0, 4.0},
	} {
		imports := ""
		for _, length := range lengths {
			imports += fmt.Sprintf("\n  - {import: babilong, file: %q}", filepath.Join(dir, "babilong-recorded/Phi-3-mini-128k-instruct", task+"_"+length+".csv"))
		}
		a := runFile(t, `
reference: {name: phi3, provider: recorded, field: output}
candidates: [{name: again, provider: recorded, field: output, expect: any}]
controls: off
curtail: off
probes:`+imports)
		got := map[string]float64{}
		for _, x := range a.Comparisons {
			if x.Group == "" && x.Reference != nil {
				got[x.Probe] = 100 * x.Reference.Share
			}
		}
		for i, length := range lengths {
			id := fmt.Sprintf("import.babilong.%s_%s", task, length)
			if math.Abs(got[id]-want[i]) > 0.05+1e-9 {
				t.Errorf("%s: accuracy %.2f, want %.1f", id, got[id], want[i])
			}
		}
	}
}
