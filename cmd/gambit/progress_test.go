package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"go.uber.org/goleak"
)

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
