// Package recorded audits recorded answers of real models to the shipped probes,
// judged anew without a server.
package recorded

import (
	"testing"

	"github.com/gambit-audit/gambit/fixtures"
	"github.com/gambit-audit/gambit/suites"
	_ "github.com/onsi/ginkgo/v2" // by which `ginkgo run` knows a suite
)

func TestRecorded(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole audit")
	}
	if name := suites.Named(); name != "" {
		t.Skipf("suite specimens runs %s, once", name)
	}
	suites.Run(t, suites.Options{FS: fixtures.Recorded(), Audit: fixtures.RecordedAudit})
}
