package audit_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/importers"
	"github.com/gambit-audit/gambit/probes"
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
	plan, err := f.Plan()
	if err != nil {
		t.Fatal(err)
	}
	a, err := plan.Run(t.Context(), audit.RunOptions{Dir: filepath.Join(t.TempDir(), "run")})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// own are the small benchmark files written for the tests of the importers.
func own(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../importers/testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// recordedAudit audits recorded models, named as the fields that hold their
// answers; the first is the reference.
func recordedAudit(t *testing.T, probes string, fields ...string) *drift.Audit {
	t.Helper()
	text := fmt.Sprintf("reference: {name: %s, provider: recorded, field: %s}\ncontrols: off\ncandidates:\n", modelOf(fields[0]), fields[0])
	for _, f := range fields[1:] {
		text += fmt.Sprintf("  - {name: %s, provider: recorded, field: %s, expect: any}\n", modelOf(f), f)
	}
	return runFile(t, text+"probes:\n"+probes)
}

func modelOf(field string) string { return strings.NewReplacer("_", "-", " ", "-").Replace(field) }

// value is a measure of a model, or a part of one as "measure/part"; nil is
// undefined.
func value(t *testing.T, a *drift.Audit, probe, model, name string) *float64 {
	t.Helper()
	name, part, _ := strings.Cut(name, "/")
	for _, x := range a.Analyses {
		if x.Probe != probe || x.Candidate != model && a.Reference.Name != model {
			continue
		}
		for _, m := range x.Measures {
			if m.Name != name {
				continue
			}
			if part == "" {
				return side(m.Change, a.Reference.Name == model)
			}
			for _, p := range m.Parts {
				if p.Name == part {
					return side(p.Change, a.Reference.Name == model)
				}
			}
		}
	}
	t.Errorf("%s of %s: no measure %s/%s", probe, model, name, part)
	return nil
}

func side(c drift.Change, reference bool) *float64 {
	if reference {
		return c.Reference
	}
	return c.Candidate
}

// accuracy is the pass rate of a model in a group; "" is all cases.
func accuracy(t *testing.T, a *drift.Audit, probe, model, group string) *float64 {
	t.Helper()
	for _, x := range a.Comparisons {
		if x.Probe == probe && x.Group == group && (x.Candidate == model || a.Reference.Name == model) {
			if a.Reference.Name == model {
				return &x.Reference.Share
			}
			return &x.CandidateRate.Share
		}
	}
	t.Errorf("%s of %s: no group %q", probe, model, group)
	return nil
}

func near(got *float64, want, tolerance float64) bool {
	return got != nil && math.Abs(*got-want) <= tolerance+1e-9
}

func shownValue(x *float64) string {
	if x == nil {
		return "undefined"
	}
	return fmt.Sprintf("%.4f", *x)
}

// The four constant policies on a file written for this test. Of 12 questions 4
// are ambiguous; of the 8 others the biased answer is right in 4.
func TestConstantPoliciesOnBBQ(t *testing.T) {
	a := recordedAudit(t, fmt.Sprintf("  - {import: bbq, file: %q}\n", own(t, "bbq/Own.jsonl")),
		"always_unknown", "always_biased", "always_right", "always_first")
	undefined := math.NaN()
	for _, c := range []struct {
		model                string
		amb, sAmb, dis, sDis float64
	}{
		{"always-unknown", 1, undefined, 0, undefined},
		{"always-biased", 0, 1, 0.5, 1},
		{"always-right", 1, undefined, 1, 0},
		// The first option is the stereotyped person or unknown, in turns: two of four
		// ambiguous questions are right and two biased, so (1 - 0.5) * 1. Of the others
		// it names a person in four, two of them biased, and is right in two of eight.
		{"always-first", 0.5, 0.5, 0.25, 0},
	} {
		checkBias(t, a, "import.bbq.own", c.model, c.amb, c.sAmb, c.dis, c.sDis, 0)
	}
}

// checkBias compares accuracies and bias scores; NaN is undefined.
func checkBias(t *testing.T, a *drift.Audit, probe, model string, amb, sAmb, dis, sDis, tolerance float64) {
	t.Helper()
	for _, c := range []struct {
		what string
		got  *float64
		want float64
	}{
		{"accuracy, ambiguous", accuracy(t, a, probe, model, "row.condition=ambig"), amb},
		{"s_AMB", value(t, a, probe, model, "bias_amb"), sAmb},
		{"accuracy, disambiguated", accuracy(t, a, probe, model, "row.condition=disambig"), dis},
		{"s_DIS", value(t, a, probe, model, "bias_dis"), sDis},
	} {
		if math.IsNaN(c.want) && c.got == nil || near(c.got, c.want, tolerance) {
			continue
		}
		t.Errorf("%s: %s is %s, want %v", model, c.what, shownValue(c.got), c.want)
	}
}

// Standard metrics of two recorded models on small files, worked out by hand.
func TestStandardMetrics(t *testing.T) {
	undefined := math.NaN()
	for _, c := range []struct {
		format, file, probe string
		full, small         string // the fields with the answers
		want                map[string][2]float64
	}{
		// IFEval: of 26 prompts with 28 instructions, a preface breaks the form of three;
		// without its first line, one of them is right.
		{"ifeval", "ifeval/own.jsonl", "import.ifeval.own", "full", "small", map[string][2]float64{
			"checks": {1, 25.0 / 28}, "checks/prompt strict": {1, 23.0 / 26}, "checks/prompt loose": {1, 24.0 / 26}, "checks/instruction loose": {1, 26.0 / 28},
		}},
		// RULER: one of two values, and an empty answer: the mean of 1/2 and 0.
		{"ruler", "ruler/niah_multivalue.jsonl", "import.ruler.niah_multivalue", "full", "small", map[string][2]float64{
			"mean_share": {1, 0.25}, "mean_share/64": {1, 0.25},
		}},
		{"ruler", "ruler/qa_1.jsonl", "import.ruler.qa_1", "full", "small", map[string][2]float64{"rate": {1, 0}}},
		// KoBBQ: the biased answer to half of the ambiguous questions and unknown to the
		// others, so 1/2 - 0; right where text and stereotype agree, never where not.
		{"kobbq", "kobbq/own.tsv", "import.kobbq.own", "answer", "prediction", map[string][2]float64{
			"gap.amb": {0, 0.5}, "gap.dis": {0, 1},
		}},
		// A constant answer matches half of the statements.
		{"persona", "persona/likes-boats.jsonl", "import.persona.likes_boats", "full", "small", map[string][2]float64{"rate": {1, 0.5}}},
		// Women's shares 2.9, 7.9 and 88.9 with 0, 0 and 1 of the pronouns; "they" is left
		// out. One pronoun for all has no correlation.
		{"winogenerated", "winogenerated/own.jsonl", "import.winogenerated.own", "full", "small", map[string][2]float64{
			"correlation": {0.9987, undefined}, "rate": {0.25, 0},
		}},
		{"popqa", "popqa/own.tsv", "import.popqa.own", "full", "small", map[string][2]float64{"gap": {0, 1}}},
		// NO to a question and its three edits: right on the original and its paraphrase.
		{"condaqa", "condaqa/own.jsonl", "import.condaqa.own", "full", "small", map[string][2]float64{
			"rate": {1, 0.6}, "all_right": {1, 0}, "all_right.paraphrase": {1, 1}, "all_right.scope": {1, 0}, "all_right.affirmative": {1, 0},
		}},
		{"babilong", "babilong/qa1_4k.csv", "import.babilong.qa1_4k", "full", "small", map[string][2]float64{"rate": {1, 1.0 / 3}}},
	} {
		t.Run(c.probe, func(t *testing.T) {
			a := recordedAudit(t, fmt.Sprintf("  - {import: %s, file: %q}\n", c.format, own(t, c.file)), c.full, c.small)
			for name, want := range c.want {
				for i, model := range []string{modelOf(c.full), modelOf(c.small)} {
					got := value(t, a, c.probe, model, name)
					if math.IsNaN(want[i]) && got == nil || near(got, want[i], 5e-5) {
						continue
					}
					t.Errorf("%s of %s is %s, want %.4f", name, model, shownValue(got), want[i])
				}
			}
		})
	}
}

func TestLanguagesOfOneBenchmarkAreComparedWithEachOther(t *testing.T) {
	a := recordedAudit(t, fmt.Sprintf("  - {import: xcopa, file: [%q, %q], name: languages}\n", own(t, "xcopa/test.it.jsonl"), own(t, "xcopa/test.qu.jsonl")), "full", "small")
	for model, want := range map[string]float64{"full": 0, "small": 0.5} {
		if got := value(t, a, "import.xcopa.languages", model, "rate_gap"); !near(got, want, 0) {
			t.Errorf("%s: the gap between languages is %s, want %v", model, shownValue(got), want)
		}
	}
}

// An audit from a log that another tool recorded gives what an audit from a field
// of the file gives.
func TestLogsOfOtherToolsStandInForModels(t *testing.T) {
	want := recordedAudit(t, fmt.Sprintf("  - {import: bbq, file: %q}\n", own(t, "bbq/Own.jsonl")), "full", "small")
	for tool, logs := range map[string][2]string{
		"lm-eval":   {"samples_full.jsonl", "samples_small.jsonl"},
		"inspect":   {"inspect_full.json", "inspect_small.json"},
		"promptfoo": {"promptfoo.json", "promptfoo.json"},
	} {
		got := runFile(t, fmt.Sprintf(`
reference: {name: full, provider: recorded, tool: %s, logs: %q, recorded: full}
candidates: [{name: small, provider: recorded, tool: %s, logs: [%q], recorded: small, expect: any}]
controls: off
probes: [{import: bbq, file: %q}]
`, tool, own(t, "logs/"+logs[0]), tool, own(t, "logs/"+logs[1]), own(t, "bbq/Own.jsonl")))
		for i, x := range want.Comparisons {
			y := got.Comparisons[i]
			if x.Probe != y.Probe || x.Group != y.Group || x.N != y.N || *x.Reference != *y.Reference || *x.CandidateRate != *y.CandidateRate {
				t.Errorf("%s: %s %s: n %d, %v and %v, want %d, %v and %v", tool, y.Probe, y.Group, y.N, y.Reference, y.CandidateRate, x.N, x.Reference, x.CandidateRate)
			}
		}
	}
}

func TestRecordedModelsThatFitNothingAreRefused(t *testing.T) {
	bbq := fmt.Sprintf("probes: [{import: bbq, file: %q}]\n", own(t, "bbq/Own.jsonl"))
	for name, c := range map[string]struct{ model, probes, want string }{
		"neither field nor logs":           {"provider: recorded", bbq, "expected either `field`"},
		"both":                             {"provider: recorded, field: full, logs: a.jsonl, tool: lm-eval", bbq, "expected either `field`"},
		"logs without a tool":              {"provider: recorded, logs: a.jsonl", bbq, "expected either `field`"},
		"an unknown tool":                  {"provider: recorded, logs: a.jsonl, tool: helm", bbq, "inspect"},
		"a field that is not there":        {"provider: recorded, field: nobody", bbq, `no row has an answer in field "nobody"`},
		"a log of another file":            {fmt.Sprintf("provider: recorded, tool: lm-eval, logs: %q", own(t, "logs/samples_other.jsonl")), bbq, "no log answers it"},
		"a log of several models":          {fmt.Sprintf("provider: recorded, tool: promptfoo, logs: %q", own(t, "logs/promptfoo.json")), bbq, "expected `recorded`, the name of one"},
		"a field on a model that is asked": {"provider: ollama, model: m, field: full", bbq, "expected it with provider recorded"},
		"an unknown format":                {"provider: recorded, field: full", "probes: [{import: mmlu, file: x.csv}]\n", "bbq"},
		"an import without a file":         {"provider: recorded, field: full", "probes: [{import: bbq}]\n", `import without "file"`},
		"the same file twice":              {"provider: recorded, field: full", fmt.Sprintf("probes: [{import: bbq, file: %q}, {import: bbq, file: %q}]\n", own(t, "bbq/Own.jsonl"), own(t, "bbq/Own.jsonl")), "is used already"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "gambit.yaml")
			write(t, file, fmt.Sprintf("reference: {name: a, %s}\ncandidates: [{name: b, provider: recorded, field: small}]\ncontrols: off\n", c.model)+c.probes)
			f, err := audit.LoadFile(file, audit.FileOptions{})
			if err == nil {
				_, err = f.LoadProbes()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %s", err, c.want)
			}
		})
	}
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
			for i, name := range []string{"bias_amb/known", "bias_dis/known"} {
				for k, model := range []string{"race", "arc"} {
					got := value(t, a, "import.bbq.preds_"+strings.ToLower(c.category), model, name)
					if want := float64(bbqKnown[c.category][2*i+k]); got == nil || math.Abs(*got*float64(c.n)-want) > 1e-6 {
						t.Errorf("%s of %s is %s, want %v of %d", name, model, shownValue(got), want, c.n)
					}
				}
			}
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

// bbqKnown are how many outputs name a person, of race and arc, in ambiguous and
// then in disambiguated contexts.
var bbqKnown = map[string][4]int{
	"Religion": {210, 337, 569, 539}, "Nationality": {524, 899, 1447, 1439}, "Disability_status": {363, 498, 728, 723},
}

// Constant policies on the public files: what EXPECTED.md beside them says.
func TestConstantPoliciesOnThePublicFiles(t *testing.T) {
	dir := benchmarks(t)
	undefined := math.NaN()
	for _, c := range []struct {
		category                      string
		biasedDis, rightDis           float64
		firstAmb, firstDis, tolerance float64
	}{
		{"Religion", 0.5, 0, 0.3, 0.35, 5e-5},
		{"Nationality", 0.5, 0, 0.3247, 0.3377, 5e-5},
		{"Disability_status", 0.5064, 0.0129, 0.3008, 0.3496, 5e-5},
	} {
		t.Run(c.category, func(t *testing.T) {
			file := withPolicies(t, filepath.Join(dir, "bbq/data", c.category+".jsonl"))
			a := recordedAudit(t, fmt.Sprintf("  - {import: bbq, file: %q, name: policies}\n", file), "unknown", "biased", "right", "ans0")
			check := func(model string, amb, sAmb, dis, sDis float64) {
				t.Helper()
				checkBias(t, a, "import.bbq.policies", model, amb, sAmb, dis, sDis, c.tolerance)
			}
			check("unknown", 1, undefined, 0, undefined)
			check("biased", 0, 1, c.biasedDis, 1)
			check("right", 1, undefined, 1, c.rightDis)
			check("ans0", c.firstAmb, 0, c.firstDis, 0)
		})
	}
}

// withPolicies copies a file of BBQ with the answers of three policies; the
// fourth, ans0, is there already.
func withPolicies(t *testing.T, path string) string {
	t.Helper()
	r, err := importers.Load(importers.Import{Format: "bbq", Files: []string{path}, Paths: []string{path}}, probes.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	biased := map[string]string{}
	for _, c := range r.Probe.Cases() {
		for _, o := range c.Options {
			if o.Is == c.Measures[0].Biased {
				biased[strings.TrimPrefix(c.ID, r.Probe.ID+"/")] = o.Text
			}
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		var item map[string]any
		if err := json.Unmarshal([]byte(line), &item); err != nil {
			t.Fatal(err)
		}
		item["biased"] = biased[fmt.Sprintf("%v-%v", item["category"], item["example_id"])]
		item["right"] = item[fmt.Sprintf("ans%v", item["label"])]
		for name, info := range item["answer_info"].(map[string]any) {
			if info.([]any)[1] == "unknown" {
				item["unknown"] = item[name]
			}
		}
		text, err := json.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(text, '\n'))
	}
	file := filepath.Join(t.TempDir(), "policies.jsonl")
	write(t, file, out.String())
	return file
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

func TestSchemaAndDocumentNameEveryFormatAndTool(t *testing.T) {
	doc, err := os.ReadFile("../docs/benchmarks.md")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := os.ReadFile("../docs/schemas/audit.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(importers.Formats(), importers.Tools()...) {
		if !strings.Contains(string(doc), "\n| `"+name+"` |") {
			t.Errorf("docs/benchmarks.md has no row for %s", name)
		}
		if !strings.Contains(string(schema), `"`+name+`"`) {
			t.Errorf("the schema of audit files does not name %s", name)
		}
	}
}
