package suites

import (
	"fmt"
	"os"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/onsi/ginkgo/v2"
)

// newProgress writes to standard error, or nowhere where Ginkgo runs several
// processes and would show the lines as the output of some spec.
func newProgress(f *audit.File) *audit.Line {
	config, _ := ginkgo.GinkgoConfiguration()
	return audit.NewLine(f, time.Now, func(line string) {
		if config.ParallelTotal == 1 {
			fmt.Fprintf(os.Stderr, "\ngambit: %s\n", line)
		}
	})
}
