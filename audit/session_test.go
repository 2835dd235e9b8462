package audit

import (
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
)

// Answers must not pile up in memory: only what another case may ask again is
// kept after it was scored.
func TestAnswersThatNoOtherCaseAsksForAreForgotten(t *testing.T) {
	for _, tt := range []struct {
		name, prompt     string
		calls, remembers int
	}{
		{"every prompt another", "Say {{n}}", 20, 0},
		{"one prompt for all", "Say 7", 1, 1},
	} {
		p := load(t, "probe: edge.a.b\naxes: {n: {count: 20}}\nprompt: \""+tt.prompt+"\"\nwant: {numeric: 7}\n")
		asker := make(replies, 20)
		for i := range asker {
			asker[i] = text("7")
		}
		s := newSession(Model{}, &asker, models.Info{}, p.Cases())
		s.replayed = true
		for _, c := range p.Cases() {
			if o, err := s.observe(t.Context(), c); err != nil || o.Outcome != drift.Pass {
				t.Fatalf("%s: %v, %v", tt.name, o.Outcome, err)
			}
		}
		if got := 20 - len(asker); got != tt.calls || len(s.calls) != tt.remembers {
			t.Errorf("%s: %d calls and %d answers kept, want %d and %d", tt.name, got, len(s.calls), tt.calls, tt.remembers)
		}
	}
}
