package audit_test

import (
	"testing"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/models"
	"github.com/google/go-cmp/cmp"
)

func TestLinesComeFromTimeToTime(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var said []string
	line := audit.NewLine(&audit.File{
		Reference:  audit.Model{Spec: models.Spec{Name: "full"}},
		Candidates: []audit.Model{{Spec: models.Spec{Name: "q4"}}},
	}, func() time.Time { return now }, func(l string) { said = append(said, l) })
	line.Note(audit.Progress{Model: "q4", Done: 1, Total: 9})
	now = now.Add(10 * time.Second)
	line.Note(audit.Progress{Model: "q4", Done: 2, Total: 9, Spared: 1})
	line.Note(audit.Progress{Model: "full", Done: 1, Total: 9})
	if diff := cmp.Diff([]string{"full 0/0, q4 2/9 (1 spared)"}, said); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if got, want := line.String(), "full 1/9, q4 2/9 (1 spared)"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}
