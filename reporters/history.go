package reporters

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gambit-audit/gambit/drift"
)

// Run is a finished run with the name by which people know it, as a rule the
// name of its folder, which starts with the time.
type Run struct {
	Name  string
	Audit *drift.Audit
}

// WriteHistory draws the course of each verdict over runs, which come in the
// order of time, as one HTML page that is complete in itself.
func WriteHistory(w io.Writer, runs []Run) error {
	html, err := executeWeb("history", newHistoryPage(runs))
	if err != nil {
		return fmt.Errorf("render history: %w", err)
	}
	if _, err := w.Write(html); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}

// historyPage is what the template of the history shows.
type historyPage struct {
	webFrame
	Span    string
	Runs    []historyRun
	Columns []historyRun // the last runs, which have a column each
	Rows    []historyRow
	Moved   int // rows whose verdict is another than in the run before
}

// historyRun is one run in a line.
type historyRun struct {
	Name, Short, Class, Word, Size string
	Verdicts                       []webLine
	Changed                        []string // since the run before
}

// historyRow is the course of one comparison.
type historyRow struct {
	Probe, Group, Candidate string
	Moved                   string // how the verdict moved last; empty where it stayed
	Cells                   []historyCell
	Plot                    sparkline

	last drift.Comparison
}

// historyCell is what one run said; without a class the run did not compare it.
type historyCell struct{ Class, Change string }

// maxHistoryColumns is how many runs have a column; the plot has all.
const maxHistoryColumns = 12

func newHistoryPage(runs []Run) *historyPage {
	p := &historyPage{webFrame: newWebFrame("History of "+plural(len(runs), "run", "runs"), webFile("history.js"))}
	for i, r := range runs {
		p.Runs = append(p.Runs, historyRunOf(runs, i, r))
	}
	if len(runs) > 0 {
		p.Span = fmt.Sprintf("%s to %s", name(runs[0].Name), name(runs[len(runs)-1].Name))
	}
	p.Columns = slices.Clone(p.Runs[max(0, len(p.Runs)-maxHistoryColumns):])
	for _, id := range courseIDs(runs) {
		row := courseOf(runs, id)
		if row.Moved != "" {
			p.Moved++
		}
		p.Rows = append(p.Rows, row)
	}
	slices.SortStableFunc(p.Rows, func(x, y historyRow) int {
		return cmp.Or(compareKnown(x.Moved != "", y.Moved != ""),
			cmp.Compare(severity(x.last.Verdict), severity(y.last.Verdict)), cmp.Compare(harm(x.last), harm(y.last)))
	})
	slices.Reverse(p.Runs)
	return p
}

func historyRunOf(runs []Run, i int, r Run) historyRun {
	run := historyRun{Name: name(r.Name), Short: startOf(r.Name), Class: gateClass(r.Audit), Word: headline(r.Audit), Size: name(r.Audit.Size)}
	for _, v := range r.Audit.Gate.Candidates {
		run.Verdicts = append(run.Verdicts, verdictLine(v))
	}
	if i > 0 {
		run.Changed = changedSince(runs[i-1].Audit, r.Audit)
	}
	return run
}

// startOf is the time that the name of a run's folder starts with, or the start
// of another name.
func startOf(run string) string {
	start, _, _ := strings.Cut(run, "-")
	if at, err := time.Parse("20060102T150405.000Z", start); err == nil {
		return at.Format("2006-01-02 15:04:05")
	}
	return excerpt(run, maxTick)
}

// verdictLine is what a run found of a candidate. A control is right to be
// blocked.
func verdictLine(v drift.CandidateVerdict) webLine {
	line := webLine{string(v.Verdict), name(string(v.Verdict)), fmt.Sprintf("%s, %s", name(v.Candidate), expected(v.Expect))}
	switch {
	case v.Expect == drift.ExpectBlocked && v.Blocked:
		line.Class, line.Word = "pass", "blocked"
	case v.Expect == drift.ExpectBlocked && v.Met:
		line.Class, line.Word = "inconclusive", "too few cases"
	case v.Expect == drift.ExpectBlocked:
		line.Class, line.Word = "fail", "missed"
	}
	return line
}

// changedSince names what makes two runs differ other than the models'
// answers. A change of the reference moves the measuring stick.
func changedSince(before, now *drift.Audit) []string {
	var list []string
	if before.Title != now.Title {
		list = append(list, "another audit: "+sentence(now.Title))
	}
	if before.Version != now.Version {
		list = append(list, fmt.Sprintf("gambit %s → %s", name(before.Version), name(now.Version)))
	}
	if weightsChanged(before.Reference, now.Reference) {
		list = append(list, "the reference has other weights: the runs measure against different sticks")
	}
	for _, m := range now.Candidates {
		i := slices.IndexFunc(before.Candidates, func(b drift.Model) bool { return b.Name == m.Name })
		if i >= 0 && weightsChanged(before.Candidates[i], m) {
			list = append(list, name(m.Name)+" has other weights")
		}
	}
	old := policyLines(before)
	for _, l := range policyLines(now) {
		if !slices.Contains(old, l) {
			list = append(list, "policy: "+l)
		}
	}
	return list
}

// weightsChanged tells known digests apart.
func weightsChanged(before, now drift.Model) bool {
	return before.Digest != "" && now.Digest != "" && before.Digest != now.Digest
}

// courseID names a comparison through all runs.
type courseID struct{ candidate, probe, group string }

func idOf(c drift.Comparison) courseID { return courseID{c.Candidate, c.Probe, c.Group} }

// courseIDs are those of all runs, in the order in which they first came.
func courseIDs(runs []Run) []courseID {
	seen := map[courseID]bool{}
	var list []courseID
	for _, r := range runs {
		for _, c := range r.Audit.Comparisons {
			if id := idOf(c); !seen[id] {
				seen[id] = true
				list = append(list, id)
			}
		}
	}
	return list
}

func courseOf(runs []Run, id courseID) historyRow {
	row := historyRow{Probe: name(id.probe), Candidate: name(id.candidate), Group: group(drift.Comparison{Group: id.group}), Plot: newSparkline(len(runs))}
	var before *drift.Comparison
	for i, r := range runs {
		at := slices.IndexFunc(r.Audit.Comparisons, func(c drift.Comparison) bool { return idOf(c) == id })
		if at < 0 {
			row.Cells = append(row.Cells, historyCell{})
			continue
		}
		c := r.Audit.Comparisons[at]
		row.Cells = append(row.Cells, historyCell{string(c.Verdict), change(c)})
		row.Plot.add(i, c)
		row.Moved = ""
		if before != nil && before.Verdict != c.Verdict {
			row.Moved = fmt.Sprintf("%s → %s", name(string(before.Verdict)), name(string(c.Verdict)))
		}
		before, row.last = &c, c
	}
	row.Cells = row.Cells[max(0, len(row.Cells)-maxHistoryColumns):]
	row.Plot.text()
	return row
}

// sparkline draws changes with their intervals over runs, in points from
// -mostShown to half of it.
type sparkline struct {
	Width, Height, Zero, Margin float64
	Points                      []point
	Path, Text                  string

	x, y  scale
	words []string
}

func newSparkline(runs int) sparkline {
	s := sparkline{Width: 180, Height: 44}
	s.x = scale{0, float64(max(1, runs-1)), 8, s.Width - 8}
	s.y = scale{-mostShown, mostShown / 2, s.Height - 3, 3}
	s.Zero = s.y.at(0)
	return s
}

func (s *sparkline) add(run int, c drift.Comparison) {
	s.Margin = s.y.at(-100 * c.Margin)
	s.words = append(s.words, fmt.Sprintf("%s %s", change(c), c.Verdict))
	if c.Change == nil {
		return
	}
	p := point{X: s.x.at(float64(run)), Y: s.y.at(100 * *c.Change)}
	if c.Interval != nil {
		p.Interval = &segment{p.X, s.y.at(100 * c.Interval.Low), p.X, s.y.at(100 * c.Interval.High)}
	}
	s.Points = append(s.Points, p)
}

// text finishes the line and says it in words.
func (s *sparkline) text() {
	s.Path, s.Text = pathOf(s.Points), strings.Join(s.words, "; ")
}
