package reporters_test

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
)

func TestASmokeRunNeverReadsAsAPassedGate(t *testing.T) {
	a := &drift.Audit{Schema: drift.SchemaVersion, Title: "smoke", Size: "smoke", Gate: drift.Gate{Passed: true}}
	for _, format := range []string{"console", "html", "markdown"} {
		var b strings.Builder
		if err := reporters.Write(format, &b, a); err != nil {
			t.Fatal(err)
		}
		got := strings.ToLower(b.String())
		if strings.Contains(got, "gate passed") || !strings.Contains(got, "smoke size passes no release") {
			t.Errorf("%s:\n%s", format, b.String())
		}
	}
}
