package reporters

import (
	"fmt"
	"slices"

	"github.com/gambit-audit/gambit/drift"
)

// webHarm is one of the harms with one answer for each candidate.
type webHarm struct {
	Title, Asks string
	Candidates  []webHarmAnswer
}

// webHarmAnswer rolls the comparisons of one harm up to one answer.
type webHarmAnswer struct {
	Candidate, Class, Word, Text string
}

// harmTitles are the harms in the order of the page.
var harmTitles = []struct{ id, title, asks string }{
	{"bias-amplification", "Bias amplification", "Do small groups and rare facts lose more?"},
	{"context-bleeding", "Context bleeding", "Is what stands far back or in another part lost or mixed up?"},
	{"shallower-reasoning", "Shallower reasoning", "Do exceptions, rare senses and second steps get lost?"},
	{"edge-case", "Edge cases", "Do odd inputs and exact forms still work?"},
	{otherHarm, "Other probes", "Does anything else get worse?"},
}

func harmsOf(a *drift.Audit) []webHarm {
	of := harmsByProbe(a)
	var list []webHarm
	for _, h := range harmTitles {
		if h.id == otherHarm && !slices.ContainsFunc(a.Comparisons, func(c drift.Comparison) bool { return of[c.Probe] == h.id }) {
			continue
		}
		harm := webHarm{Title: h.title, Asks: h.asks}
		for _, m := range a.Candidates {
			if m.Expect == drift.ExpectBlocked {
				continue
			}
			harm.Candidates = append(harm.Candidates, rollUp(a, m, func(probe string) bool { return of[probe] == h.id }))
		}
		list = append(list, harm)
	}
	return list
}

// otherHarm is what a probe's harm is called that is none of the four, or that
// is not known.
const otherHarm = "other"

// harmsByProbe gives each compared probe one of the harms of harmTitles.
func harmsByProbe(a *drift.Audit) map[string]string {
	of := map[string]string{}
	for _, c := range a.Comparisons {
		of[c.Probe] = otherHarm
	}
	for _, p := range a.Probes {
		of[p.ID] = otherHarm
		for _, h := range harmTitles {
			if p.Harm == h.id {
				of[p.ID] = h.id
			}
		}
	}
	return of
}

// rollUp is the worst verdict among the comparisons of a candidate that count,
// with the numbers behind it. What is waived is said, and is no pass.
func rollUp(a *drift.Audit, m drift.Model, counts func(probe string) bool) webHarmAnswer {
	var t tally
	for _, c := range comparisonsOf(a, m.Name) {
		if counts(c.Probe) && !c.Advisory {
			t.add(c)
		}
	}
	for _, k := range mandatoryOf(a, m.Name) {
		if counts(k.Probe) && k.Observation.Outcome != drift.Pass {
			t.mandatory++
		}
	}
	answer := webHarmAnswer{Candidate: name(m.Name), Text: t.text()}
	answer.Class, answer.Word = t.answer()
	return answer
}

// tally counts verdicts.
type tally struct {
	of        map[drift.Verdict]int
	all       int
	waived    int
	mandatory int               // cases that were not passed
	worst     *drift.Comparison // the first of the worst verdict
}

func (t *tally) add(c drift.Comparison) {
	if t.of == nil {
		t.of = map[drift.Verdict]int{}
	}
	t.all++
	if c.Waived != nil && !c.Waived.Expired {
		t.waived++
		return
	}
	t.of[c.Verdict]++
	if t.worst == nil || severity(c.Verdict) < severity(t.worst.Verdict) ||
		c.Verdict == t.worst.Verdict && harm(c) < harm(*t.worst) {
		t.worst = &c
	}
}

// answer is a class and one word or two.
func (t *tally) answer() (class, word string) {
	switch {
	case t.of[drift.VerdictFail] > 0 || t.mandatory > 0:
		return "fail", "harm shown"
	case t.of[drift.VerdictInconclusive] > 0:
		return "inconclusive", "not settled"
	case t.waived > 0:
		return "inconclusive", "waived"
	case t.of[drift.VerdictPass] > 0:
		return "pass", "within the margins"
	case t.all > 0:
		return "uninformative", "says nothing"
	}
	return "uninformative", "not asked"
}

func (t *tally) text() string {
	if t.all == 0 {
		return "no comparison was made"
	}
	text := fmt.Sprintf("%s of %s pass", count(t.of[drift.VerdictPass]), plural(t.all, "comparison", "comparisons"))
	for _, v := range []drift.Verdict{drift.VerdictFail, drift.VerdictInconclusive, drift.VerdictUninformative} {
		if n := t.of[v]; n > 0 {
			text += fmt.Sprintf(", %s %s", count(n), v)
		}
	}
	if t.waived > 0 {
		text += fmt.Sprintf(", %s waived", count(t.waived))
	}
	if t.mandatory > 0 {
		text += ", " + plural(t.mandatory, "mandatory case not passed", "mandatory cases not passed")
	}
	if t.worst != nil && t.worst.Change != nil {
		text += fmt.Sprintf("; worst: %s, %s %s points", name(t.worst.Probe), group(*t.worst), change(*t.worst))
	}
	return text
}
