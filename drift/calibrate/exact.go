package main

import (
	"fmt"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// enumerated bounds the sizes whose wrong passes are enumerated.
const enumerated = 250

// exact enumerates, without drawing, the wrong passes of independent cases that
// are only ever lost, where the score test is coarsest.
func exact() string {
	var b strings.Builder
	b.WriteString(exactHead)
	for _, margin := range []float64{0.05, 0.10} {
		floor, err := drift.NIFloor(margin, alpha)
		if err != nil {
			panic(err) // the margins are constants
		}
		var sizes []string
		sum := 0.0
		for n := floor; n <= enumerated; n++ {
			pass, _, err := drift.NIPower(n, margin, 0, margin, alpha)
			if err != nil {
				panic(err)
			}
			sum += pass
			if pass > named {
				sizes = append(sizes, fmt.Sprintf("%d (%.1f %%)", n, 100*pass))
			}
		}
		fmt.Fprintf(&b, "| %g | %d | %s | %.1f |\n", 100*margin, floor, strings.Join(sizes, ", "), 100*sum/float64(enumerated-floor+1))
	}
	fmt.Fprintf(&b, exactFoot, enumerated)
	return b.String()
}

const exactHead = `
The smallest comparisons that can pass at all do so with not one flip, which happens in (1 − margin)ⁿ of all runs where nothing
is ever gained. Counted exactly, for independent cases and losses alone:

| margin | smallest n that can pass | every n with more than 6.5 % | mean over n |
|--:|--:|:--|--:|
`

const exactFoot = `
(n to %d.) A count moves in steps, so no test keeps exactly 5 %% at every n; this one errs to both sides of it. With gains of
1 %% beside the losses at a margin of 5 points, or of 2 %% at 10, no n to 250 has more than 6.5 %%. **What was done:** nothing in
the gate, whose smallest n is that of the score test. Who wants 5 %% there too asks 59 cases at a margin of 5 points, or 29 at
10: then not one flip is rarer than that.
`
