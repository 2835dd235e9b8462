// Package suites runs an audit as Ginkgo specs, so that `ginkgo run` in CI is
// the release gate.
//
// It is opinionated. A spec is a comparison, never a single case, unless the
// case is mandatory. All verdicts are final before the first spec reports.
// Only what the user's filters select is asked. The gate is red when any spec
// is, and also where Ginkgo alone would be green: when nothing was compared,
// when all was uninformative, when a control was missed. It is the only
// importer of Ginkgo.
//
// A suite is a test file of ten lines:
//
//	package audit_test
//
//	import (
//		"testing"
//
//		"github.com/gambit-audit/gambit/suites"
//		_ "github.com/onsi/ginkgo/v2" // so that `ginkgo run` knows it as a suite
//	)
//
//	func TestAudit(t *testing.T) {
//		suites.Run(t, suites.Options{Audit: "gambit.yaml"})
//	}
package suites
