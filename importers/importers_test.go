package importers_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/importers"
	"github.com/gambit-audit/gambit/probes"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden files anew")

// examples are small files of each format, written for these tests: the files of
// one import, by the name of its golden file.
var examples = map[string]importers.Import{
	"babilong":             {Format: "babilong", Files: []string{"babilong/qa1_4k.csv"}},
	"bbh":                  {Format: "bbh", Files: []string{"bbh/own.json"}},
	"bbh_text":             {Format: "bbh", Files: []string{"bbh/own_sorting.json"}},
	"bbh_words":            {Format: "bbh", Files: []string{"bbh/own_words.json"}},
	"bbq":                  {Format: "bbq", Files: []string{"bbq/Own.jsonl"}},
	"checklist":            {Format: "checklist", Files: []string{"checklist/sentiment.jsonl", "checklist/qqp.jsonl"}, Name: "two suites"},
	"checklist_invariance": {Format: "checklist-invariance", Files: []string{"checklist/sentiment.jsonl"}},
	"checklist_text":       {Format: "checklist", Files: []string{"checklist/squad.jsonl"}},
	"choice": {Format: "choice", Files: []string{"choice/own.csv"}, Licence: "own",
		Fields: map[string]string{"question": "q", "choice1": "a", "choice2": "b", "answer": "right", "group": "part"}, Order: "rotations"},
	"choice_list": {Format: "choice", Files: []string{"choice/list.parquet"}, Licence: "own",
		Fields: map[string]string{"choices": "options.text", "answer": "gold"}},
	"choice_structs": {Format: "choice", Files: []string{"choice/structs.parquet"}, Licence: "own",
		Fields: map[string]string{"choices": "choices.text", "labels": "choices.label", "answer": "answerKey", "group": "topic"}},
	"condaqa":              {Format: "condaqa", Files: []string{"condaqa/own.jsonl"}},
	"crows-pairs":          {Format: "crows-pairs", Files: []string{"crows-pairs/own.csv"}},
	"crows-pairs-causal":   {Format: "crows-pairs-causal", Files: []string{"crows-pairs/own.csv"}},
	"discrim-eval":         {Format: "discrim-eval", Files: []string{"discrim-eval/explicit.jsonl"}},
	"discrim-eval-logprob": {Format: "discrim-eval-logprob", Files: []string{"discrim-eval/explicit.jsonl"}},
	"ifeval":               {Format: "ifeval", Files: []string{"ifeval/own.jsonl"}},
	"kobbq":                {Format: "kobbq", Files: []string{"kobbq/own.tsv"}},
	"kv-retrieval":         {Format: "kv-retrieval", Files: []string{"kv-retrieval/own.jsonl.gz"}},
	"logicbench":           {Format: "logicbench", Files: []string{"logicbench/modus_tollens.json"}},
	"logicbench_choice":    {Format: "logicbench", Files: []string{"logicbench/choices.json"}},
	"musr":                 {Format: "musr", Files: []string{"musr/own.json"}},
	"persona":              {Format: "persona", Files: []string{"persona/likes-boats.jsonl"}},
	"persona-steered":      {Format: "persona-steered", Files: []string{"persona/likes-boats.jsonl"}},
	"popqa":                {Format: "popqa", Files: []string{"popqa/own.tsv"}},
	"ruler":                {Format: "ruler", Files: []string{"ruler/niah_multivalue.jsonl"}},
	"ruler_qa":             {Format: "ruler", Files: []string{"ruler/qa_1.jsonl"}},
	"scone":                {Format: "scone", Files: []string{"scone/no_negation.csv", "scone/one_scoped.csv"}},
	"survey":               {Format: "survey", Files: []string{"survey/own.jsonl"}, Licence: "own"},
	"text":                 {Format: "text", Files: []string{"text/own.jsonl"}, Licence: "own"},
	"winobias":             {Format: "winobias", Files: []string{"winobias/pro_stereotyped_type1.txt.dev"}},
	"winogender":           {Format: "winogender", Files: []string{"winogender/own.tsv"}},
	"winogenerated":        {Format: "winogenerated", Files: []string{"winogenerated/own.jsonl"}},
	"xcopa":                {Format: "xcopa", Files: []string{"xcopa/test.it.jsonl", "xcopa/test.qu.jsonl"}},
}

// in gives an import with the paths of its files in a folder.
func in(dir string, i importers.Import) importers.Import {
	i.Paths = nil
	for _, f := range i.Files {
		i.Paths = append(i.Paths, filepath.Join(dir, f))
	}
	return i
}

func TestEveryFormatMakesTheCasesOfItsGoldenFile(t *testing.T) {
	tested := map[string]bool{}
	for name, i := range examples {
		tested[i.Format] = true
		t.Run(name, func(t *testing.T) {
			r, err := importers.Load(in("testdata", i), probes.LoadOptions{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".out")
			got := shown(r)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", golden, diff)
			}
		})
	}
	for _, format := range importers.Formats() {
		if !tested[format] || importers.About(format) == "" {
			t.Errorf("format %s has no golden file, or no line that says what it is", format)
		}
	}
}

// shown writes an import as a person would check it.
func shown(r importers.Result) string {
	var b strings.Builder
	p := r.Probe
	fmt.Fprintf(&b, "%s\n%s, %s\n", r.Note, p.ID, p.Harm)
	for _, m := range p.Measures {
		fmt.Fprintf(&b, "measure %s by %q over %q of %q base %q\n", m.Name, m.By, m.Over, m.Of, m.Base)
	}
	for _, c := range p.Cases() {
		fmt.Fprintf(&b, "\n%s\n  cluster %s bundle %q groups %q\n", strings.TrimPrefix(c.ID, p.ID), c.Cluster, c.Bundle, c.Groups)
		for _, s := range c.Steps {
			fmt.Fprintf(&b, "  | %s\n", strings.ReplaceAll(s.User(), "\n", "\n  | "))
		}
		for _, o := range c.Options {
			fmt.Fprintf(&b, "  option %s: %q\n", o.Is, o.Text)
		}
		fmt.Fprintf(&b, "  want %s\n", c.Want)
		for _, m := range c.Measures {
			fmt.Fprintf(&b, "  counts for %s in %q at %g, checks %d; biased %q unknown %q favourable %q\n", m.Name, m.Group, m.At, m.Checks, m.Biased, m.Unknown, m.Favourable)
		}
	}
	return b.String()
}

// copied copies the example's folder, so that a test may spoil a file of it.
func copied(t *testing.T, i importers.Import) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, f := range i.Files {
		folder := filepath.Dir(f)
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join("testdata", folder))); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	return dir
}

func replaced(t *testing.T, dir string, i importers.Import, change func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(dir, i.Files[0])
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(data), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// spoiled are the ways in which a file is not what it should be.
var spoiled = map[string]func([]byte) []byte{
	"empty":    func([]byte) []byte { return nil },
	"blank":    func([]byte) []byte { return []byte(" \n\n") },
	"not text": func([]byte) []byte { return []byte("\x89PNG\r\n\x1a\n\x00\x00\xff\xfe") },
	"UTF-16":   func([]byte) []byte { return []byte("\xff\xfe{\x00}\x00\n\x00") },
	"a wrong byte": func(b []byte) []byte {
		return append(slices.Clone(b[:len(b)/2]), append([]byte{0xff}, b[len(b)/2:]...)...)
	},
	"another's fields": func([]byte) []byte { return []byte(`{"nothing": 1, "of": "these"}` + "\n") },
	"a list":           func([]byte) []byte { return []byte("[1, 2, 3]\n") },
	"a web page":       func([]byte) []byte { return []byte("<!DOCTYPE html>\n<html><body>404: Not Found</body></html>\n") },
	"a pointer": func([]byte) []byte {
		return []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
	},
	"deep nesting":               func([]byte) []byte { return []byte(strings.Repeat(`{"a":[`, 20_000)) },
	"a structure without an end": func([]byte) []byte { return []byte(`{"a":` + strings.Repeat("[", 1<<20)) },
	"a line without an end":      func([]byte) []byte { return bytes.Repeat([]byte("x"), 1<<20) },
	"a Parquet file": func([]byte) []byte {
		return []byte("PAR1\x15\x04\x15\x00\x15\x00LEAF\x00\xff\x10\x00\x00\x00PAR1")
	},
	"packed": func([]byte) []byte { return []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x4b\x04\x00") },
	"cut":    func(b []byte) []byte { return b[:len(b)*3/5] },
}

func TestASpoiledFileOfAnyFormatIsOneClearErrorAndNoSuite(t *testing.T) {
	for name, i := range examples {
		for how, change := range spoiled {
			t.Run(name+"/"+how, func(t *testing.T) {
				dir := copied(t, i)
				replaced(t, dir, i, change)
				r, err := importers.Load(in(dir, i), probes.LoadOptions{})
				if err == nil {
					t.Fatalf("it was read: %s", r.Note)
				}
				if r.Probe != nil {
					t.Errorf("a probe of %d cases beside the error", len(r.Probe.Cases()))
				}
				text := err.Error()
				if !strings.HasPrefix(text, "import "+i.Format+" of ") || !strings.Contains(text, i.Files[0]) || strings.ContainsAny(text, "\n\x00") || len(text) > 500 {
					t.Errorf("error %q: want one line that names the format and the file", text)
				}
			})
		}
	}
}

// A Parquet file of other fields, under whatever name a format asks for, is refused
// by each, also by those that read no records.
func TestAParquetFileOfAnotherBenchmarkIsOneClearError(t *testing.T) {
	for name, i := range examples {
		t.Run(name, func(t *testing.T) {
			other := "bbq/Own.parquet"
			if i.Format == "bbq" {
				other = "xcopa/it/test-00000-of-00001.parquet"
			}
			base := strings.TrimSuffix(filepath.Base(i.Files[0]), filepath.Ext(i.Files[0])) + ".parquet"
			i.Files, i.Paths = []string{base}, []string{filepath.Join("testdata", other)}
			i.Fields = nil
			r, err := importers.Load(i, probes.LoadOptions{})
			if err == nil || r.Probe != nil {
				t.Fatalf("error %v: want one, and no probe: %s", err, r.Note)
			}
			if text := err.Error(); !strings.HasPrefix(text, "import "+i.Format+" of "+base+": ") || strings.ContainsAny(text, "\n\x00") || len(text) > 500 {
				t.Errorf("error %q: want one line that names the format and the file", text)
			}
		})
	}
}

// A file cut at any byte is refused, or has lost whole rows: no row is read in part.
func TestACutFileGivesWholeRowsOrAnError(t *testing.T) {
	i := examples["bbq"]
	whole, err := importers.Load(in("testdata", i), probes.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]string{}
	for _, c := range whole.Probe.Cases() {
		asked[c.ID] = c.Hash()
	}
	dir := copied(t, i)
	for cut := 500; cut < 3000; cut += 137 {
		replaced(t, copiedInto(t, dir, i), i, func(b []byte) []byte { return b[:cut] })
		r, err := importers.Load(in(dir, i), probes.LoadOptions{})
		if err != nil {
			continue
		}
		for _, c := range r.Probe.Cases() {
			if asked[c.ID] != c.Hash() {
				t.Errorf("cut at %d: case %s is another than in the whole file", cut, c.ID)
			}
		}
	}
}

// copiedInto restores the first file of an example in dir.
func copiedInto(t *testing.T, dir string, i importers.Import) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", i.Files[0]))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, i.Files[0]), data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAProblemIsNamedWithRowAndField(t *testing.T) {
	for name, c := range map[string]struct {
		example  string
		old, new string
		want     string
	}{
		"a missing field":               {"bbq", `"question_polarity": "neg"`, `"polarity": "neg"`, `row 1, field "question_polarity": it is missing`},
		"a label out of range":          {"bbq", `"label": 1`, `"label": 3`, `row 1, field "label": it is "3": expected a whole number from 0 to 2`},
		"a value of another type":       {"bbq", `"context_condition": "ambig"`, `"context_condition": ["ambig"]`, `row 1, field "context_condition": it is a list: expected a text`},
		"an id used twice":              {"bbq", `"example_id": 1,`, `"example_id": 0,`, `row 2: the id "Nationality-0" is used twice`},
		"a choice that is none":         {"kobbq", "\t톨반 사람\t알 수 없음", "\t뱃사공\t알 수 없음", `row 1, field "choices"`},
		"a label that no task knows":    {"babilong", "garden,The", "cellar,The", `unknown label "cellar"`},
		"kwargs of another length":      {"ifeval", `"kwargs": [{}]`, `"kwargs": []`, `row 1, field "kwargs": there are 0 for 1 instructions`},
		"an unknown instruction":        {"ifeval", "punctuation:no_comma", "punctuation:no_dots", `unknown instruction "punctuation:no_dots"`},
		"a missing argument":            {"ifeval", `"num_words": 3`, `"words": 3`, `instruction length_constraints:number_words: row 2, field "num_words": it is missing`},
		"outputs that are none":         {"ruler", `["4711", "8392"]`, `[]`, `row 1, field "outputs": it is empty`},
		"a canary that is gone":         {"bbh", "canary GUID", "hello", "the canary is gone"},
		"a target that is no option":    {"bbh", `"(B)"`, `"(Z)"`, `row 1, field "target": it is "(Z)"`},
		"an answer neither yes nor no":  {"logicbench", `"answer": "yes"`, `"answer": "perhaps"`, `field "answer": it is "perhaps": expected yes or no`},
		"a score that is no number":     {"popqa", "\t12\t", "\tmany\t", `row 2, field "s_pop": it is "many": expected a number`},
		"a key that is not there":       {"discrim-eval", `"race": "white"`, `"ethnicity": "white"`, `row 1, field "race": it is missing`},
		"shares that miss one":          {"survey", "[0.6, 0.3, 0.1]", "[0.6, 0.3]", `row 1, field "distribution"`},
		"shares that sum to two":        {"survey", "[0.6, 0.3, 0.1]", "[1.0, 0.5, 0.5]", `which sum to 1`},
		"an answer that means two":      {"choice", "a ship,a boat,0,", "0,a boat,0,", ``},
		"an answer that means none":     {"choice", "a stone,A,", "a stone,C,", `row 1, field "right": "C" means 0 of the choices`},
		"a row with too few cells":      {"crows-pairs", ",stereo,age,[]", ",stereo", "wrong number of fields"},
		"a duplicate column":            {"crows-pairs", "sent_less,", "sent_more,", `two columns are named "sent_more"`},
		"an unknown suite":              {"checklist", `"suite": "sentiment"`, `"suite": "speech"`, `field "suite": it is "speech"`},
		"an occupation not in brackets": {"winobias", "[The carpenter] thanked", "The carpenter thanked", "expected an occupation and a pronoun in brackets"},
		"an edit that is there twice":   {"condaqa", `"PassageEditID": 1`, `"PassageEditID": 0`, `has the edit 0 twice`},
	} {
		t.Run(name, func(t *testing.T) {
			i := examples[c.example]
			dir := copied(t, i)
			replaced(t, dir, i, func(b []byte) []byte {
				if !strings.Contains(string(b), c.old) {
					t.Fatalf("the example has no %s", c.old)
				}
				return []byte(strings.Replace(string(b), c.old, c.new, 1))
			})
			_, err := importers.Load(in(dir, i), probes.LoadOptions{})
			if c.want == "" {
				if err != nil {
					t.Errorf("error %v, want none", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want one line with %s", err, c.want)
			}
		})
	}
}

func TestAnAnswerByLabelIsTheChoiceOfThatLabel(t *testing.T) {
	for name, c := range map[string]struct{ line, want string }{
		"numbers from 1":      {`{"choices": ["a", "b"], "labels": ["1", "2"], "answer": "1"}`, `{"choice":"a"}`},
		"letters":             {`{"choices": ["x", "y"], "labels": ["A", "B"], "answer": "B"}`, `{"choice":"y"}`},
		"without, a place":    {`{"choices": ["a", "b"], "answer": 1}`, `{"choice":"b"}`},
		"inside an object":    {`{"choices": {"text": ["a", "b"], "label": ["1", "2"]}, "answer": "1", "dotted": true}`, `{"choice":"a"}`},
		"no label of that":    {`{"choices": ["a", "b"], "labels": ["1", "2"], "answer": "3"}`, `row 1, field "answer": it is "3", of the labels`},
		"a label too few":     {`{"choices": ["a", "b"], "labels": ["1"], "answer": "1"}`, `one label for each choice`},
		"a label twice":       {`{"choices": ["a", "b"], "labels": ["1", "1"], "answer": "1"}`, `one of them`},
		"a field of no field": {`{"choices": "a", "answer": "1", "dotted": true}`, `row 1, field "choices.text": it is missing`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "own.jsonl")
			if err := os.WriteFile(path, []byte(strings.Replace(c.line, "{", `{"question": "Which?", `, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
			i := importers.Import{Format: "choice", Files: []string{"own.jsonl"}, Paths: []string{path}, Licence: "own"}
			if strings.Contains(c.line, "dotted") {
				i.Fields = map[string]string{"choices": "choices.text", "labels": "choices.label"}
			}
			r, err := importers.Load(i, probes.LoadOptions{})
			switch {
			case err != nil && !strings.Contains(err.Error(), c.want):
				t.Errorf("error %v, want %s", err, c.want)
			case err == nil && r.Probe.Cases()[0].Want != c.want:
				t.Errorf("%s is wanted, want %s", r.Probe.Cases()[0].Want, c.want)
			}
		})
	}
}

// What stands in a benchmark file is text, also where it looks like a template,
// a path or a command.
func TestHostileTextStaysText(t *testing.T) {
	i := examples["bbq"]
	const hostile = `{{ range(1000000000) }}{% include \"/etc/passwd\" %} $(id) ../../x \u0000 \u202e end`
	dir := copied(t, i)
	replaced(t, dir, i, func(b []byte) []byte {
		return []byte(strings.ReplaceAll(string(b), "At the harbour", hostile))
	})
	r, err := importers.Load(in(dir, i), probes.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Probe.Cases()[0].Steps[0].User(); !strings.HasPrefix(got, `{{ range(1000000000) }}{% include "/etc/passwd" %} $(id) ../../x`) {
		t.Errorf("the text was read as something else: %q", got)
	}
}

func TestALimitKeepsASeededSampleThatIsBalancedAndWhole(t *testing.T) {
	i := in("testdata", examples["winogender"])
	i.Limit = 3
	r, err := importers.Load(i, probes.LoadOptions{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Probe.Cases())%3 != 0 {
		t.Errorf("%d cases: want bundles of three, whole", len(r.Probe.Cases()))
	}
	i = in("testdata", examples["kobbq"])
	i.Limit = 4
	first := ids(t, i, 1)
	if again := ids(t, i, 1); !slices.Equal(first, again) || len(first) != 4 {
		t.Errorf("the same seed gives %v and %v: want the same four", first, again)
	}
}

func ids(t *testing.T, i importers.Import, seed uint64) []string {
	t.Helper()
	r, err := importers.Load(i, probes.LoadOptions{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, c := range r.Probe.Cases() {
		list = append(list, c.ID)
	}
	return list
}

func TestALicenceIsNeededWhereNoneIsKnown(t *testing.T) {
	i := in("testdata", examples["text"])
	i.Licence = ""
	if _, err := importers.Load(i, probes.LoadOptions{}); err == nil || !strings.Contains(err.Error(), "expected `licence`") {
		t.Errorf("error %v, want one that asks for a licence", err)
	}
}

func TestRecordedAnswersToRowsThatAreAskedInSeveralWaysAreRefused(t *testing.T) {
	for _, name := range []string{"choice", "crows-pairs", "persona-steered"} {
		r, err := importers.Load(in("testdata", examples[name]), probes.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		field := map[string]string{"choice": "right", "crows-pairs": "stereo_antistereo", "persona-steered": "full"}[name]
		if _, err := r.Answers(field); err == nil || !strings.Contains(err.Error(), "asked in several ways") {
			t.Errorf("%s: error %v, want that the row is asked in several ways", name, err)
		}
	}
}
