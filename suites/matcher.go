package suites

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
)

// expect asserts by Gomega, and fails the running spec.
func expect(actual any) types.Assertion {
	return gomega.NewGomega(ginkgo.Fail).ExpectWithOffset(1, actual)
}

// acceptable is the matcher of a ruling that does not make its spec red. Its
// message is the ruling's own: it names the drop, the numbers and the flips.
type acceptable struct{}

var _ types.GomegaMatcher = acceptable{}

func (acceptable) Match(actual any) (bool, error) {
	r, ok := actual.(ruling)
	if !ok {
		return false, fmt.Errorf("acceptable matches a ruling, not %T", actual)
	}
	return r.state != red, nil
}

func (acceptable) FailureMessage(actual any) string        { return actual.(ruling).text }
func (acceptable) NegatedFailureMessage(actual any) string { return "expected a ruling that is red" }
