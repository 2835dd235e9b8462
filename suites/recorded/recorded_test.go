// Package recorded is the default audit: recorded answers of real models to
// the shipped probes, judged anew without a server.
package recorded

import (
	"testing"

	"github.com/gambit-audit/gambit/fixtures"
	"github.com/gambit-audit/gambit/suites"
	_ "github.com/onsi/ginkgo/v2" // by which `ginkgo run` knows a suite
)

func TestRecorded(t *testing.T) {
	suites.Run(t, suites.Options{FS: fixtures.Recorded(), Audit: fixtures.RecordedAudit})
}
