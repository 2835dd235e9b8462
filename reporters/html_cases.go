package reporters

import (
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// webCases is what the page needs to show every pair. The pairs themselves
// stand in its compressed part.
type webCases struct {
	Total      int
	Flips      int  // pairs whose outcome differs
	Complete   bool // all pairs are here, not the flips of the comparisons alone
	Candidates []string
	Probes     []string
	data       caseData
}

// caseData is what is packed: texts, each once, and columns that name them by
// number, one entry a pair. Most texts occur for several candidates.
type caseData struct {
	Candidates *caseIndex `json:"candidates"`
	Probes     *caseIndex `json:"probes"`
	Places     *caseIndex `json:"places"` // the file and line of the case
	Groups     *caseIndex `json:"groups"`
	Cases      *caseIndex `json:"cases"`
	Prompts    *caseIndex `json:"prompts"`
	Wants      *caseIndex `json:"wants"`
	Outcomes   *caseIndex `json:"outcomes"`
	Answers    *caseIndex `json:"answers"`
	// Columns are in the order of caseData.add. Each number is less the one
	// before it, since most rise one by one, which compresses well.
	Columns [][]int `json:"columns"`

	last [pairColumns]int
}

// pairColumns is how many columns a pair has.
const pairColumns = 11

func newCaseData() caseData {
	return caseData{
		Candidates: newCaseIndex(), Probes: newCaseIndex(), Places: newCaseIndex(), Groups: newCaseIndex(), Cases: newCaseIndex(),
		Prompts: newCaseIndex(), Wants: newCaseIndex(), Outcomes: newCaseIndex(), Answers: newCaseIndex(),
		Columns: make([][]int, pairColumns),
	}
}

// add packs a pair from the file of its probe.
func (d *caseData) add(p drift.ProbePair, file string) {
	reference, candidate := pairText(p.Reference), pairText(p.Pair.Candidate)
	if flipped(p.Pair) {
		left, right := wordDifference(reference, candidate)
		reference, candidate = marked(left), marked(right)
	}
	for i, n := range [pairColumns]int{
		d.Candidates.number(name(p.Candidate)), d.Probes.number(name(p.Probe)), d.Places.number(place(file, p.Line)),
		d.Groups.number(excerpt(strings.Join(p.Groups, ", "), maxQuoted)), d.Cases.number(name(p.Case)),
		d.Prompts.number(paragraph(p.Prompt, maxPacked)), d.Wants.number(paragraph(p.Want, maxPacked)),
		d.Outcomes.number(outcome(p.Reference)), d.Answers.number(reference),
		d.Outcomes.number(outcome(p.Pair.Candidate)), d.Answers.number(candidate),
	} {
		d.Columns[i] = append(d.Columns[i], n-d.last[i])
		d.last[i] = n
	}
}

// maxPacked is the most code points of a text of a pair, of which there are
// many; the evidence has all of it.
const maxPacked = 200

func pairText(o drift.Observation) string { return answerText(o, maxPacked) }

// caseIndex numbers texts as they come.
type caseIndex struct {
	of   map[string]int
	list []string
}

func newCaseIndex() *caseIndex { return &caseIndex{of: map[string]int{}, list: []string{}} }

func (x *caseIndex) number(s string) int {
	n, ok := x.of[s]
	if !ok {
		n = len(x.list)
		x.of[s] = n
		x.list = append(x.list, s)
	}
	return n
}

// MarshalJSON gives the texts in the order of their numbers.
func (x *caseIndex) MarshalJSON() ([]byte, error) { return encodeJSON(x.list) }

// Around a piece of an answer that the other answer lacks stand two private
// code points, which visible text never holds: they are escaped in it.
const (
	differsFrom = "\ue000"
	differsTo   = "\ue001"
)

func marked(spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		if s.Differs {
			b.WriteString(differsFrom + s.Text + differsTo)
			continue
		}
		b.WriteString(s.Text)
	}
	return b.String()
}

// casesOf lists all pairs. An audit that came without them has the flips of
// its comparisons to show.
func casesOf(a *drift.Audit) webCases {
	files := map[string]string{}
	for _, p := range a.Probes {
		files[p.ID] = p.File
	}
	list, complete := a.Pairs, len(a.Pairs) > 0
	if !complete {
		list = flippedPairs(a)
	}
	c := webCases{Total: len(list), Complete: complete, data: newCaseData()}
	for _, p := range list {
		if flipped(p.Pair) {
			c.Flips++
		}
		c.data.add(p, files[p.Probe])
	}
	c.Candidates, c.Probes = c.data.Candidates.list, c.data.Probes.list
	return c
}

func flipped(p drift.Pair) bool { return decided(p) && p.Reference.Outcome != p.Candidate.Outcome }

func decided(p drift.Pair) bool {
	return p.Reference.Outcome != drift.Undecided && p.Candidate.Outcome != drift.Undecided
}

// flippedPairs are the flips that the comparisons show, each once.
func flippedPairs(a *drift.Audit) []drift.ProbePair {
	type key struct{ probe, candidate, id string }
	seen := map[key]bool{}
	var list []drift.ProbePair
	for _, c := range a.Comparisons {
		for _, f := range c.Flips {
			k := key{c.Probe, c.Candidate, f.Case}
			if seen[k] {
				continue
			}
			seen[k] = true
			p := drift.ProbePair{Probe: c.Probe, Candidate: c.Candidate, Line: f.Line, Prompt: f.Prompt, Want: f.Want}
			p.Pair = drift.Pair{Case: f.Case, Reference: f.Reference, Candidate: f.Candidate}
			list = append(list, p)
		}
	}
	return list
}
