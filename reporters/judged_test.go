package reporters

import (
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

func TestAJudgedVerdictShowsTheCorrectedChange(t *testing.T) {
	change, a := -0.0312, &drift.Audit{}
	j := &drift.Judged{Judge: "j", Change: &change, Interval: &drift.Interval{Low: -0.09, High: 0.01, Confidence: 0.9}}
	c := drift.Comparison{Verdict: drift.VerdictPass, Reason: "noninferior", Judged: j}
	if got, want := shortVerdict(a, c), "pass, corrected ~ −3.1 [−9.0, +1.0] at 90 %"; got != want {
		t.Errorf("console: got %q, want %q", got, want)
	}
	if got, want := verdict(a, c), "pass, corrected ~ −3.1 [−9.0, +1.0] at 90 %"; got != want {
		t.Errorf("tables: got %q, want %q", got, want)
	}
	c.Judged, c.Advisory = &drift.Judged{Judge: "j"}, true
	if got, want := verdict(a, c), "pass, judged, advisory"; got != want {
		t.Errorf("without a correction: got %q, want %q", got, want)
	}
}
