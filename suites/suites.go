// Package suites runs an audit as Ginkgo specs, so that `ginkgo run` in CI is
// the release gate.
//
// It is opinionated. A spec is a comparison, never a single case, unless the
// case is mandatory. All verdicts are final before the first spec reports.
// Only what the user's filters select is asked. The gate is red where any spec
// is, and also where Ginkgo alone would be green: nothing was compared, all was
// uninformative, a control was missed. It is the only importer of Ginkgo.
//
// A suite is a test file:
//
//	package audit_test
//
//	import (
//		"testing"
//
//		"github.com/gambit-audit/gambit/suites"
//		_ "github.com/onsi/ginkgo/v2" // by which `ginkgo run` knows a suite
//	)
//
//	func TestAudit(t *testing.T) {
//		suites.Run(t, suites.Options{Audit: "gambit.yaml"})
//	}
//
// Another audit can be named on the command line, `ginkgo run . -- --audit
// FILE`, or in the environment variable GAMBIT_AUDIT. Ginkgo ends a run after
// an hour and `go test` after ten minutes unless told otherwise by --timeout or
// -timeout; what was answered by then is kept, and the next run goes on.
package suites

import (
	"flag"
	"io/fs"

	"github.com/onsi/ginkgo/v2"
)

var (
	auditFlag = flag.String("audit", "", "the audit `file` to run instead of the suite's own")
	outFlag   = flag.String("out", "", "the `folder` that the run's folder is made in")
)

// Options say which audit a suite runs.
type Options struct {
	// Audit is the audit file, relative to the folder of the test. The flag
	// --audit and the environment variable GAMBIT_AUDIT go before it.
	Audit string
	// FS holds the audit file and its recorded evidence where they are
	// embedded; nil is the disk. The run of an embedded audit leaves no
	// folder behind unless OutDir is set.
	FS fs.FS
	// OutDir is the folder that the run's folder is made in, where it differs
	// from the audit file's; the flag --out goes before it.
	OutDir string
}

// TestingT is the part of *testing.T that a suite needs.
type TestingT interface {
	Helper()
	Fail()
}

// Run runs an audit as specs. A process can call it once.
func Run(t TestingT, o Options) {
	t.Helper()
	s := &suite{}
	s.problem = s.load(o)
	title := "Gambit audit"
	if s.problem == nil {
		title = s.title()
		s.grow()
	}
	ginkgo.ReportAfterSuite("the release gate", s.gate)
	suiteConfig, reporterConfig := ginkgo.GinkgoConfiguration()
	if s.problem == nil {
		s.problem = s.choose(ginkgo.PreviewSpecs(title, suiteConfig, reporterConfig))
	}
	ginkgo.RunSpecs(t, title, suiteConfig, reporterConfig)
}
