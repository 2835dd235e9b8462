package suites

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

func TestRefusalIsBounded(t *testing.T) {
	g := drift.Gate{Reasons: strings.Fields(strings.Repeat("reason ", maxReasons+2))}
	lines := strings.Split(refusal(g), "\n")
	if got, want := len(lines), 1+maxReasons+1; got != want {
		t.Errorf("%d lines, want %d: a head, the reasons and how many more", got, want)
	}
	if got, want := lines[len(lines)-1], "  and 2 more"; got != want {
		t.Errorf("last line %q, want %q", got, want)
	}
}
