package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/models"
	"go.uber.org/goleak"
)

func TestLinesComeFromTimeToTime(t *testing.T) {
	var out bytes.Buffer
	file := &audit.File{
		Reference:  audit.Model{Spec: models.Spec{Name: "full"}},
		Candidates: []audit.Model{{Spec: models.Spec{Name: "q4"}}},
	}
	p := newProgress(&out, file).(*lines)
	p.note(audit.Progress{Model: "q4", Done: 1, Total: 9})
	if out.Len() > 0 {
		t.Errorf("printed %q at once, want nothing before the pause is over", out.String())
	}
	p.last = time.Now().Add(-pause)
	p.note(audit.Progress{Model: "q4", Done: 2, Total: 9})
	p.note(audit.Progress{Model: "full", Done: 1, Total: 9})
	if got, want := out.String(), "gambit: full 0/0, q4 2/9\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

func TestBarsEndWithAModelThatIsNotDone(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var out bytes.Buffer
	p := newBars(&out)
	p.note(audit.Progress{Model: "full", Done: 3, Total: 3})
	p.note(audit.Progress{Model: "q4", Done: 1, Total: 3})
	p.end()
	for _, want := range []string{"full", "3/3", "q4", "1/3"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("bars lack %q:\n%s", want, out.String())
		}
	}
}
