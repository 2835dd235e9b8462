package reporters

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/drift"
)

// chosen is an audit of q5, q4 and q2, all gated but q2, in which q5 passes,
// q4 fails one probe and q2 three.
func chosen() *drift.Audit {
	a := &drift.Audit{
		Size: "standard", Policy: drift.Policy{Inconclusive: "block", Uninformative: "warn"},
		Reference: drift.Model{Name: "full", Bytes: 4_000_000_000},
		Candidates: []drift.Model{
			{Name: "q5", Bytes: 1_900_000_000, Expect: drift.ExpectPass}, {Name: "q2", Bytes: 900_000_000, Expect: drift.ExpectAny},
			{Name: "q4", Bytes: 1_500_000_000, Expect: drift.ExpectPass}, {Name: "rtn3", Bytes: 100, Expect: drift.ExpectBlocked},
		},
	}
	for _, probe := range []string{"minority.tail.facts", "edge.a.b", "nuance.c.d"} {
		for _, m := range a.Candidates {
			v := drift.VerdictPass
			if m.Name == "q2" || m.Name == "rtn3" || m.Name == "q4" && probe == "minority.tail.facts" {
				v = drift.VerdictFail
			}
			change := map[drift.Verdict]float64{drift.VerdictPass: -0.01, drift.VerdictFail: -0.2}[v]
			a.Comparisons = append(a.Comparisons, drift.Comparison{
				Probe: probe, Candidate: m.Name, Gated: m.Expect == drift.ExpectPass, Verdict: v, Change: &change,
			})
		}
	}
	for _, m := range a.Candidates {
		met := m.Name != "q4"
		a.Gate.Candidates = append(a.Gate.Candidates, drift.CandidateVerdict{Candidate: m.Name, Expect: m.Expect, Met: met, Blocked: m.Name == "rtn3"})
	}
	return a
}

// comparisonAt gives a comparison of the audit to change.
func comparisonAt(a *drift.Audit, candidate, probe string) *drift.Comparison {
	for i := range a.Comparisons {
		if c := &a.Comparisons[i]; c.Candidate == candidate && c.Probe == probe {
			return c
		}
	}
	panic("no such comparison")
}

func TestTheSmallestVariantThatPassesIsChosen(t *testing.T) {
	tests := map[string]struct {
		change         func(*drift.Audit)
		want, sentence string
	}{
		"as it is": {func(*drift.Audit) {}, "q5",
			"smallest variant that passes: q5 (1.9 GB, 48 % of full); q2 is blocked by 3 probes; q4 fails minority.tail.facts"},
		"with speeds": {func(a *drift.Audit) {
			fast, slow := 46.0, 20.0
			a.Reference.Usage, a.Candidates[0].Usage = &drift.Usage{TokensPerSecond: &slow}, &drift.Usage{TokensPerSecond: &fast}
		}, "q5", "smallest variant that passes: q5 (1.9 GB, 48 % of full, 2.3× faster); q2 is blocked by 3 probes; q4 fails minority.tail.facts"},
		"by latency where nothing is written": {func(a *drift.Audit) {
			a.Reference.Usage = &drift.Usage{LatencyMS: &drift.Percentiles{P50: 100}}
			a.Candidates[0].Usage = &drift.Usage{LatencyMS: &drift.Percentiles{P50: 200}}
		}, "q5", "smallest variant that passes: q5 (1.9 GB, 48 % of full, 2.0× slower); q2 is blocked by 3 probes; q4 fails minority.tail.facts"},
		"instant answers have no speed": {func(a *drift.Audit) {
			fast := 4000.0
			a.Reference.Usage = &drift.Usage{LatencyMS: &drift.Percentiles{P50: 3}, TokensPerSecond: &fast}
			a.Candidates[0].Usage = &drift.Usage{LatencyMS: &drift.Percentiles{P50: 4.9}, TokensPerSecond: &fast}
		}, "q5", "smallest variant that passes: q5 (1.9 GB, 48 % of full); q2 is blocked by 3 probes; q4 fails minority.tail.facts"},
		"one for information that passes": {func(a *drift.Audit) {
			for i := range a.Comparisons {
				if a.Comparisons[i].Candidate == "q2" {
					a.Comparisons[i].Verdict = drift.VerdictPass
				}
			}
		}, "q2", "smallest variant that passes: q2 (900.0 MB, 22 % of full); q4 fails minority.tail.facts; q5 passes too"},
		"none passes": {func(a *drift.Audit) {
			comparisonAt(a, "q5", "edge.a.b").Verdict = drift.VerdictInconclusive
			a.Gate.Candidates[0].Met = false
		}, "", "no variant passes: q2 is blocked by 3 probes; q4 fails minority.tail.facts; q5 is not settled by edge.a.b"},
		"inconclusive is but a warning": {func(a *drift.Audit) {
			a.Policy.Inconclusive = "warn"
			comparisonAt(a, "q5", "edge.a.b").Verdict = drift.VerdictInconclusive
		}, "q5", "smallest variant that passes: q5 (1.9 GB, 48 % of full); q2 is blocked by 3 probes; q4 fails minority.tail.facts"},
		"a mandatory case": {func(a *drift.Audit) {
			a.Mandatory = []drift.Mandatory{{Case: "x", Candidate: "q5", Observation: drift.Observation{Outcome: drift.Undecided}}}
		}, "", "no variant passes: q2 is blocked by 3 probes; q4 fails minority.tail.facts; q5 misses 1 mandatory case"},
		"a pack that says nothing": {func(a *drift.Audit) {
			comparisonAt(a, "q5", "edge.a.b").Verdict = drift.VerdictUninformative
		}, "", "no variant passes: q2 is blocked by 3 probes; q4 fails minority.tail.facts; q5 was observed by nothing in edge"},
		"a missed control": {func(a *drift.Audit) { a.Gate.Candidates[3].Blocked = false }, "",
			"no variant can be chosen: the audit did not see the known damage of rtn3, so its passes mean nothing"},
		"specimens that misbehaved": {func(a *drift.Audit) { a.Controls = &drift.Controls{} }, "",
			"no variant can be chosen: the gate did not do on specimens what it must, so its passes mean nothing"},
		"smoke size": {func(a *drift.Audit) { a.Size = "smoke" }, "", "no variant can be chosen: smoke size passes no release; run size standard"},
		"a size that is not known": {func(a *drift.Audit) { a.Candidates[0].Bytes = 0 }, "",
			"q5 passes, but its size is unknown: give the candidates `bytes` to choose by size"},
		"a candidate without a comparison": {func(a *drift.Audit) { a.Comparisons = nil }, "",
			"no variant passes: q2 was not judged; q4 was not judged; q5 was not judged"},
		"nothing but controls": {func(a *drift.Audit) { a.Candidates = a.Candidates[3:] }, "",
			"no variant to choose from: the audit has no candidate but controls"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := chosen()
			test.change(a)
			got := Choose(a)
			if got.Smallest != test.want || got.Sentence != test.sentence {
				t.Errorf("got %q: %s\nwant %q: %s", got.Smallest, got.Sentence, test.want, test.sentence)
			}
		})
	}
}

func TestAWaivedProbeKeepsNoVariantBack(t *testing.T) {
	a := chosen()
	w := drift.Waiver{Probe: "minority.*"}
	a.Policy.Waivers = []drift.Waiver{w}
	comparisonAt(a, "q4", "minority.tail.facts").Waived = &w
	a.Gate.Candidates[2].Met = true
	if got := Choose(a); got.Smallest != "q4" {
		t.Errorf("chose %q, want q4: %s", got.Smallest, got.Sentence)
	}
	a.Policy.Waivers[0].Expired = true
	w.Expired = true
	if got := Choose(a); got.Smallest != "q5" {
		t.Errorf("with an expired waiver chose %q, want q5: %s", got.Smallest, got.Sentence)
	}
}

func TestVariantsSayWhatTheyLostAndWhy(t *testing.T) {
	worst := 0.2
	want := Variant{Name: "q4", Bytes: 1_500_000_000, Fails: []string{"minority.tail.facts"}, Worst: &worst}
	if diff := cmp.Diff(want, Choose(chosen()).Variants[1]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
