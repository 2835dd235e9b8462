package reporters_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
)

// schemaOf compiles a schema of testdata/schemas, or of one that lies beside
// the package, with the others at hand for what it refers to. Formats such as
// uri are checked too.
func schemaOf(t testing.TB, file string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	names, err := filepath.Glob("testdata/schemas/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "routing.schema.json", "report.schema.json") {
		// The references of the CycloneDX schemas are relative to its address.
		for _, base := range []string{"file:///", "http://cyclonedx.org/schema/"} {
			if err := c.AddResource(base+path.Base(name), document(t, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	schema, err := c.Compile("file:///" + file)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func document(t testing.TB, name string) any {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return doc
}

// checkJSONReport validates text and looks for anything that does not print.
func checkJSONReport(t *testing.T, schema *jsonschema.Schema, text string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("%v", err)
	}
}

func TestJSONFormatsFollowTheirSchemas(t *testing.T) {
	for format, file := range map[string]string{
		"json":      "report.schema.json",
		"sarif":     "sarif-2.1.0-rtm.5.json",
		"cyclonedx": "bom-1.7.SNAPSHOT.schema.json",
		"in-toto":   "test-result.schema.json",
	} {
		schema := schemaOf(t, file)
		for situation, build := range situations() {
			t.Run(format+"/"+situation, func(t *testing.T) {
				var b bytes.Buffer
				if err := reporters.Write(format, &b, build(t)); err != nil {
					if format == "in-toto" && (situation == "empty" || situation == "smoke") {
						return // nothing to attest to: the golden files have why
					}
					t.Fatal(err)
				}
				checkJSONReport(t, schema, b.String())
				if format != "json" { // which keeps every text as it is
					checkVisible(t, format, b.String())
				}
			})
		}
	}
}

func TestASchemaRefusesAnEmptyObject(t *testing.T) {
	for _, file := range []string{
		"report.schema.json", "routing.schema.json", "sarif-2.1.0-rtm.5.json", "bom-1.7.SNAPSHOT.schema.json", "test-result.schema.json",
	} {
		if schemaOf(t, file).Validate(map[string]any{}) == nil {
			t.Errorf("%s accepts {}", file)
		}
	}
}

func TestRoutingFollowsItsSchema(t *testing.T) {
	schema := schemaOf(t, "routing.schema.json")
	for situation, build := range situations() {
		t.Run(situation, func(t *testing.T) {
			text := render(t, "routing", build(t))
			var doc any
			if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			checkJSONReport(t, schema, string(data))
			checkVisible(t, "routing", text)
		})
	}
}

func TestCSVIsReadBack(t *testing.T) {
	for situation, build := range situations() {
		t.Run(situation, func(t *testing.T) {
			a := build(t)
			if situation == "empty" {
				a.Pairs = nil
			}
			text := render(t, "csv", a)
			rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != 1+len(a.Pairs) {
				t.Errorf("got %d rows, want a head and %d", len(rows), len(a.Pairs))
			}
			checkVisible(t, "csv", text)
			for _, row := range rows {
				for _, cell := range row {
					if cell != "" && strings.ContainsRune("=+@\t\r", rune(cell[0])) {
						t.Errorf("a spreadsheet runs %q", cell)
					}
				}
			}
		})
	}
}

func TestCellsThatAreNumbersStayNumbers(t *testing.T) {
	a := passedAudit(t)
	a.Pairs = a.Pairs[:1]
	for answer, want := range map[string]string{"-3.5": "-3.5", "+4": "+4", "-3+cmd": "'-3+cmd", "@SUM(A1)": "'@SUM(A1)", "=1": "'=1", "x=1": "x=1"} {
		a.Pairs[0].Pair.Candidate.Answer = answer
		rows, err := csv.NewReader(strings.NewReader(render(t, "csv", a))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := rows[1][17]; rows[0][17] != "candidate_answer" || got != want {
			t.Errorf("%s: cell %q, want %q", answer, got, want)
		}
	}
}

func TestPairsAreReadBackAsTheyWere(t *testing.T) {
	for situation, build := range situations() {
		want := build(t).Pairs
		got, err := reporters.ReadPairs(strings.NewReader(render(t, "pairs", build(t))))
		if err != nil {
			t.Fatalf("%s: %v", situation, err)
		}
		valid := cmp.Transformer("valid", func(s string) string { return strings.ToValidUTF8(s, "\ufffd") })
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(drift.Observation{}, "Digest"), valid); diff != "" {
			t.Errorf("%s (-want +got):\n%s", situation, diff)
		}
	}
}

func TestReadPairsRefusesWhatItCannotUnderstand(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"another schema": {`{"schema": "gambit.pairs/9"}`, `read pairs: unknown schema "gambit.pairs/9": expected "gambit.pairs/1"`},
		"cut":            {`{"schema": "gambit.pairs/1", "pairs": 2}` + "\n{}\n", "read pairs: got 1 pairs, want 2: the file was cut"},
		"cut in a line":  {`{"schema": "gambit.pairs/1", "pairs": 1}` + "\n{\"probe\"", "read pairs: pair 1: unexpected EOF"},
	}
	for name, test := range tests {
		if _, err := reporters.ReadPairs(strings.NewReader(test.in)); err == nil || err.Error() != test.want {
			t.Errorf("%s: got error %v, want %s", name, err, test.want)
		}
	}
}

func TestNoPairsIsNotAnEmptyTable(t *testing.T) {
	a := passedAudit(t)
	a.Pairs = nil
	for _, format := range []string{"csv", "pairs"} {
		if err := reporters.Write(format, &bytes.Buffer{}, a); err == nil || !strings.Contains(err.Error(), "expected pairs.jsonl") {
			t.Errorf("%s: got error %v, want one that names pairs.jsonl", format, err)
		}
	}
}

// sarif is what a code host reads of a report.
type sarif struct {
	Runs []struct {
		Tool struct {
			Driver struct{ Rules []struct{ ID string } }
		}
		Invocations []struct {
			ToolExecutionNotifications []struct {
				Message struct{ Text string }
			}
		}
		Results []struct {
			RuleID              string
			RuleIndex           int
			Level               string
			Message             struct{ Text string }
			PartialFingerprints map[string]string
			Locations           []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           struct{ StartLine int }
				}
			}
		}
	}
}

func readSARIF(t testing.TB, a *drift.Audit) sarif {
	t.Helper()
	var s sarif
	if err := json.Unmarshal([]byte(render(t, "sarif", a)), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSARIFPointsToTheLineOfTheProbeWorstFirst(t *testing.T) {
	var got []string
	for _, r := range readSARIF(t, mixedAudit(t)).Runs[0].Results {
		at := r.Locations[0].PhysicalLocation
		got = append(got, fmt.Sprintf("%s %s %s:%d", r.Level, r.RuleID, at.ArtifactLocation.URI, at.Region.StartLine))
	}
	want := []string{
		"error edge.dates.leap_day probes/edge/dates.yaml:14", // mandatory, wrong
		"error minority.tail.facts probes/minority.tail.facts.yaml:3",
		"error longrange.retrieve.multi probes/longrange.retrieve.multi.yaml:3",
		"error edge.dates.leap_day probes/edge/dates.yaml:14", // mandatory, no answer
		"error edge.empty.input probes/edge.empty.input.yaml:3",
		"error edge.silent probes/edge/silent.yaml:1",
		"warning edge.stability.typos probes/edge.stability.typos.yaml:3", // advisory
		"warning edge.dates.leap_day probes/edge.dates.leap_day.yaml:3",   // waived
		"note nuance.irony.labels probes/nuance.irony.labels.yaml:3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSARIFRulesAndFingerprintsAreSound(t *testing.T) {
	for situation, build := range situations() {
		run := readSARIF(t, build(t)).Runs[0]
		seen := map[string]bool{}
		for _, r := range run.Results {
			if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
				t.Errorf("%s: rule %d is not %s", situation, r.RuleIndex, r.RuleID)
			}
			print := r.PartialFingerprints["primaryLocationLineHash"]
			if print == "" || seen[print] {
				t.Errorf("%s: fingerprint %q of %s is not its own", situation, print, r.RuleID)
			}
			seen[print] = true
		}
	}
}

func TestSARIFFingerprintsOutliveLinesAndNumbers(t *testing.T) {
	prints := func(a *drift.Audit) map[string]bool {
		all := map[string]bool{}
		for _, r := range readSARIF(t, a).Runs[0].Results {
			all[r.PartialFingerprints["primaryLocationLineHash"]] = true
		}
		return all
	}
	later := mixedAudit(t)
	for i := range later.Comparisons {
		later.Comparisons[i].Line += 7
		later.Comparisons[i].Because += " once more"
		later.Comparisons[i].Change = ptr(-0.3)
	}
	if diff := cmp.Diff(prints(mixedAudit(t)), prints(later)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSARIFKeepsTheWorstBelowTheLimitOfCodeHosts(t *testing.T) {
	a := passedAudit(t)
	for i := range 7000 {
		c := a.Comparisons[0]
		c.Group, c.Verdict, c.Reason, c.Change = fmt.Sprintf("n=%d", i), drift.VerdictFail, "inferior", ptr(-float64(i)/10000)
		a.Comparisons = append(a.Comparisons, c)
	}
	text := render(t, "sarif", a)
	run := readSARIF(t, a).Runs[0]
	if len(run.Results) != 5000 || !strings.Contains(run.Results[0].Message.Text, "n=6999") {
		t.Errorf("got %d results, the first %q, want 5000, the worst first", len(run.Results), run.Results[0].Message.Text)
	}
	const want = "2,000 results, the least harmful, are left out of 7,000: see the other formats"
	if got := run.Invocations[0].ToolExecutionNotifications[0].Message.Text; got != want {
		t.Errorf("got the notice %q, want %q", got, want)
	}
	if len(text) > 10_000_000 {
		t.Errorf("%d bytes, want at most 10 MB", len(text))
	}
}

func TestGitHubCommandsCannotBeMadeByText(t *testing.T) {
	for situation, build := range situations() {
		text := render(t, "github", build(t))
		kinds := map[string]int{}
		for line := range strings.Lines(text) {
			kind, rest, _ := strings.Cut(strings.TrimPrefix(line, "::"), " ")
			kinds[kind]++
			if properties, _, ok := strings.Cut(rest, "::"); !ok || strings.Count(properties, "title=") != 1 {
				t.Errorf("%s: not a command: %q", situation, line)
			}
		}
		for kind, n := range kinds {
			if (kind != "error" && kind != "warning" && kind != "notice") || n > 10 {
				t.Errorf("%s: %d commands %q, want at most 10 of error, warning and notice", situation, n, kind)
			}
		}
		checkVisible(t, "github", text)
	}
}

func TestGitHubSaysHowManyAnnotationsAreLeftOut(t *testing.T) {
	a := passedAudit(t)
	for i := range 30 {
		c := a.Comparisons[0]
		c.Group, c.Verdict, c.Reason = fmt.Sprintf("n=%d", i), drift.VerdictFail, "inferior"
		a.Comparisons = append(a.Comparisons, c)
	}
	if text := render(t, "github", a); strings.Count(text, "::error ") != 10 || !strings.Contains(text, "::error title=21 more::") {
		t.Errorf("want 9 errors and a tenth for 21 more, got:\n%s", text)
	}
}

func TestARedRunNeverLacksAnError(t *testing.T) {
	for situation, build := range situations() {
		a := build(t)
		text := render(t, "github", a)
		if got := strings.Contains(text, "::error "); got == a.Gate.Passed {
			t.Errorf("%s: gate passed %t, errors %t:\n%s", situation, a.Gate.Passed, got, text)
		}
	}
}

func TestEveryFormatOf100000PairsIsTheSameEachTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	a := manyPairs(t, 100_000)
	for _, format := range reporters.Formats() {
		first := render(t, format, a)
		if again := render(t, format, a); again != first {
			t.Errorf("%s differs between two renderings", format)
		}
	}
}

// BenchmarkRebuild is what `gambit report` does for one format, from the files
// of a run of 100,000 pairs.
func BenchmarkRebuild(b *testing.B) {
	a := manyPairs(b, 100_000)
	report, pairs := render(b, "json", a), render(b, "pairs", a)
	for _, format := range reporters.Formats() {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				read, err := reporters.ReadJSON(strings.NewReader(report))
				if err != nil {
					b.Fatal(err)
				}
				if reporters.NeedsPairs(format) {
					if read.Pairs, err = reporters.ReadPairs(strings.NewReader(pairs)); err != nil {
						b.Fatal(err)
					}
				}
				render(b, format, read)
			}
		})
	}
}

func TestACommentFitsAPullRequest(t *testing.T) {
	a := mixedAudit(t)
	for len(a.Comparisons) < 2000 {
		a.Comparisons = append(a.Comparisons, a.Comparisons...)
	}
	text := render(t, "comment", a)
	if len(text) > 65_536 || !strings.HasPrefix(text, "<!-- gambit -->\n# Gate not passed") {
		t.Errorf("%d bytes that begin %.40q, want at most 65,536 with the verdict first", len(text), text)
	}
}

func TestNothingIsRoutedByAGateThatMisbehaved(t *testing.T) {
	routes := func(change func(*drift.Audit)) string {
		a := passedAudit(t)
		change(a)
		return render(t, "routing", a)
	}
	for name, test := range map[string]struct {
		change func(*drift.Audit)
		want   string
	}{
		"as it passed": {func(*drift.Audit) {}, "to: small"},
		"missed control": {func(a *drift.Audit) {
			a.Candidates = append(a.Candidates, drift.Model{Name: "rtn3", Expect: drift.ExpectBlocked})
		}, "to: big"},
		"specimens":         {func(a *drift.Audit) { a.Controls = &drift.Controls{} }, "to: big"},
		"no interval":       {func(a *drift.Audit) { a.Comparisons[0].GateInterval = nil }, "to: big"},
		"a mandatory fails": {func(a *drift.Audit) { a.Mandatory = []drift.Mandatory{{Probe: "minority.tail.facts", Candidate: "q8"}} }, "to: big"},
		"a group fails": {func(a *drift.Audit) {
			c := a.Comparisons[0]
			c.Group, c.Verdict = "group=minority", drift.VerdictInconclusive
			a.Comparisons = append(a.Comparisons, c)
		}, "to: big"},
	} {
		got := routes(test.change)
		if !strings.Contains(got, test.want) || test.want == "to: big" && strings.Contains(got, "to: small") {
			t.Errorf("%s: want %q, got:\n%s", name, test.want, got)
		}
	}
}

func TestEveryFormatStatesThePolicy(t *testing.T) {
	a := passedAudit(t)
	a.Policy.Margins = []drift.MarginRule{{Harm: "bias-amplification", Group: "*", Margin: 0.0317}}
	a.Policy.Inconclusive, a.Policy.MaxInconclusive, a.Policy.MinJudged = "warn", ptr(7), 0.83
	a.Policy.Advisory, a.Policy.Blocking = []string{"edge.*"}, []string{"edge.negation.*"}
	a.Policy.Waivers = []drift.Waiver{{Probe: "nuance.*", Owner: "ana", Until: "2027-03-01", Why: "known", Expired: true}}
	stated := []string{"3.17 points for harm bias-amplification", "at most 7 of a candidate", "83 %", "edge.negation.", "ana"}
	for _, format := range reporters.Formats() {
		if format == "csv" || format == "pairs" || format == "json" || format == "in-toto" {
			continue // a table; and machines, which get the keys themselves
		}
		text := strings.NewReplacer("%25", "%", `\*`, "*", "&#43;", "+").Replace(render(t, format, a))
		for _, what := range stated {
			if !strings.Contains(text, what) {
				t.Errorf("%s does not say %q", format, what)
			}
		}
	}
}
