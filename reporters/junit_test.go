package reporters_test

import (
	"encoding/xml"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// junit is what a reader of the XML sees.
type junit struct {
	counts
	Suites []struct {
		Name string `xml:"name,attr"`
		counts
		Cases []junitCase `xml:"testcase"`
	} `xml:"testsuite"`
}

type counts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitCase struct {
	Name    string    `xml:"name,attr"`
	Class   string    `xml:"classname,attr"`
	File    string    `xml:"file,attr"`
	Line    int       `xml:"line,attr"`
	Failure *struct{} `xml:"failure"`
	Error   *struct{} `xml:"error"`
	Skipped *struct{} `xml:"skipped"`
}

// states are the states that a case is in: one or none.
func (c junitCase) states() string {
	var s []string
	if c.Failure != nil {
		s = append(s, "failure")
	}
	if c.Error != nil {
		s = append(s, "error")
	}
	if c.Skipped != nil {
		s = append(s, "skipped")
	}
	return strings.Join(s, " ")
}

func readJUnit(t testing.TB, text string) junit {
	t.Helper()
	var j junit
	if err := xml.Unmarshal([]byte(text), &j); err != nil {
		t.Fatal(err)
	}
	return j
}

func TestJUnitCountsAreThoseOfItsCases(t *testing.T) {
	for situation, build := range audits {
		j := readJUnit(t, render(t, "junit", build(t)))
		var total counts
		for _, suite := range j.Suites {
			var got counts
			for _, c := range suite.Cases {
				got.add(c)
				total.add(c)
				if c.Class != suite.Name {
					t.Errorf("%s: case %q has class %q, want its suite %q", situation, c.Name, c.Class, suite.Name)
				}
			}
			if got != suite.counts {
				t.Errorf("%s: suite %q says %+v, has %+v", situation, suite.Name, suite.counts, got)
			}
		}
		if total != j.counts {
			t.Errorf("%s: the report says %+v, has %+v", situation, j.counts, total)
		}
	}
}

func (n *counts) add(c junitCase) {
	n.Tests++
	switch c.states() {
	case "failure":
		n.Failures++
	case "error":
		n.Errors++
	case "skipped":
		n.Skipped++
	}
}

func TestJUnitCasesAreInTheStateThatTheGateSees(t *testing.T) {
	const points5, points10 = ": loses no more than 5 points", ": loses no more than 10 points"
	want := map[string]string{
		"minority.tail.facts/q4 · all" + points5:                          "",
		"minority.tail.facts/q4 · group=minority" + points10:              "failure",
		"longrange.retrieve.multi/q4 · all" + points5:                     "failure", // inconclusive: block
		"nuance.irony.labels/q4 · all" + points5:                          "skipped", // uninformative: warn
		"edge.dates.leap_day/q4 · all" + points5:                          "skipped", // waived
		"edge.stability.typos/q4 · all" + points5:                         "skipped", // advisory
		"edge.empty.input/q4 · all" + points5:                             "error",   // coverage
		"edge.silent/q4 · all" + points5:                                  "error",   // no data
		"edge.dates.leap_day/q4 · mandatory: edge.dates.leap_day/2000":    "",
		"edge.dates.leap_day/q4 · mandatory: edge.dates.leap_day/2400":    "failure",
		"edge.dates.leap_day/q4 · mandatory: edge.dates.leap_day/1900":    "error",
		"edge.dates.leap_day/q2 日本 · mandatory: edge.dates.leap_day/2000": "skipped",
		"longrange.retrieve.single/rtn3 · all" + points5:                  "skipped", // a control's
		"controls/rtn3 is blocked":                                        "",
		"controls/noise is blocked":                                       "failure",
		"gate/the gate passes":                                            "failure",
	}
	got := map[string]string{}
	for _, suite := range readJUnit(t, render(t, "junit", mixedAudit(t))).Suites {
		for _, c := range suite.Cases {
			got[suite.Name+"/"+c.Name] = c.states()
		}
	}
	for name, state := range want {
		if have, ok := got[name]; !ok || have != state {
			t.Errorf("%s is %q (found: %t), want %q", name, have, ok, state)
		}
	}
}

func TestJUnitWarnsWhereThePolicyDoes(t *testing.T) {
	a := mixedAudit(t)
	a.Policy.Inconclusive, a.Policy.Uninformative = "warn", "block"
	want := map[string]string{"longrange.retrieve.multi": "skipped", "nuance.irony.labels": "failure"}
	for _, suite := range readJUnit(t, render(t, "junit", a)).Suites {
		if state, ok := want[suite.Name]; ok && suite.Cases[0].states() != state {
			t.Errorf("%s is %q, want %q", suite.Name, suite.Cases[0].states(), state)
		}
	}
}

func TestJUnitPointsToTheProbe(t *testing.T) {
	c := readJUnit(t, render(t, "junit", passedAudit(t))).Suites[0].Cases[0]
	if c.File != "probes/minority.tail.facts.yaml" || c.Line != 3 {
		t.Errorf("got %s:%d, want probes/minority.tail.facts.yaml:3", c.File, c.Line)
	}
}

func TestJUnitFollowsItsSchema(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed: install libxml2-utils to check the JUnit reports against testdata/junit.xsd")
	}
	for situation, build := range situations() {
		lint := exec.CommandContext(t.Context(), xmllint, "--nonet", "--noout", "--schema", filepath.Join("testdata", "junit.xsd"), "-")
		lint.Stdin = strings.NewReader(render(t, "junit", build(t)))
		if out, err := lint.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", situation, err, out)
		}
	}
}

func TestAControlThatNobodyJudgedIsMissed(t *testing.T) {
	a := passedAudit(t)
	a.Candidates = append(a.Candidates, drift.Model{Name: "rtn3", Expect: drift.ExpectBlocked})
	for _, suite := range readJUnit(t, render(t, "junit", a)).Suites {
		if suite.Name == "controls" && suite.Cases[0].states() != "failure" {
			t.Errorf("got %q, want a failure", suite.Cases[0].states())
		}
	}
}
