package reporters

import (
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

func TestARunStandsAgainstItsBaseline(t *testing.T) {
	for name, tt := range map[string]struct {
		size   string
		passed bool
		want   string
	}{
		"kept up":             {"standard", true, "not behind it"},
		"behind":              {"standard", false, "behind it, or not shown otherwise"},
		"smoke finds nothing": {"smoke", true, "no breakage found; smoke size shows nothing more"},
		"smoke finds damage":  {"smoke", false, "behind it, or not shown otherwise"},
	} {
		a := &drift.Audit{Size: tt.size, AgainstBaseline: &drift.BaselineAudit{Baseline: "then", Gate: drift.Gate{Passed: tt.passed}}}
		want := "against the baseline then: " + tt.want
		if got := baselineLines(a); len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
