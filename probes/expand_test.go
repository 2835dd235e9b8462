package probes_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/probes"
	"github.com/google/go-cmp/cmp"
)

func itoa(n int) string { return strconv.Itoa(n) }

// excerpt is the start and the end of a prompt on one line.
func excerpt(s string) string {
	s = strconv.Quote(s)
	if len(s) > 160 {
		s = s[:80] + " … " + s[len(s)-70:]
	}
	return s
}

func parse(t *testing.T, text string, o probes.LoadOptions) *probes.Probe {
	t.Helper()
	p, err := probes.Parse("probe.yaml", []byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCasesAreTheProductOfTheAxesInOrder(t *testing.T) {
	p := parse(t, `
probe: edge.a.b
axes: {x: [1, 2], y: [a, b]}
prompt: "{{x}}{{y}}"
want: {any: [z]}
`, probes.LoadOptions{})
	var got []string
	for _, c := range p.Cases() {
		got = append(got, c.ID+" "+c.Steps[0].User()+" "+c.Cluster)
	}
	want := []string{"edge.a.b/1-a 1a 1", "edge.a.b/1-b 1b 1", "edge.a.b/2-a 2a 2", "edge.a.b/2-b 2b 2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSizesNest(t *testing.T) {
	text := `
probe: edge.a.b
axes: {x: {table: testdata/rows.csv, take: {smoke: 2, standard: 4}}}
prompt: "{{x.word}}"
want: {any: [z]}
`
	ids := func(size probes.Size) (list []string) {
		for _, c := range parse(t, text, probes.LoadOptions{Size: size}).Cases() {
			list = append(list, c.ID)
		}
		return list
	}
	smoke, standard, full := ids(probes.Smoke), ids(probes.Standard), ids(probes.Full)
	if len(smoke) != 2 || len(standard) != 4 {
		t.Fatalf("got %d smoke and %d standard cases, want 2 and 4", len(smoke), len(standard))
	}
	for _, id := range smoke {
		if !slices.Contains(standard, id) {
			t.Errorf("smoke case %s is not in standard %v", id, standard)
		}
	}
	if diff := cmp.Diff(standard, full); diff != "" {
		t.Errorf("full takes the next smaller size (-want +got):\n%s", diff)
	}
}

func TestRandomValuesDependOnSeedAndKeysAlone(t *testing.T) {
	text := `
probe: edge.a.b
axes: {x: %s, v: [plain, noop]}
random: {n: {int: [1, 1000000]}, w: {letters: 5, n: 3}, d: {digits: 7}, u: {uuid: true}, p: {pick: [a, b, c, d], n: 4}}
prompt: "{{n}} {{w | join(',')}} {{d}} {{u}} {{p | join}}"
want: {any: [z]}
bundle: {over: [v], relation: paired}
`
	prompts := func(axis string, seed uint64) map[string]string {
		m := map[string]string{}
		for _, c := range parse(t, fmt.Sprintf(text, axis), probes.LoadOptions{Seed: seed}).Cases() {
			m[c.ID] = c.Steps[0].User()
		}
		return m
	}
	small, large, other := prompts("[1, 2]", 1), prompts("[0, 1, 2, 3]", 1), prompts("[1, 2]", 2)
	for id, prompt := range small {
		if large[id] != prompt {
			t.Errorf("%s changed when rows were added: %q, then %q", id, prompt, large[id])
		}
		if other[id] == prompt {
			t.Errorf("%s is %q under two seeds", id, prompt)
		}
	}
	if small["edge.a.b/1-plain"] != small["edge.a.b/1-noop"] {
		t.Error("a bundle does not share its draws")
	}
	// The numbers are the same on every machine.
	if got, want := small["edge.a.b/1-plain"], "764539 gwtef,lfure,shqdm 6249546 f840a9a7-95d8-42b7-8eba-aff84fc6b344 abdc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOptionsRotate(t *testing.T) {
	p := parse(t, `
probe: edge.a.b
options: [{is: x, text: ex}, {is: y, text: why}, zed]
prompt: "{{menu}}"
want: {choice: x}
`, probes.LoadOptions{})
	var got []string
	for _, c := range p.Cases() {
		got = append(got, c.ID+": "+strings.ReplaceAll(c.Steps[0].User(), "\n", ", "))
	}
	want := []string{"edge.a.b/0: A. ex, B. why, C. zed", "edge.a.b/1: A. why, B. zed, C. ex", "edge.a.b/2: A. zed, B. ex, C. why"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLogProbabilityHasNoOrder(t *testing.T) {
	p := parse(t, `
probe: edge.a.b
options: [" a", " b", " c"]
output: option_logprob
prompt: "Say"
want: {choice: a}
`, probes.LoadOptions{})
	if len(p.Cases()) != 1 || p.Cases()[0].ID != "edge.a.b/1" || p.Cases()[0].Options[0].Text != " a" {
		t.Errorf("got %d cases, first %+v", len(p.Cases()), p.Cases()[0])
	}
}

func TestHandWrittenCasesReplaceAndMerge(t *testing.T) {
	p := parse(t, `
probe: edge.a.b
vars: {who: Ana, what: tea}
prompt: "{{who}} drinks {{what}}."
want: {any: [tea]}
cases:
  - {id: one}
  - id: two
    mandatory: true
    vars: {what: milk}
    want: {any: [milk]}
  - id: three
    prompt: "Only {{what}}?"
`, probes.LoadOptions{})
	var got []string
	for _, c := range p.Cases() {
		got = append(got, fmt.Sprintf("%s:%d %s %s %v", c.ID, c.Line, c.Steps[0].User(), c.Want, c.Mandatory))
	}
	want := []string{
		`edge.a.b/one:7 Ana drinks tea. {"any":["tea"]} false`,
		`edge.a.b/two:8 Ana drinks milk. {"any":["milk"]} true`,
		`edge.a.b/three:12 Only tea? {"any":["tea"]} false`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHashFollowsContentAndIDDoesNot(t *testing.T) {
	text := func(want string) string {
		return "probe: edge.a.b\nprompt: Say it.\nwant: {any: [" + want + "]}\n"
	}
	a := parse(t, text("x"), probes.LoadOptions{}).Cases()[0]
	b := parse(t, text("y"), probes.LoadOptions{}).Cases()[0]
	same := parse(t, text("x"), probes.LoadOptions{}).Cases()[0]
	if a.ID != b.ID || a.Hash() == b.Hash() || a.Hash() != same.Hash() {
		t.Errorf("ids %s %s, hashes %s %s %s", a.ID, b.ID, a.Hash(), b.Hash(), same.Hash())
	}
}

func TestAnExpressionKeepsItsType(t *testing.T) {
	p := parse(t, `
probe: edge.a.b
axes: {k: [2, 3]}
vars: {half: "{{ k / 2 }}", double: "{{ k * 2 }}", names: "{{ ['a', 'b'] }}"}
random: {w: {letters: 2, n: "{{k}}"}}
prompt: "{{half}} {{double}} {{names[1]}} {{w | length}}"
want: {numeric: "{{double}}"}
`, probes.LoadOptions{})
	var got []string
	for _, c := range p.Cases() {
		got = append(got, c.Steps[0].User()+" "+c.Want)
	}
	want := []string{`1.0 4 b 2 {"numeric":4}`, `1.5 6 b 3 {"numeric":6}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestShippedProbesLoadAtEverySize(t *testing.T) {
	for _, size := range []probes.Size{probes.Smoke, probes.Standard, probes.Full} {
		suite, err := probes.Load([]string{"builtin", "builtin:specimen"}, probes.LoadOptions{Size: size, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range suite.Probes {
			if p.File != "probes/"+strings.Replace(p.ID, ".", "/", 1)+".yaml" {
				t.Errorf("%s lies in %s: a shipped probe is named after its id, PACK/DIMENSION.NAME.yaml", p.ID, p.File)
			}
			if p.About == "" || p.Source == "" {
				t.Errorf("%s has no about or no source", p.ID)
			}
		}
		for _, w := range suite.Warnings {
			t.Errorf("%s: warning: %v", size, w)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("probe: edge.a.b\nprompt: x\nwant: {any: [y]}\n")
	f.Add("probe: edge.a.b\naxes: {x: [{id: a, t: \"{{y}}\"}], y: {count: 3}}\nprompt: \"{{x.t}}\"\nwant: {any: [y]}\n")
	f.Add("probe: edge.a.b\nturns: [{user: x}, {assistant: y}, {user: z, want: {leak: [q]}}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := probes.Parse("probe.yaml", []byte(text), probes.LoadOptions{Seed: 1})
		if err == nil && len(p.Cases()) == 0 {
			t.Error("zero cases without an error")
		}
	})
}
