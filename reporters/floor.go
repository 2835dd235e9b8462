package reporters

import (
	"fmt"

	"github.com/gambit-audit/gambit/drift"
)

// flipping is how often outcomes flip, beside how often the reference
// contradicts itself.
func flipping(a *drift.Audit, c drift.Comparison) string {
	return fmt.Sprintf("flips %s; %s against itself %s", shareWithin(c.FlipRate), name(a.Reference.Name), selfFlips(c.Floor))
}

// floorLine is how often the reference contradicts itself over all probes.
func floorLine(a *drift.Audit) string {
	return fmt.Sprintf("flips of %s against itself: %s", name(a.Reference.Name), selfFlips(a.Floor))
}

func selfFlips(r *drift.Rate) string {
	if r == nil {
		return "not measured"
	}
	return fmt.Sprintf("%s of %s asked twice", shareWithin(r), plural(r.N, "case", "cases"))
}
