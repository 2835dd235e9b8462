package reporters

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// answersOf answers what a release engineer asks of a report, from what the
// audit says.
func answersOf(a *drift.Audit) []webAnswered {
	list := []webAnswered{
		{"May this ship?", shipLines(a)},
		{"For whom or what does it get worse?", worseLines(a)},
	}
	if c := Choose(a); len(c.Variants) > 0 {
		class := "uninformative"
		if c.Smallest != "" {
			class = "pass"
		}
		list = append(list, webAnswered{"What is the smallest variant that passes?", []webLine{{Class: class, Text: c.Sentence}}})
	}
	return append(list,
		webAnswered{"What must still go to the reference?", routeLines(a)},
		webAnswered{"Can it be shown later?", proofLines(a)})
}

func shipLines(a *drift.Audit) []webLine {
	var list []webLine
	for _, m := range expecting(a, drift.ExpectPass) {
		v, ok := verdictOf(a, m.Name)
		switch {
		case !ok:
			list = append(list, webLine{"inconclusive", "not judged", name(m.Name)})
		case v.Met && a.Gate.Passed && a.Size == "smoke":
			list = append(list, webLine{"uninformative", "not by this run", fmt.Sprintf("%s: smoke size passes no release; %s", name(m.Name), sentence(v.Because))})
		case v.Met && a.Gate.Passed:
			list = append(list, webLine{"pass", "yes", fmt.Sprintf("%s: %s", name(m.Name), sentence(v.Because))})
		case v.Met:
			list = append(list, webLine{"inconclusive", "not by this run", fmt.Sprintf("%s by itself meets the policy (%s), the run does not", name(m.Name), sentence(v.Because))})
		default:
			list = append(list, webLine{"fail", "no", fmt.Sprintf("%s: %s", name(m.Name), sentence(v.Because))})
		}
	}
	if len(list) == 0 {
		list = append(list, webLine{"uninformative", "nothing gated", "no candidate was up for release"})
	}
	return list
}

// maxAnswers bounds the lines on one candidate; the table has all.
const maxAnswers = 4

// worseLines name what is measurably worse, within its margin or not.
func worseLines(a *drift.Audit) []webLine {
	var list []webLine
	for _, e := range []drift.Expect{drift.ExpectPass, drift.ExpectAny} {
		for _, m := range expecting(a, e) {
			list = append(list, cutLines(worseLinesOf(a, m))...)
		}
	}
	if len(list) == 0 {
		return []webLine{{"uninformative", "", "no candidate is measurably worse anywhere; what is undecided or uninformative shows neither way"}}
	}
	return list
}

func worseLinesOf(a *drift.Audit, m drift.Model) []webLine {
	var list []webLine
	for _, c := range comparisonsOf(a, m.Name) {
		if c.Worse || c.Verdict == drift.VerdictFail {
			list = append(list, webLine{string(c.Verdict), verdict(a, c),
				fmt.Sprintf("%s (%s): %s, %s %s points", name(m.Name), roles[m.Expect], name(c.Probe), group(c), change(c))})
		}
	}
	return list
}

func cutLines(list []webLine) []webLine {
	if more := len(list) - maxAnswers; more > 0 {
		list = append(list[:maxAnswers:maxAnswers], webLine{Text: fmt.Sprintf("and %s more: see the table", count(more))})
	}
	return list
}

// routeLines name the probes whose questions must go to the reference: what is
// not shown to be safe.
func routeLines(a *drift.Audit) []webLine {
	var list []webLine
	for _, m := range a.Candidates {
		if m.Expect == drift.ExpectBlocked {
			continue
		}
		keep, send := splitByRoute(a, m)
		switch {
		case len(keep)+len(send) == 0:
			list = append(list, webLine{"uninformative", "everything", name(m.Name) + ": nothing was compared"})
		case len(send) == 0:
			list = append(list, webLine{"pass", "nothing", fmt.Sprintf("of what was asked: %s passes %s of %s", name(m.Name), count(len(keep)), plural(len(keep), "probe", "probes"))})
		default:
			list = append(list, webLine{"inconclusive", fmt.Sprintf("%d of %d probes", len(send), len(keep)+len(send)),
				fmt.Sprintf("%s: %s", name(m.Name), excerpt(strings.Join(send, ", "), maxSentence))})
		}
	}
	return list
}

// splitByRoute are the probes of a candidate that may go to it, in all of
// their groups, and those that must not, as the routing table has them.
func splitByRoute(a *drift.Audit, m drift.Model) (keep, send []string) {
	classes := tableOf(a, m).Classes
	for _, c := range classes {
		if c.To == toBig {
			send = appendNew(send, c.Class)
		}
	}
	for _, c := range classes {
		if !slices.Contains(send, c.Class) {
			keep = appendNew(keep, c.Class)
		}
	}
	return keep, send
}

func proofLines(a *drift.Audit) []webLine {
	models := append([]drift.Model{a.Reference}, a.Candidates...)
	known := 0
	for _, m := range models {
		if m.Digest != "" {
			known++
		}
	}
	class := "pass"
	if known < len(models) {
		class = "inconclusive"
	}
	return []webLine{
		{class, fmt.Sprintf("%d of %d", known, len(models)), "models are known by the digest of their weights"},
		{Text: fmt.Sprintf("The evidence of the run holds each answer as it came; with it, size %s and seed %d, gambit %s rebuilds this page without a model.", name(a.Size), a.Seed, name(a.Version))},
	}
}
