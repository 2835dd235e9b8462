// Package specimens is the default audit: it asks the project's own tiny
// models, in this process, with the probes of their own pack.
package specimens

import (
	"testing"

	"github.com/gambit-audit/gambit/fixtures/specimens"
	"github.com/gambit-audit/gambit/suites"
	_ "github.com/onsi/ginkgo/v2" // by which `ginkgo run` knows a suite
)

func TestSpecimens(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole audit")
	}
	suites.Run(t, suites.Options{FS: specimens.Files(), Audit: specimens.AuditFile})
}
