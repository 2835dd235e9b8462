package probes

import (
	"slices"
	"strings"
)

// maxEchoed bounds the cases of a probe whose texts are made.
const maxEchoed = 24

// echoed finds prompts that pass when they are repeated: what is wanted stands
// in them, where the scorer finds it. It looks at some of the cases.
func (l linter) echoed() {
	if l.onForm() {
		return
	}
	cases := some(l.probe.Cases(), maxEchoed)
	passed := slices.DeleteFunc(slices.Clone(cases), func(c *Case) bool { return c.OptionLogprob || !passes(c, Step.User) })
	if len(passed) == 0 {
		return
	}
	l.warn([]string{"want", "turns", "cases"}, "repeating the prompt passes %d of %d cases, such as %s: expected a text that the prompt has not, or a limit such as {constraints: [{max_words: 12}]}",
		len(passed), len(cases), passed[0].ID)
}

// some picks n cases that no order of the axes favours, the same each time.
func some(cases []*Case, n int) []*Case {
	if len(cases) <= n {
		return cases
	}
	hash := map[*Case]string{}
	for _, c := range cases {
		hash[c] = shortHash(c.ID)
	}
	ranked := slices.Clone(cases)
	slices.SortStableFunc(ranked, func(a, b *Case) int { return strings.Compare(hash[a], hash[b]) })
	return ranked[:n]
}
