package reporters

import (
	"fmt"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// webPage is what the template of the HTML report shows. All text in it is
// visible and bounded; the template escapes it for its place.
type webPage struct {
	webFrame
	Headline, Class, Audit string
	Made, Reference        string
	Reasons, Notes         []string
	Answers                []webAnswered
	Harms                  []webHarm
	Choice                 webChoice
	Table                  webTable
	Worst                  []webWorst
	Gaps                   []webGap
	Lengths                []webLength
	Depths                 []webDepth
	GapsLeft, LengthsLeft  string // what is not drawn, empty for nothing
	DepthsLeft             string
	Grids                  []webGrid // findings and measures
	Cases                  webCases
	Controls               []webLine
	ControlsLine           string
	Floor                  webGrid
	Undecided              webGrid
	UndecidedWhy           []string
	Mandatory              []webMandatory
	Models                 []webModel
	Settings               []string
	Probes                 webGrid
	Warnings               []string
	Later                  webLater
}

// webGrid is a grid as a table of a page.
type webGrid struct {
	Title   string
	Columns []webColumn
	Rows    [][]string
}

type webColumn struct {
	Title string
	Right bool
}

func (g grid) web(title string) webGrid {
	w := webGrid{Title: title, Rows: g.rows}
	for _, c := range g.columns {
		w.Columns = append(w.Columns, webColumn{c.title, c.right})
	}
	return w
}

// webLine is a line with a verdict in front.
type webLine struct{ Class, Word, Text string }

// webAnswered is a question that a reader comes with, answered.
type webAnswered struct {
	Question string
	Lines    []webLine
}

// webWorst is a comparison shown in full.
type webWorst struct {
	Class, Word, Heading string
	Open                 bool
	Detail               webDetail
}

// webMandatory is a case that every candidate must pass.
type webMandatory struct {
	Class, Case, Candidate, Place, Prompt, Want, Note string
	Answer                                            webAnswer
}

// webModel is the card of a model.
type webModel struct {
	Role, Name string
	Facts      []webFact
}

type webFact struct {
	Name, Value string
	Code        bool
}

func newWebPage(a *drift.Audit) (*webPage, error) {
	title := capital(headline(a))
	p := &webPage{
		webFrame: newWebFrame(titled(title, sentence(a.Title)), webFile("page.js")),
		Headline: title, Class: gateClass(a), Audit: sentence(a.Title),
		Reference: name(a.Reference.Name),
		Made:      fmt.Sprintf("size %s, seed %d, gambit %s", name(a.Size), a.Seed, name(a.Version)),
		Reasons:   gateReasons(a.Gate), Answers: answersOf(a), Harms: harmsOf(a), Choice: choiceOf(a),
		Grids:    exploratory(a),
		Controls: controlLines(a), ControlsLine: sentence(strings.TrimPrefix(a.ControlsLine(), "controls: ")), Floor: floorGrid(a), Undecided: undecidedGrid(a), UndecidedWhy: undecidedReasons(a),
		Mandatory: mandatoryViews(a), Models: modelCards(a), Settings: policyLines(a), Probes: probeGrid(a).web("Probes"),
	}
	for _, n := range a.Notes {
		p.Notes = append(p.Notes, sentence(n))
	}
	for _, w := range a.Warnings {
		p.Warnings = append(p.Warnings, sentence(w))
	}
	p.Gaps, p.GapsLeft = drawn(gapsOf(a))
	p.Lengths, p.LengthsLeft = drawn(lengthsOf(a))
	p.Depths, p.DepthsLeft = drawn(depthsOf(a))
	ordered := orderedComparisons(a)
	p.Worst = worstViews(a, ordered)
	p.Cases = casesOf(a)
	return p, p.tabulate(a, ordered)
}

// gateClass is how the headline looks.
func gateClass(a *drift.Audit) string {
	switch {
	case !a.Gate.Passed:
		return "fail"
	case a.Size == "smoke":
		return "uninformative"
	}
	return "pass"
}

// orderedComparisons are all comparisons: the gated candidates first, then
// those for information, then controls, each with the worst first.
func orderedComparisons(a *drift.Audit) []drift.Comparison {
	var list []drift.Comparison
	for _, e := range []drift.Expect{drift.ExpectPass, drift.ExpectAny, drift.ExpectBlocked} {
		for _, m := range expecting(a, e) {
			list = append(list, comparisonsOf(a, m.Name)...)
		}
	}
	return list
}

// maxWorst is how many comparisons a page shows in full at once; the others
// are a click away.
const maxWorst = 12

// worstViews are the comparisons that did not pass, or else those that lost
// most, of the gated candidates or, without any, of those for information.
func worstViews(a *drift.Audit, ordered []drift.Comparison) []webWorst {
	var list []webWorst
	for _, c := range worstFirst(a, ordered) {
		if len(list) == maxWorst {
			break
		}
		list = append(list, webWorst{
			Class: string(c.Verdict), Word: name(string(c.Verdict)), Open: a.Blocks(&c),
			Heading: fmt.Sprintf("%s, %s on %s", name(c.Probe), group(c), name(c.Candidate)), Detail: detailOf(a, c),
		})
	}
	return list
}

func worstFirst(a *drift.Audit, ordered []drift.Comparison) []drift.Comparison {
	of := foremost(a)
	var bad, good []drift.Comparison
	for _, c := range ordered {
		switch {
		case !of[c.Candidate]:
		case c.Verdict != drift.VerdictPass:
			bad = append(bad, c)
		case c.Worse || len(c.Flips) > 0:
			good = append(good, c)
		}
	}
	return append(bad, good[:min(len(good), 3)]...)
}

// foremost are the candidates that an audit is about: the gated ones or,
// without any, those for information or, without any, the controls.
func foremost(a *drift.Audit) map[string]bool {
	names := map[string]bool{}
	for _, e := range []drift.Expect{drift.ExpectPass, drift.ExpectAny, drift.ExpectBlocked} {
		for _, m := range expecting(a, e) {
			names[m.Name] = true
		}
		if len(names) > 0 {
			break
		}
	}
	return names
}

func controlLines(a *drift.Audit) []webLine {
	var list []webLine
	for _, m := range expecting(a, drift.ExpectBlocked) {
		line := webLine{"fail", "missed", control(a, m)}
		switch v, ok := verdictOf(a, m.Name); {
		case ok && v.Blocked:
			line.Class, line.Word = "pass", "seen"
		case ok && v.Met:
			line.Class, line.Word = "inconclusive", "too few cases"
		}
		list = append(list, line)
	}
	if a.Controls != nil {
		list = append(list, specimenLines(*a.Controls)...)
	}
	return list
}

// specimenLines say how the gate treated specimens, of which some must pass.
func specimenLines(c drift.Controls) []webLine {
	var list []webLine
	for _, v := range c.Candidates {
		line := webLine{"fail", "not as it must", fmt.Sprintf("%s (specimen, expected: %s): %s", name(v.Candidate), expected(v.Expect), sentence(v.Because))}
		if v.Met {
			line.Class, line.Word = "pass", "as it must"
		}
		list = append(list, line)
	}
	return list
}

// floorGrid reads flips against how often the reference contradicts itself.
func floorGrid(a *drift.Audit) webGrid {
	g := grid{columns: []column{
		{title: "probe"}, {title: "candidate"}, {"asked twice", true}, {"reference against itself", true}, {"candidate against reference", true},
	}}
	for _, c := range a.Comparisons {
		if c.Floor != nil && c.Group == "" {
			g.rows = append(g.rows, []string{
				name(c.Probe), name(c.Candidate), count(c.Floor.N), shareWithin(c.Floor), shareWithin(c.FlipRate),
			})
		}
	}
	return g.web("Flips: the A/A floor and the candidates [95 %]")
}

func mandatoryViews(a *drift.Audit) []webMandatory {
	var list []webMandatory
	for _, m := range a.Mandatory {
		list = append(list, webMandatory{
			Class: string(m.Observation.Outcome), Case: name(m.Case), Candidate: name(m.Candidate), Place: place(m.File, m.Line),
			Prompt: paragraph(m.Prompt, maxParagraph), Want: paragraph(m.Want, maxParagraph), Note: standMandatory(m).note,
			Answer: webAnswer{name(m.Candidate), outcome(m.Observation), string(m.Observation.Outcome), whole(answerText(m.Observation, maxParagraph))},
		})
	}
	return list
}

func modelCards(a *drift.Audit) []webModel {
	list := []webModel{cardOf("reference", a.Reference)}
	for _, m := range a.Candidates {
		list = append(list, cardOf("candidate, "+expected(m.Expect), m))
	}
	return list
}

// expected says what an audit expects of a candidate.
func expected(e drift.Expect) string {
	switch e {
	case drift.ExpectPass:
		return "gated"
	case drift.ExpectBlocked:
		return "control with known damage"
	case drift.ExpectAny:
		return "for information"
	}
	return name(string(e))
}

func cardOf(role string, m drift.Model) webModel {
	facts := []webFact{
		{Name: "provider", Value: name(m.Provider)},
		{Name: "model", Value: orUndefined(name(m.Model))},
		{Name: "endpoint", Value: orUndefined(name(m.Endpoint)), Code: true},
		{Name: "digest of the weights", Value: orUndefined(name(m.Digest)), Code: true},
		{Name: "size of the weights", Value: byteCount(m.Bytes)},
		{Name: "calls", Value: callsText(m)},
	}
	return webModel{Role: role, Name: name(m.Name), Facts: append(facts, usageFacts(m.Usage)...)}
}

func callsText(m drift.Model) string {
	text := fmt.Sprintf("%s made, %s found in the evidence", count(m.Calls), count(m.Reused))
	if m.Spared > 0 {
		text += fmt.Sprintf(", %s spared, since they could change no verdict", count(m.Spared))
	}
	return text
}

// usageFacts are what a model's answers took; nil is not known.
func usageFacts(u *drift.Usage) []webFact {
	if u == nil {
		return nil
	}
	var facts []webFact
	if u.TokensPerSecond != nil {
		facts = append(facts, webFact{Name: "speed of one call", Value: fmt.Sprintf("%.1f tokens a second", *u.TokensPerSecond)})
	}
	if l := u.LatencyMS; l != nil {
		facts = append(facts, webFact{Name: "time of an answer, under the load of the run",
			Value: fmt.Sprintf("median %.0f ms, 95 %% within %.0f ms, 99 %% within %.0f ms", l.P50, l.P95, l.P99)})
	}
	if u.PromptTokens+u.OutputTokens > 0 {
		facts = append(facts, webFact{Name: "tokens", Value: fmt.Sprintf("%s read, %s written", count(u.PromptTokens), count(u.OutputTokens))})
	}
	if u.Cost != nil {
		facts = append(facts, webFact{Name: "cost of these tokens, by the prices of the audit file", Value: fmt.Sprintf("%.4g", *u.Cost)})
	}
	return facts
}

func probeGrid(a *drift.Audit) grid {
	g := grid{columns: []column{
		{title: "probe"}, {title: "harm"}, {title: "about"}, {title: "source"}, {title: "file"}, {"cases", true}, {title: "tier"},
	}}
	for _, p := range a.Probes {
		tier := "blocking"
		if p.Advisory {
			tier = "advisory"
		}
		g.rows = append(g.rows, []string{
			name(p.ID), name(p.Harm), sentence(p.About), sentence(p.Source), place(p.File, p.Line), count(p.Cases), tier,
		})
	}
	return g
}
