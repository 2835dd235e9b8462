package reporters_test

import (
	"bytes"
	"os"
	"reflect"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
)

// threeRuns are a run that failed, one with other weights, and one that passed.
func threeRuns(t testing.TB) []reporters.Run {
	t.Helper()
	first, second, third := mixedAudit(t), mixedAudit(t), passedAudit(t)
	second.Candidates[0].Digest = "sha256:ffff"
	second.Policy.Margin = 0.07
	second.Comparisons[1].Verdict, second.Comparisons[1].Change = drift.VerdictInconclusive, ptr(-0.09)
	return []reporters.Run{{Name: "20260101T000000.000Z-a", Audit: first}, {Name: "20260102T000000.000Z-b", Audit: second}, {Name: "20260103T000000.000Z-c", Audit: third}}
}

func renderHistory(t testing.TB, runs []reporters.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := reporters.WriteHistory(&b, runs); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheHistoryIsFilteredToWhatMoved(t *testing.T) {
	p := openPage(t, renderHistory(t, threeRuns(t)))
	p.settle(`const f = document.querySelector("#course form"); f.elements.moved.value = "yes"; f.dispatchEvent(new Event("input"))`,
		`document.getElementById("shown").textContent.startsWith("1 of ")`)
	if got, want := eval[string](p, `[...document.querySelectorAll("#course-table tbody tr")].filter(r => !r.hidden)[0].cells[0].textContent`),
		"minority.tail.factsgroup=minority, q4fail → inconclusive"; got != want {
		t.Errorf("the row that moved is %q, want %q", got, want)
	}
	p.quiet()
}

func TestHostileTextStaysTextInTheHistory(t *testing.T) {
	runs := threeRuns(t)
	for i := range runs {
		spoil(reflect.ValueOf(runs[i].Audit).Elem(), hostile)
		runs[i].Name += hostile
	}
	html := renderHistory(t, runs)
	checkVisible(t, "history", html)
	p := openPage(t, html)
	if got := eval[string](p, outside); got != "0,1,0" {
		t.Errorf("foreign elements, scripts and handlers are %s, want 0,1,0", got)
	}
	p.quiet()
}

func TestTheHistoryIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(os.Getenv("GAMBIT_AXE"))
	if err != nil {
		t.Skip("name axe.min.js of the npm package axe-core in GAMBIT_AXE to check the accessibility of the pages")
	}
	openPage(t, renderHistory(t, threeRuns(t))).accessible(string(axe))
}
