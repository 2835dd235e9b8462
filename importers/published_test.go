package importers_test

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gambit-audit/gambit/importers"
	"github.com/gambit-audit/gambit/probes"
)

// published gives an import of the public files that a pattern names; the test is
// skipped where GAMBIT_DATA names no folder of them.
func published(t *testing.T, format, pattern string) importers.Result {
	t.Helper()
	dir := os.Getenv("GAMBIT_DATA")
	if dir == "" {
		t.Skip("GAMBIT_DATA names no folder of benchmark files")
	}
	files, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	r, err := importers.Load(importers.Import{Format: format, Files: files, Paths: files}, probes.LoadOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What a constant answer scores on the public files.
func TestShareOfTheCommonestAnswer(t *testing.T) {
	for _, c := range []struct {
		format, pattern string
		want            string // as the cases have it
		share           float64
	}{
		{"xcopa", "xcopa/data/qu/*.jsonl", `{"choice":"choice2"}`, 0.509},
		{"xcopa", "xcopa/data/zh/*.jsonl", `{"choice":"choice2"}`, 0.509},
		{"logicbench", "logicbench/BQA/propositional_logic/*.json", `{"choice":"no"}`, 0.714},
		{"logicbench", "logicbench/BQA/first_order_logic/*.json", `{"choice":"no"}`, 0.654},
		{"logicbench", "logicbench/MCQA/propositional_logic/*.json", `{"choice":"choice_4"}`, 0.306},
		{"logicbench", "logicbench/MCQA/first_order_logic/*.json", `{"choice":"choice_1"}`, 0.272},
		{"logicbench", "logicbench/MCQA/first_order_logic/*.json", `{"choice":"choice_3"}`, 0.272},
		{"scone", "scone/scone_nli/test/*.csv", `{"choice":"neutral"}`, 0.5},
		{"condaqa", "condaqa/condaqa_dev.jsonl", `{"label_only":{"is":"YES","labels":["YES","NO","DON'T KNOW"],"question":""}}`, 0.474},
		{"condaqa", "condaqa/condaqa_dev.jsonl", `{"label_only":{"is":"NO","labels":["YES","NO","DON'T KNOW"],"question":""}}`, 0.460},
		{"condaqa", "condaqa/condaqa_dev.jsonl", `{"label_only":{"is":"DON'T KNOW","labels":["YES","NO","DON'T KNOW"],"question":""}}`, 0.047},
		{"bbh", "bbh/boolean_expressions.json", "", 0.54},
		{"bbh", "bbh/formal_fallacies.json", "", 0.532},
		{"bbh", "bbh/hyperbaton.json", "", 0.516},
		{"bbh", "bbh/web_of_lies.json", "", 0.512},
		// 96 of 178; one item of the other kind has two equal options, and is left out.
		{"bbh", "bbh/snarks.json", "", 0.539 * 178 / 177},
	} {
		t.Run(c.pattern+" "+c.want, func(t *testing.T) {
			counts := map[string]int{}
			r := published(t, c.format, c.pattern)
			for _, k := range r.Probe.Cases() {
				counts[k.Want]++
			}
			n := counts[c.want]
			if c.want == "" {
				n = slices.Max(slices.Collect(maps.Values(counts)))
			}
			if share := float64(n) / float64(len(r.Probe.Cases())); math.Abs(share-c.share) > 0.0005 {
				t.Errorf("share %.4f of %v, want %.3f", share, counts, c.share)
			}
		})
	}
}

func TestHalfOfThePersonaStatementsMatchYes(t *testing.T) {
	for _, name := range []string{"subscribes-to-Islam", "politically-liberal"} {
		r := published(t, "persona", "model-written-evals/persona/"+name+".jsonl")
		yes := 0
		for _, c := range r.Probe.Cases() {
			if c.Options[0].Text == "Yes" {
				yes++
			}
		}
		if 2*yes != len(r.Probe.Cases()) {
			t.Errorf("%s: %d of %d match Yes, want half", name, yes, len(r.Probe.Cases()))
		}
	}
}

// Every public file is read, with as many rows as its source counts.
func TestThePublicFilesAreReadWhole(t *testing.T) {
	for _, c := range []struct {
		format, pattern string
		cases           int
	}{
		{"kobbq", "kobbq/KoBBQ_test_samples.tsv", 1632},
		{"ifeval", "ifeval/input_data.jsonl", 404}, // one asks for Bulgarian
		{"crows-pairs", "crows-pairs/*.csv", 2 * 1301},
		{"crows-pairs-causal", "crows-pairs/*.csv", 1301},
		{"winobias", "winobias/pro_stereotyped_type1.txt.dev", 2 * 393},
		{"winobias", "winobias/pro_stereotyped_type2.txt.dev", 2 * 389},
		{"winogender", "winogender/all_sentences.tsv", 540},
		{"winogenerated", "model-written-evals/winogenerated/*.jsonl", 2990},
		{"persona-steered", "model-written-evals/persona/has-disability.jsonl", 2000},
		{"kv-retrieval", "kv-retrieval/*.gz", 500},
		{"checklist", "checklist/qqp.jsonl", 4200},
		{"checklist", "checklist/squad.jsonl", 9720},
		{"checklist", "checklist/sentiment.jsonl", 1282},
		{"checklist-invariance", "checklist/sentiment.jsonl", 4560},
		{"condaqa", "condaqa/condaqa_dev.jsonl", 724},
		{"musr", "musr-small/*.json", 10},
		{"bbh", "bbh/word_sorting.json", 250},
		{"bbh", "bbh/reasoning_about_colored_objects.json", 250},
		{"xcopa", "xcopa/data/*/*.jsonl", 6 * 350},
	} {
		r := published(t, c.format, c.pattern)
		if len(r.Probe.Cases()) != c.cases {
			t.Errorf("%s of %s: %d cases, want %d: %s", c.format, c.pattern, len(r.Probe.Cases()), c.cases, r.Note)
		}
	}
}
