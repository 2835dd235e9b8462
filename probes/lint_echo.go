package probes

import "fmt"

// maxEchoed bounds the cases of a probe whose texts are made.
const maxEchoed = 24

// echoed finds prompts that pass when they are repeated: the wanted text stands
// in them, where the scorer finds it.
func (l linter) echoed() {
	cases := l.probe.Cases
	n := min(maxEchoed, len(cases))
	passed, such := 0, ""
	for i := range n {
		c := cases[i*len(cases)/n]
		if c.OptionLogprob || !passes(c, Step.User) {
			continue
		}
		if passed++; such == "" {
			such = c.ID
		}
	}
	if passed > 0 {
		l.warn([]string{"want", "turns", "cases"}, "%s", fmt.Sprintf("echoing the prompt passes %d of %d cases, such as %s", passed, n, such))
	}
}
