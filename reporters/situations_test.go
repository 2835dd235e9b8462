package reporters_test

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// situations are the audits that every format is checked on by the schema or
// the parser of its readers: those with golden files, and what is apt to break
// a reader.
func situations() map[string]func(testing.TB) *drift.Audit {
	all := maps.Clone(audits)
	all["one"] = func(t testing.TB) *drift.Audit {
		a := passedAudit(t)
		a.Comparisons[0] = compared(t, "minority.tail.facts", "q8", "", 1, cells{1, 0, 0, 0}, nil)
		a.Comparisons[0].Gated = true
		a.Comparisons[0].Verdict, a.Comparisons[0].Reason = drift.VerdictInconclusive, "one_cluster"
		a.Pairs = a.Pairs[:1]
		return judged(t, a)
	}
	all["all fail"] = func(t testing.TB) *drift.Audit {
		return verdictEverywhere(t, drift.VerdictFail, "inferior")
	}
	all["inconclusive"] = func(t testing.TB) *drift.Audit {
		return verdictEverywhere(t, drift.VerdictInconclusive, "interval_contains_margin")
	}
	all["hostile"] = func(t testing.TB) *drift.Audit {
		a := mixedAudit(t)
		spoil(reflect.ValueOf(a).Elem(), hostile+"\n::error::injected\r::warning file=x::y%0A")
		// What chooses from a few words is checked before an audit begins.
		a.Size, a.Policy.Inconclusive, a.Policy.Uninformative = "standard", "block", "warn"
		a.Reference.Digest, a.Candidates[0].Digest = digest('a'), digest('b')
		return a
	}
	all["a megabyte"] = func(t testing.TB) *drift.Audit {
		a := mixedAudit(t)
		long := strings.Repeat("<script>]]>\x00\u202e ", 1<<16)
		for i := range a.Pairs {
			a.Pairs[i].Pair.Candidate.Text = long
		}
		for i := range a.Comparisons {
			for j := range a.Comparisons[i].Flips {
				a.Comparisons[i].Flips[j].Candidate.Text, a.Comparisons[i].Flips[j].Prompt = long, long
			}
		}
		return a
	}
	all["smoke"] = func(t testing.TB) *drift.Audit {
		a := passedAudit(t)
		a.Size = "smoke"
		return a
	}
	return all
}

// verdictEverywhere is the mixed audit with one verdict for all.
func verdictEverywhere(t testing.TB, v drift.Verdict, reason string) *drift.Audit {
	a := mixedAudit(t)
	a.Policy.Waivers, a.Policy.Advisory = nil, nil
	for i := range a.Comparisons {
		c := &a.Comparisons[i]
		c.Verdict, c.Reason, c.Waived, c.Advisory = v, reason, nil, false
	}
	return judged(t, a)
}

func judged(t testing.TB, a *drift.Audit) *drift.Audit {
	t.Helper()
	if err := drift.Judge(a, "2026-06-01"); err != nil {
		t.Fatal(err)
	}
	return a
}

func digest(c byte) string { return strings.Repeat(string(c), 64) }

// manyPairs is a passed audit with n pairs, one in ten of them a flip.
func manyPairs(t testing.TB, n int) *drift.Audit {
	a := passedAudit(t)
	a.Pairs = make([]drift.ProbePair, n)
	for i := range a.Pairs {
		right := drift.Observation{Outcome: drift.Pass, Answer: "march", Text: fmt.Sprintf("It is kept in March, as a rule: %d.", i), Passes: 1, Samples: 1}
		p := drift.ProbePair{
			Probe: "minority.tail.facts", Candidate: "q8", Groups: []string{"group=minority"}, Line: 3 + i%500,
			Prompt: fmt.Sprintf("In which month is feast %d usually kept? Answer with one word.", i), Want: `any of ["March"]`,
			Pair: drift.Pair{Case: fmt.Sprintf("minority.tail.facts/feast-%d", i), Cluster: fmt.Sprint(i / 4), Reference: right, Candidate: right},
		}
		if i%10 == 0 {
			p.Pair.Candidate = drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Answer: "may", Text: "May.", Samples: 1}
		}
		a.Pairs[i] = p
	}
	return a
}
