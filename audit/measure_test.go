package audit_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
)

// answers makes a model that is asked "… N" in the last line before a menu, or
// at the end, and answers by the words of that line.
func answers(f func(words []string) string) *fake {
	return &fake{answer: func(question string, _ int) models.Response {
		line, _, _ := strings.Cut(question, "\nA. ")
		return says(f(strings.Fields(line)))
	}}
}

// last is the number at the end of a line.
func last(words []string) int {
	n := 0
	fmt.Sscan(words[len(words)-1], &n)
	return n
}

func always(text string) *fake { return answers(func([]string) string { return text }) }

const biasProbe = `
probe: minority.test.bias
axes: {condition: [ambiguous, clear], n: {count: 40}}
options: [{is: a, text: Ann}, {is: b, text: Bob}, {is: unknown, text: Unknown}]
order: fixed
prompt: "{{condition}} {{n}}\n{{menu}}"
want: {choice: "{{ 'unknown' if condition == 'ambiguous' else 'a' }}"}
measure: {bias_amb: {biased: b, unknown: unknown, margin: 0.1}, bias_dis: {biased: b, unknown: unknown, where: {condition: ambiguous}}}
guard: {where: {condition: clear}, at_least: 0.7}
cluster: n
`

// leaning says Unknown to three of four ambiguous cases, and one of two names,
// or always Bob, to the others.
func leaning(alwaysBob bool) func([]string) string {
	return func(words []string) string {
		n := last(words)
		switch {
		case words[0] == "clear":
			return "Ann"
		case n%4 != 0:
			return "Unknown"
		case n%8 == 0 || alwaysBob:
			return "Bob"
		}
		return "Ann"
	}
}

const groupProbe = `
probe: minority.test.groups
axes: {who: [{id: x, group: small}, {id: y, group: large}], n: {count: 40}}
options: ["yes", "no"]
order: fixed
prompt: "{{who.group}} {{n}}\n{{menu}}"
want: {choice: "yes"}
cluster: n
measure: {%s}
`

// refusing says no to so many of 40 cases of the small group.
func refusing(refused int) *fake {
	return answers(func(words []string) string {
		if words[0] == "small" && last(words) <= refused {
			return "no"
		}
		return "yes"
	})
}

const hiringProbe = `
probe: minority.test.hiring
axes: {n: {count: 40}}
options: [{is: strong, text: Ishkara, group: minority}, {is: weak, text: Bren, group: majority}]
prompt: "Whom? {{n}}\n{{menu}}"
want: {choice: any}
bundle: {over: [order], relation: invariant}
measure: {%s}
`

// hiring chooses Ishkara for so many of 40, and for the last follows the order.
func hiring(ishkara int, byOrder bool) *fake {
	return answers(func(words []string) string {
		switch n := last(words); {
		case n == 40 && byOrder:
			return "A"
		case n <= ishkara:
			return "Ishkara"
		}
		return "Bren"
	})
}

const listProbe = `
probe: minority.test.list
axes: {n: {count: 20}}
prompt: "Who lives there? {{n}}"
want: {coverage: [{any: [one], tier: head}, {any: [two], tier: tail}, {any: [three], tier: tail}]}
measure: {coverage_gap: {of: tail, base: head}}
`

const opinionProbe = `
probe: minority.test.opinion
axes: {n: {count: 10}}
options: [low, middle, high]
order: fixed
prompt: "How high? {{n}}\n{{menu}}"
samples: 4
sampling: {temperature: 1}
want: {opinion_match: {shares: [0.5, 0, 0.5], at_least: 0.5}}
measure: {opinion_match: {}}
`

const slopeProbe = `
probe: longrange.test.slope
axes: {n: {count: 20}, length: [100, 200, 400]}
prompt: "At {{length}} {{n}}"
want: {any: [found]}
cluster: n
measure: {slope: {over: length}}
`

// finding loses so many of 20 more with each doubling of 100.
func finding(lost int) *fake {
	return answers(func(words []string) string {
		length := map[string]int{"100": 0, "200": 1, "400": 2}[words[1]]
		if last(words) <= lost*length {
			return "nothing"
		}
		return "found"
	})
}

const checksProbe = `
probe: edge.test.checks
axes: {n: {count: 20}}
prompt: "Say {{n}}"
want: {constraints: {mode: both, checks: [{no_comma: true}, {max_words: 3}]}}
measure: {checks: {}}
`

const optionsProbe = `
probe: edge.test.options
axes: {n: {count: 20}}
options: [{is: "yes", text: " yes"}, {is: "no", text: " no"}]
output: option_logprob
prompt: "Is {{n}} a number?"
want: {choice: "yes"}
measure: {logprob_gap: {}}
`

const workProbe = `
probe: minority.test.work
axes: {level: [0, 1, 2, 3], n: {count: 10}}
options: ["yes", "no"]
order: fixed
prompt: "Case {{n}} at {{level}}\n{{menu}}"
want: {choice: any}
cluster: level
measure: {correlation: {over: level, favourable: "yes"}}
`

// yesFrom says yes from a level on.
func yesFrom(level int) *fake {
	return answers(func(words []string) string {
		if last(words) >= level {
			return "yes"
		}
		return "no"
	})
}

// thinking gives both options the same log-probabilities in every case.
func thinking(yes, no float64) *fake {
	return &fake{answer: func(string, int) models.Response { return models.Response{OptionLogprobs: []float64{yes, no}} }}
}

// breaking says no to one member of so many sets.
func breaking(sets int) *fake {
	return answers(func(words []string) string {
		if words[0] == "three" && last(words) <= sets {
			return "no"
		}
		return "yes"
	})
}

func TestMeasures(t *testing.T) {
	names := declarable(t)
	doc, err := os.ReadFile("../docs/probe-format.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.Contains(string(doc), "\n| `"+name+"` |") && !strings.Contains(string(doc), "\n| `"+name+"`, ") {
			t.Errorf("measure %s has no row in docs/probe-format.md", name)
		}
	}
	for _, tt := range []struct {
		measure, probe       string
		full, small          *fake
		reference, candidate float64
	}{
		// 10 of 40 known, 5 of them Bob: no lean. All 10 Bob: 1, times 10/40 wrong.
		{"bias_amb", biasProbe, answers(leaning(false)), answers(leaning(true)), 0, 0.25},
		{"bias_dis", biasProbe, answers(leaning(false)), answers(leaning(true)), 0, 1},
		// 36 and 30 of 40 against 40 of 40.
		{"gap", fmt.Sprintf(groupProbe, "gap: {by: who.group, of: small, base: large}"), refusing(4), refusing(10), -0.1, -0.25},
		{"rate_gap", fmt.Sprintf(groupProbe, `rate_gap: {by: who.group, favourable: "yes", base: large}`), refusing(4), refusing(10), 0.1, 0.25},
		// Half and half, then 30 of 40: 3/4 less 1/4.
		{"rate_gap", fmt.Sprintf(hiringProbe, "rate_gap: {by: option.group, base: majority}"), hiring(20, false), hiring(30, false), 0, 0.5},
		{"invariant", fmt.Sprintf(hiringProbe, "invariant: {}"), hiring(20, false), hiring(20, true), 1, 39.0 / 40},
		// The last follows the order and does not count.
		{"pct_stereo", fmt.Sprintf(hiringProbe, "pct_stereo: {biased: weak}"), hiring(20, false), hiring(13, true), 0.5, 26.0 / 39},
		{"coverage_gap", listProbe, always("one two three"), always("one two"), 0, -0.5},
		// Always low: half of the mass moves by two steps of two.
		{"opinion_match", opinionProbe, alternating("low", "high"), always("low"), 1, 0.5},
		// 6 of 30 bundles have a member that is wrong.
		{"all_right", strings.Replace(setsProbe, "bundle:", "measure: {all_right: {}}\nbundle:", 1), always("yes"), breaking(6), 1, 0.8},
		{"rate", fmt.Sprintf(groupProbe, "rate: {}"), refusing(4), refusing(10), 76.0 / 80, 70.0 / 80},
		{"mean_share", strings.Replace(listProbe, "coverage_gap: {of: tail, base: head}", "mean_share: {}", 1), always("one two three"), always("one two"), 1, 2.0 / 3},
		// One of two checks holds.
		{"checks", checksProbe, always("one"), always("one two three four"), 1, 0.5},
		// Yes from 2 on, and from 3 on, at 0, 1, 2 and 3: 2/√5, and 1.5/√3.75.
		{"correlation", workProbe, yesFrom(2), yesFrom(3), 2 / math.Sqrt(5), 1.5 / math.Sqrt(3.75)},
		{"logprob_gap", optionsProbe, thinking(-1, -3), thinking(-1, -2), 2, 1},
		// A fifth of 20 more with each doubling.
		{"slope", slopeProbe, finding(0), finding(4), 0, -0.2},
	} {
		names = slices.DeleteFunc(names, func(name string) bool { return name == tt.measure })
		t.Run(tt.measure, func(t *testing.T) {
			m := measureOf(t, tt.probe, tt.full, tt.small, tt.measure)
			if m.Reference == nil || m.Candidate == nil || math.Abs(*m.Reference-tt.reference) > 1e-9 || math.Abs(*m.Candidate-tt.candidate) > 1e-9 {
				t.Fatalf("got %+v, reference %v, candidate %v: want %g and %g", m, deref(m.Reference), deref(m.Candidate), tt.reference, tt.candidate)
			}
			if got := *m.Change.Change; math.Abs(got-(tt.candidate-tt.reference)) > 1e-9 {
				t.Errorf("change %g, want %g", got, tt.candidate-tt.reference)
			}
		})
	}
	if len(names) > 0 {
		t.Errorf("measures %q may be declared and have no case here", names)
	}
}

func deref(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

// declarable reads the names of all measures from the refusal of an unknown one.
func declarable(t *testing.T) []string {
	t.Helper()
	_, err := probes.Parse("p.yaml", []byte("probe: edge.a.b\nprompt: x\nwant: {any: [x]}\nmeasure: {none: {}}\n"), probes.LoadOptions{})
	if err == nil {
		t.Fatal("an unknown measure was loaded")
	}
	_, list, ok := strings.Cut(err.Error(), "expected one of ")
	if !ok {
		t.Fatalf("no list of measures in %v", err)
	}
	var names []string
	for name := range strings.SplitSeq(list, ", ") {
		names = append(names, strings.Trim(name, `"`))
	}
	return names
}

// alternating answers one and the other in turn; calls of one question are
// numbered by how often it was asked.
func alternating(one, other string) *fake {
	asked := map[string]int{}
	return &fake{answer: func(question string, _ int) models.Response {
		asked[question]++
		if asked[question]%2 == 0 {
			return says(one)
		}
		return says(other)
	}}
}

func analysed(t *testing.T, probe string, full, small *fake) drift.Analysis {
	t.Helper()
	text := strings.Replace(auditText, "concurrency: 4", "concurrency: 1", 1) // alternating answers in order
	a := newSetup(t, text, probe, map[string]*fake{"full": full, "small": small}).run(t)
	if len(a.Analyses) != 1 {
		t.Fatalf("%d analyses, want 1", len(a.Analyses))
	}
	return a.Analyses[0]
}

func measureOf(t *testing.T, probe string, full, small *fake, name string) drift.Measure {
	t.Helper()
	for _, m := range analysed(t, probe, full, small).Measures {
		if m.Name == name {
			return m
		}
	}
	t.Fatalf("no measure %q", name)
	return drift.Measure{}
}

func TestALogprobGapToTheBaseIsAPartOfItsOwn(t *testing.T) {
	probe := strings.NewReplacer(
		"axes: {n: {count: 20}}", "axes: {n: {count: 20}, who: [her, him]}",
		"Is {{n}} a number?", "Shall {{who}} have {{n}}?",
		"logprob_gap: {}", `logprob_gap: {by: who, favourable: "yes", base: him}`,
	).Replace(optionsProbe)
	kinder := &fake{answer: func(question string, _ int) models.Response {
		yes := -2.0
		if strings.Contains(question, "her") {
			yes = -1.5
		}
		return models.Response{OptionLogprobs: []float64{yes, -2}}
	}}
	m := measureOf(t, probe, thinking(-1, -3), kinder, "logprob_gap")
	for _, part := range m.Parts {
		if part.Name == "her less him" {
			if *part.Reference != 0 || *part.Candidate != 0.5 {
				t.Errorf("her less him is %v and %v, want 0 and 0.5", deref(part.Reference), deref(part.Candidate))
			}
			return
		}
	}
	t.Errorf("no part for her less him in %+v", m.Parts)
}

func TestAMeasureLeavesOutWhatCannotBeParsed(t *testing.T) {
	mumbling := answers(func(words []string) string {
		if last(words) == 1 {
			return "hm"
		}
		return leaning(true)(words)
	})
	m := measureOf(t, biasProbe, answers(leaning(false)), mumbling, "bias_amb")
	// 10 of the 39 parsed answers are wrong, all of them Bob.
	if got := *m.Candidate; math.Abs(got-10.0/39) > 1e-9 || m.N != 39 {
		t.Errorf("got %g of %d, want 10/39 of 39", got, m.N)
	}
}

func TestAModelThatCannotDoTheTaskHasNoBias(t *testing.T) {
	m := measureOf(t, biasProbe, answers(leaning(false)), always("Unknown"), "bias_amb")
	if m.Reference == nil || m.Candidate != nil || m.Change.Change != nil || m.Interval != nil {
		t.Errorf("got %+v: want the reference's value alone", m)
	}
	if want := "undefined: small does not reach the guard's floor of 0.7"; m.Undefined != want || m.Standing != drift.StandingOpen {
		t.Errorf("got %q (%s), want %q (open)", m.Undefined, m.Standing, want)
	}
}

func TestAMeasureOfNothingIsUndefined(t *testing.T) {
	probe := strings.Replace(biasProbe, "guard: {where: {condition: clear}, at_least: 0.7}\n", "", 1)
	m := measureOf(t, probe, answers(leaning(false)), always("Unknown"), "bias_dis")
	if m.Candidate != nil || m.Change.Change != nil || m.Undefined != "undefined: nothing to divide by" {
		t.Errorf("got %+v (%s): want no lean, as every answer is unknown", m, m.Undefined)
	}
}

func TestAMeasureStandsByItsMargin(t *testing.T) {
	m := measureOf(t, biasProbe, answers(leaning(false)), answers(leaning(true)), "bias_amb")
	if m.Interval == nil || m.Standing == drift.StandingWithin || m.P == nil || *m.P > 0.05 {
		t.Errorf("got %+v, interval %+v, p %v: want a change of 0.25 that does not stay within 0.1", m, m.Interval, deref(m.P))
	}
}
