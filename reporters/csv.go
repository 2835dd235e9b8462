package reporters

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("csv", format{
	file:   "pairs.csv",
	doc:    "every pair for spreadsheets and data frames, both answers in one row",
	pairs:  true,
	render: renderCSV,
})

// maxCell is the most code points of a text in a cell. Spreadsheets take 32,767.
const maxCell = 1000

var csvHead = []string{
	"probe", "candidate", "case", "line", "groups", "cluster", "flip",
	"reference_outcome", "reference_reason", "reference_answer", "reference_text", "reference_passes", "reference_samples", "reference_cut", "reference_refused",
	"candidate_outcome", "candidate_reason", "candidate_answer", "candidate_text", "candidate_passes", "candidate_samples", "candidate_cut", "candidate_refused",
	"prompt", "want",
}

func renderCSV(a *drift.Audit) ([]byte, error) {
	if err := checkPairs(a); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(csvHead) // errors stay until Error below
	row := make([]string, 0, len(csvHead))
	for i := range a.Pairs {
		row = appendPair(row[:0], &a.Pairs[i])
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func appendPair(row []string, p *drift.ProbePair) []string {
	row = append(row, cell(p.Probe), cell(p.Candidate), cell(p.Pair.Case), strconv.Itoa(p.Line),
		cell(strings.Join(p.Groups, "; ")), cell(p.Pair.Cluster), flipWord(p.Pair))
	row = appendObservation(row, p.Pair.Reference)
	row = appendObservation(row, p.Pair.Candidate)
	return append(row, cell(p.Prompt), cell(p.Want))
}

func appendObservation(row []string, o drift.Observation) []string {
	return append(row, cell(string(o.Outcome)), cell(o.Reason), cell(o.Answer), cell(o.Text),
		strconv.Itoa(o.Passes), strconv.Itoa(o.Samples), strconv.FormatBool(o.Cut), strconv.FormatBool(o.Refused))
}

// flipWord is "lost" where the reference alone passes, "gained" where the
// candidate alone does, and empty for every other pair.
func flipWord(p drift.Pair) string {
	switch {
	case p.Reference.Outcome == drift.Pass && p.Candidate.Outcome == drift.Fail:
		return "lost"
	case p.Reference.Outcome == drift.Fail && p.Candidate.Outcome == drift.Pass:
		return "gained"
	}
	return ""
}

// cell shows a text on one line. A spreadsheet would run one that begins like a
// formula: an apostrophe before it, which spreadsheets hide, makes it a text. A
// number is left alone.
func cell(s string) string {
	text := excerpt(s, maxCell)
	if text == "" || !strings.ContainsRune("=+-@", rune(text[0])) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}
