package reporters

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/drift"
)

// run is a run of one comparison with a verdict.
func run(name string, v drift.Verdict) Run {
	change := -0.03
	return Run{Name: name, Audit: &drift.Audit{Title: "check", Version: "v1", Comparisons: []drift.Comparison{{
		Probe: "edge.a.b", Candidate: "q4", Verdict: v, Change: &change, Margin: 0.05,
	}}}}
}

func TestACourseSaysHowTheVerdictMovedLast(t *testing.T) {
	const pass, fail = drift.VerdictPass, drift.VerdictFail
	tests := map[string]struct {
		verdicts []drift.Verdict
		want     string
	}{
		"one run":          {[]drift.Verdict{fail}, ""},
		"stayed":           {[]drift.Verdict{fail, fail}, ""},
		"moved":            {[]drift.Verdict{pass, fail}, "pass → fail"},
		"moved long ago":   {[]drift.Verdict{pass, fail, fail}, ""},
		"moved twice":      {[]drift.Verdict{pass, fail, pass}, "fail → pass"},
		"over a gap":       {[]drift.Verdict{pass, "", fail}, "pass → fail"},
		"not in the first": {[]drift.Verdict{"", fail}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var runs []Run
			for i, v := range test.verdicts {
				r := run(fmt.Sprint(i), v)
				if v == "" {
					r.Audit.Comparisons = nil
				}
				runs = append(runs, r)
			}
			rows := newHistoryPage(runs).Rows
			if len(rows) != 1 || rows[0].Moved != test.want || len(rows[0].Cells) != len(runs) {
				t.Errorf("got %+v, want one row of %d cells that moved %q", rows, len(runs), test.want)
			}
		})
	}
}

func TestOnlyTheLastRunsHaveAColumnAndAllAreDrawn(t *testing.T) {
	var runs []Run
	for i := range 20 {
		runs = append(runs, run(fmt.Sprintf("run %02d", i), drift.VerdictPass))
	}
	p := newHistoryPage(runs)
	if len(p.Columns) != maxHistoryColumns || p.Columns[maxHistoryColumns-1].Name != "run 19" {
		t.Errorf("columns are %+v, want the last %d", p.Columns, maxHistoryColumns)
	}
	if p.Runs[0].Name != "run 19" || len(p.Runs) != 20 {
		t.Errorf("the first of %d runs is %s, want run 19 of 20", len(p.Runs), p.Runs[0].Name)
	}
	if row := p.Rows[0]; len(row.Cells) != maxHistoryColumns || len(row.Plot.Points) != 20 {
		t.Errorf("%d cells and %d points, want %d and 20", len(row.Cells), len(row.Plot.Points), maxHistoryColumns)
	}
}

func TestAHistoryNamesWhatElseChanged(t *testing.T) {
	before := &drift.Audit{
		Title: "check", Version: "v1", Size: "smoke", Reference: drift.Model{Name: "full", Digest: "1"},
		Candidates: []drift.Model{{Name: "q4", Digest: "2"}, {Name: "q2"}},
	}
	now := &drift.Audit{
		Title: "other", Version: "v2", Size: "standard", Reference: drift.Model{Name: "full", Digest: "9"},
		Candidates: []drift.Model{{Name: "q2", Digest: "7"}, {Name: "q4", Digest: "8"}, {Name: "new"}},
	}
	want := []string{
		"another audit: other", "gambit v1 → v2", "the reference has other weights: the runs measure against different sticks",
		"q4 has other weights", "policy: size standard, seed 0",
	}
	if diff := cmp.Diff(want, changedSince(before, now)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := changedSince(now, now); got != nil {
		t.Errorf("an audit changed against itself: %q", got)
	}
}

func TestAHistoryOfNoRunSaysSo(t *testing.T) {
	var b bytes.Buffer
	if err := WriteHistory(&b, nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "No run was found.") {
		t.Error("no word on that there is no run")
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestTheHistoryGivesTheErrorOfItsWriter(t *testing.T) {
	if err := WriteHistory(brokenWriter{}, nil); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want %v", err, errBroken)
	}
}
