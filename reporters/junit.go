package reporters

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("junit", format{
	file:   "report.xml",
	doc:    "JUnit XML for CI: a suite is a probe, a case is a comparison",
	render: renderJUnit,
})

const maxJUnitFlips = 3

type testSuites struct {
	XMLName  xml.Name    `xml:"testsuites"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Suites   []testSuite `xml:"testsuite"`
}

type testSuite struct {
	Name       string      `xml:"name,attr"`
	Tests      int         `xml:"tests,attr"`
	Failures   int         `xml:"failures,attr"`
	Errors     int         `xml:"errors,attr"`
	Skipped    int         `xml:"skipped,attr"`
	Properties *properties `xml:"properties"`
	Cases      []testCase  `xml:"testcase"`
}

// properties is nil where there are none: readers refuse an empty list.
type properties struct {
	List []property `xml:"property"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testCase struct {
	Name       string      `xml:"name,attr"`
	Class      string      `xml:"classname,attr"`
	File       string      `xml:"file,attr,omitempty"`
	Line       int         `xml:"line,attr,omitempty"`
	Properties *properties `xml:"properties"`
	Failure    *trouble    `xml:"failure"`
	Error      *trouble    `xml:"error"`
	Skipped    *reason     `xml:"skipped"`
	Out        *output     `xml:"system-out"`
}

// trouble is why a case failed.
type trouble struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"`
}

type reason struct {
	Message string `xml:"message,attr"`
}

type output struct {
	Text string `xml:",cdata"`
}

func renderJUnit(a *drift.Audit) ([]byte, error) {
	all := testSuites{Name: sentence(a.Title)}
	for _, id := range probeIDs(a) {
		all.add(probeSuite(a, id))
	}
	if controls := expecting(a, drift.ExpectBlocked); len(controls) > 0 {
		all.add(controlSuite(a, controls))
	}
	all.add(gateSuite(a))
	body, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, err
	}
	return []byte(xml.Header + string(body) + "\n"), nil
}

func (all *testSuites) add(s testSuite) {
	all.Suites = append(all.Suites, s)
	all.Tests += s.Tests
	all.Failures += s.Failures
	all.Errors += s.Errors
	all.Skipped += s.Skipped
}

func (s *testSuite) add(c testCase) {
	c.Class = s.Name
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

// probeIDs are the probes with anything to show, in audit order; those that
// the audit tells nothing of come last.
func probeIDs(a *drift.Audit) []string {
	var ids []string
	for _, p := range a.Probes {
		ids = append(ids, p.ID)
	}
	for _, c := range a.Comparisons {
		ids = append(ids, c.Probe)
	}
	for _, m := range a.Mandatory {
		ids = append(ids, m.Probe)
	}
	var once []string
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] {
			once = append(once, id)
		}
		seen[id] = true
	}
	return once
}

func probeSuite(a *drift.Audit, id string) testSuite {
	s := testSuite{Name: orUndefined(name(id))}
	for _, p := range a.Probes {
		if p.ID == id {
			s.Properties = probeProperties(p)
		}
	}
	for _, c := range a.Comparisons {
		if c.Probe == id {
			s.add(comparisonCase(a, c))
		}
	}
	for _, m := range a.Mandatory {
		if m.Probe == id {
			s.add(mandatoryCase(m))
		}
	}
	return s
}

func probeProperties(p drift.ProbeInfo) *properties {
	return some([]property{
		{"pack", name(p.Pack)},
		{"harm", name(p.Harm)},
		{"about", sentence(p.About)},
		{"source", sentence(p.Source)},
		{"cases", strconv.Itoa(p.Cases)},
		{"advisory", strconv.FormatBool(p.Advisory)},
	})
}

// some keeps the properties that say something.
func some(list []property) *properties {
	return &properties{slices.DeleteFunc(list, func(p property) bool { return p.Value == "" })}
}

func comparisonCase(a *drift.Audit, c drift.Comparison) testCase {
	kase := testCase{
		Name:       fmt.Sprintf("%s · %s: loses no more than %s points", name(c.Candidate), group(c), plain(c.Margin)),
		File:       excerpt(c.File, maxQuoted),
		Line:       c.Line,
		Properties: comparisonProperties(c),
	}
	kase.mark(stand(a, c), reasoned(c), sentence(c.Because), explain(a, c))
	if flips := explainFlips(a, c, maxJUnitFlips); len(flips) > 0 {
		kase.Out = &output{strings.Join(flips, "\n")}
	}
	return kase
}

func mandatoryCase(m drift.Mandatory) testCase {
	kase := testCase{
		Name: fmt.Sprintf("%s · mandatory: %s", name(m.Candidate), name(m.Case)),
		File: excerpt(m.File, maxQuoted),
		Line: m.Line,
	}
	kase.mark(standMandatory(m), outcome(m.Observation), "a mandatory case must pass", explainMandatory(m))
	return kase
}

// mark turns a standing into the element that CI counts.
func (c *testCase) mark(s standing, kind, message string, text []string) {
	body := strings.Join(text, "\n")
	switch s.state {
	case failed:
		c.Failure = &trouble{message, kind, body}
	case errored:
		c.Error = &trouble{s.note + ": " + message, kind, body}
	case skipped:
		c.Skipped = &reason{fmt.Sprintf("%s: %s: %s", s.note, kind, message)}
	}
}

func controlSuite(a *drift.Audit, controls []drift.Model) testSuite {
	s := testSuite{Name: "controls"}
	for _, m := range controls {
		kase := testCase{Name: name(m.Name) + " is blocked"}
		switch v, ok := verdictOf(a, m.Name); {
		case !ok || !v.Met:
			kase.Failure = &trouble{control(a, m), "missed control", "an audit that misses a control cannot be trusted to block"}
		case !v.Blocked:
			kase.Skipped = &reason{control(a, m)}
		}
		s.add(kase)
	}
	return s
}

// gateSuite is the judgement of the run, which can be red where no comparison
// is: where nothing was compared, for one.
func gateSuite(a *drift.Audit) testSuite {
	s := testSuite{Name: "gate", Properties: &properties{}}
	for _, line := range policyLines(a) {
		s.Properties.List = append(s.Properties.List, property{"policy", line})
	}
	kase := testCase{Name: "the gate passes"}
	if !a.Gate.Passed {
		reasons := gateReasons(a.Gate)
		kase.Failure = &trouble{reasons[0], headline(a), strings.Join(reasons, "\n")}
	}
	s.add(kase)
	return s
}

// comparisonProperties are the numbers of a comparison, shares in [0,1] as in
// the JSON report. What is undefined has no property.
func comparisonProperties(c drift.Comparison) *properties {
	list := []property{
		{"verdict", name(string(c.Verdict))},
		{"reason", name(c.Reason)},
		{"gated", strconv.FormatBool(c.Gated)},
		{"n", strconv.Itoa(c.N)},
		{"clusters", strconv.Itoa(c.Clusters)},
		{"excluded", strconv.Itoa(c.Excluded)},
		{"spared", strconv.Itoa(c.Spared)},
		{"loss", strconv.Itoa(c.Loss)},
		{"gain", strconv.Itoa(c.Gain)},
		{"margin", number(c.Margin)},
		{"method", name(c.Method)},
		{"design_source", name(c.DesignSource)},
		{"family", strconv.Itoa(c.Family)},
	}
	for _, p := range []struct {
		name  string
		value *float64
	}{
		{"reference_rate", rateShare(c.Reference)},
		{"candidate_rate", rateShare(c.CandidateRate)},
		{"flip_rate", rateShare(c.FlipRate)},
		{"floor", rateShare(c.Floor)},
		{"baseline", c.Baseline},
		{"change", c.Change},
		{"change_parsed", c.ChangeParsed},
		{"mid_p", c.MidP},
		{"design_effect", c.DesignEffect},
		{"p_inferior", c.PInferior},
		{"p_adjusted", c.PAdjusted},
	} {
		if p.value != nil {
			list = append(list, property{p.name, number(*p.value)})
		}
	}
	list = append(list, intervalProperties("", c.Interval)...)
	list = append(list, intervalProperties("gate_", c.GateInterval)...)
	return some(list)
}

func rateShare(r *drift.Rate) *float64 {
	if r == nil {
		return nil
	}
	return &r.Share
}

func intervalProperties(prefix string, i *drift.Interval) []property {
	if i == nil {
		return nil
	}
	return []property{
		{prefix + "low", number(i.Low)},
		{prefix + "high", number(i.High)},
		{prefix + "confidence", number(i.Confidence)},
	}
}

// number prints a float so that reading it gives the same one.
func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
