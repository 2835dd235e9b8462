package reporters_test

import (
	"fmt"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// audits are the situations that every reporter has a golden file for.
var audits = map[string]func(testing.TB) *drift.Audit{
	"mixed":  mixedAudit,
	"passed": passedAudit,
	"empty":  emptyAudit,
}

// hostile is what a model may write to break a report.
const hostile = "June|May `code` <script>alert(1)</script> @octocat ]]> &amp; \x1b[31mred\x1b[0m " +
	"\u202elived\u202c \x00 \ufffe \xff\r\n# heading\n- item \U000e0041 ***bold*** ![x](http://example.org/x.png)"

// emptyAudit is a run in which nothing was compared.
func emptyAudit(testing.TB) *drift.Audit {
	return &drift.Audit{
		Schema: drift.SchemaVersion, Version: "v0.1.0", Title: "nothing selected", Size: "standard",
		Policy:    policy(),
		Reference: drift.Model{Name: "full", Provider: "ollama", Model: "phi3:mini-fp16"},
		Gate: drift.Gate{
			Status:  1,
			Reasons: []string{"no comparison was made: check the probes and the filters"},
		},
	}
}

// passedAudit is a run in which all went well.
func passedAudit(t testing.TB) *drift.Audit {
	facts := compared(t, "minority.tail.facts", "q8", "", 310, cells{1120, 14, 16, 90}, interval(-0.007, 0.0102))
	facts.Gated, facts.Verdict, facts.Reason, facts.Family = true, drift.VerdictPass, "noninferior", 1
	facts.Because = "a drop of 5 points or more is ruled out: 91.5 % → 91.6 %, +0.2 points [−0.7, +1.0], n=1,240"
	facts.GateInterval = &drift.Interval{Low: -0.0056, High: 0.0088, Confidence: 0.9}
	return &drift.Audit{
		Schema: drift.SchemaVersion, Version: "v0.1.0", Title: "release check of phi3 mini q8",
		Size: "standard", Seed: 7, Policy: policy(), Reference: reference(),
		Candidates: []drift.Model{{
			Name: "q8", Provider: "ollama", Model: "phi3:mini-q8_0", Bytes: 4_100_000_000, Expect: drift.ExpectPass, Calls: 1240,
			Digest: "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592",
		}},
		Probes:      []drift.ProbeInfo{factsProbe()},
		Comparisons: []drift.Comparison{facts},
		Pairs:       pairsOf("q8"),
		Gate: drift.Gate{Passed: true, Candidates: []drift.CandidateVerdict{{
			Candidate: "q8", Expect: drift.ExpectPass, Verdict: drift.VerdictPass, Met: true,
			Because: "1 pass, 0 fail, 0 inconclusive, 0 uninformative", Pass: 1,
		}}},
	}
}

// mixedAudit has every verdict, every kind of candidate, waivers that hold and
// that do not, an advisory tier, a missed control and hostile text.
func mixedAudit(t testing.TB) *drift.Audit {
	a := &drift.Audit{
		Schema: drift.SchemaVersion, Version: "v0.1.0", Title: "release check of phi3 mini | all candidates",
		Notes: []string{"The weights of rtn3 were rounded to three bits on purpose."},
		Size:  "standard", Seed: 20260301, Policy: policy(), Reference: reference(),
		Candidates: []drift.Model{
			{
				Name: "q4", Provider: "ollama", Model: "phi3:mini-q4_K_M", Endpoint: "http://localhost:11434",
				Digest: "sha256:0b1c2d3e4f5061728394a5b6c7d8e9f00112233445566778899aabbccddeeff0",
				Bytes:  2_200_000_000, Expect: drift.ExpectPass, Calls: 3000, Reused: 200,
			},
			{Name: "rtn3", Provider: "specimen", Expect: drift.ExpectBlocked, Bytes: 812_400, Calls: 3200},
			{Name: "noise", Provider: "specimen", Expect: drift.ExpectBlocked, Calls: 3200},
			{Name: "q2 日本", Provider: "ollama", Model: "phi3:mini-q2_K", Expect: drift.ExpectAny, Calls: 3200},
		},
		Probes: []drift.ProbeInfo{
			factsProbe(),
			{
				ID: "edge.dates.leap_day", Pack: "edge", Harm: "edge-case",
				File: "probes/edge/dates.yaml", Line: 2, Cases: 200,
			},
			{
				ID: "edge.stability.typos", Pack: "edge", Harm: "edge-case",
				File: "probes/edge/stability.yaml", Line: 1, Cases: 300, Advisory: true,
			},
		},
		Mandatory: mandatoryCases(),
		Warnings: []string{
			"the waiver of minority.tail.* (ben) expired on 2026-01-31 and no longer holds: renew it or mend the drop",
		},
		Gate: mixedGate(),
	}
	a.Policy.Advisory = []string{"edge.stability.*"}
	a.Policy.Waivers = []drift.Waiver{
		leapWaiver(),
		{Probe: "minority.tail.*", Owner: "ben", Until: "2026-01-31", Why: "new data on the way", Expired: true},
	}
	a.Comparisons = append(gatedComparisons(t), otherComparisons(t)...)
	a.Pairs = append(pairsOf("q4"), pairsOf("q2 日本")...)
	return a
}

// pairsOf are a loss, a gain, a pair that both pass and one without an answer.
func pairsOf(candidate string) []drift.ProbePair {
	right := drift.Observation{Outcome: drift.Pass, Answer: "may", Text: "May", Passes: 1, Samples: 1}
	wrong := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Text: hostile, Samples: 1, Cut: true}
	formula := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonUnparsed, Answer: "=1+1", Text: "=HYPERLINK(\"http://example.org\")", Samples: 1}
	none := drift.Observation{Outcome: drift.Undecided, Reason: drift.ReasonTimeout, Detail: "no reply within 120 s, asked twice"}
	var list []drift.ProbePair
	for i, both := range [][2]drift.Observation{{right, wrong}, {formula, right}, {right, right}, {right, none}} {
		list = append(list, drift.ProbePair{
			Probe: "minority.tail.facts", Candidate: candidate, Groups: []string{"group=minority"}, Line: 19 + i,
			Prompt: "In which month is the feast usually kept?\nAnswer with one word.", Want: `any of ["May"]`,
			Pair: drift.Pair{Case: fmt.Sprintf("minority.tail.facts/lake-%02d", i), Cluster: "lake", Reference: both[0], Candidate: both[1]},
		})
	}
	return list
}

func policy() drift.Policy {
	return drift.Policy{
		Margin: 0.05, GroupMargin: 0.10, Alpha: 0.05, MaxUndecided: 0.05, Inconclusive: "block", Uninformative: "warn",
	}
}

func reference() drift.Model {
	return drift.Model{
		Name: "full", Provider: "ollama", Model: "phi3:mini-fp16",
		Digest: "sha256:9f8e7d6c5b4a39281706f5e4d3c2b1a00f1e2d3c4b5a69788796a5b4c3d2e1f0",
		Bytes:  7_600_000_000, Calls: 3200,
	}
}

func factsProbe() drift.ProbeInfo {
	return drift.ProbeInfo{
		ID: "minority.tail.facts", Pack: "minority", Harm: "bias-amplification",
		About: "A feast of a small tradition is placed as surely as one of a large tradition.", Source: "arXiv:2010.03058",
		File: "probes/minority/tail.yaml", Line: 3, Cases: 1240,
	}
}

func leapWaiver() drift.Waiver {
	return drift.Waiver{Probe: "edge.dates.*", Owner: "ana", Until: "2027-03-01", Why: "dates are checked by a tool"}
}

// gatedComparisons are those of the release candidate.
func gatedComparisons(t testing.TB) []drift.Comparison {
	all := compared(t, "minority.tail.facts", "q4", "", 310, cells{1080, 66, 22, 72}, interval(-0.0502, -0.0208))
	all.Verdict, all.Reason, all.Worse = drift.VerdictPass, "noninferior", true
	all.Because = "a drop of 5 points or more is ruled out: 92.4 % → 88.9 %, −3.5 points [−5.0, −2.1], n=1,240"
	all.GateInterval = &drift.Interval{Low: -0.0478, High: -0.0232, Confidence: 0.9}

	minority := compared(t, "minority.tail.facts", "q4", "group=minority", 78, cells{230, 62, 8, 12}, interval(-0.226, -0.121))
	minority.Margin, minority.Verdict, minority.Reason, minority.Worse = 0.10, drift.VerdictFail, "inferior", true
	minority.Because = "a drop beyond 10 points is shown: 93.6 % → 76.3 %, −17.3 points [−22.6, −12.1], n=312"
	minority.GateInterval = &drift.Interval{Low: -0.217, High: -0.13, Confidence: 0.9}
	minority.MidP, minority.DesignEffect, minority.DesignSource = ptr(1e-11), ptr(1.32), "estimated"
	minority.PInferior, minority.PAdjusted = ptr(0.0004), ptr(0.0032)
	minority.ReferenceShares = drift.Shares{Unparsed: 1, Refused: 2}
	minority.CandidateShares = drift.Shares{Unparsed: 19, Cut: 4, Refused: 3}
	minority.ChangeParsed = ptr(-0.121)
	minority.Flips = []drift.Flip{
		{
			Case: "lake-07", Line: 19, Prompt: "In which month is the feast usually kept?\nAnswer with one word.", Want: `any of ["May"]`,
			Reference: drift.Observation{Outcome: drift.Pass, Answer: "May", Text: "May", Passes: 1, Samples: 1},
			Candidate: drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Text: hostile, Samples: 1, Cut: true},
		},
		{
			Case: "lake-09", Line: 21, Prompt: "And in which month is the other one?", Want: `any of ["June"]`,
			Reference: drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Text: "July", Samples: 3, Passes: 1},
			Candidate: drift.Observation{Outcome: drift.Pass, Text: "June", Samples: 3, Passes: 3},
		},
	}

	majority := compared(t, "minority.tail.facts", "q4", "group=majority", 232, cells{850, 4, 14, 60}, interval(0.0017, 0.0199))
	majority.Margin, majority.Verdict, majority.Reason = 0.10, drift.VerdictPass, "noninferior"
	majority.Because = "a drop of 10 points or more is ruled out: 92.0 % → 93.1 %, +1.1 points [+0.2, +2.0], n=928"

	multi := compared(t, "longrange.retrieve.multi", "q4", "", 40, cells{90, 9, 4, 17}, interval(-0.105, 0.02))
	multi.Verdict, multi.Reason = drift.VerdictInconclusive, "interval_contains_margin"
	multi.NeedNoDrop, multi.NeedAtDrop = ptr(310), ptr(11_000)
	multi.Because = "a drop of 5 points is neither shown nor ruled out: 82.5 % → 78.3 %, −4.2 points [−10.5, +2.0], n=120; " +
		"needs ≈310 more cases if there is no true drop, ≈11,000 more cases at the drop seen"

	irony := compared(t, "nuance.irony.labels", "q4", "", 200, cells{40, 20, 18, 122}, interval(-0.071, 0.051))
	irony.Baseline = ptr(1.0 / 3)
	irony.Verdict, irony.Reason = drift.VerdictUninformative, "baseline"
	irony.Because = "the reference passes 30.0 % (n=200) against the best constant answer's 33.3 %: a pass here would mean nothing; " +
		"ask this of a stronger reference, or leave it out"

	leap := compared(t, "edge.dates.leap_day", "q4", "", 50, cells{150, 30, 2, 18}, interval(-0.192, -0.09))
	leap.Verdict, leap.Reason, leap.Worse, leap.Waived = drift.VerdictFail, "inferior", true, ptr(leapWaiver())
	leap.Because = "a drop beyond 5 points is shown: 90.0 % → 76.0 %, −14.0 points [−19.2, −9.0], n=200"

	input := compared(t, "edge.empty.input", "q4", "", 80, cells{60, 4, 4, 12}, interval(-0.071, 0.071))
	input.Excluded, input.Verdict, input.Reason = 20, drift.VerdictInconclusive, "coverage"
	input.CandidateShares.Undecided = 20
	input.Because = "coverage: only 80 of 100 cases were answered by both models (undecided: reference 0, candidate 20; accepted: 5.0 %): " +
		"see the errors of the run, then run it again"

	silent := drift.Comparison{
		Probe: "edge.silent", Candidate: "q4", File: "probes/edge/silent.yaml", Line: 1, Excluded: 50, Margin: 0.05,
		Verdict: drift.VerdictInconclusive, Reason: "no_data",
		Because: "none of 50 cases was answered by both models: see the errors of the run, then run it again",
	}

	list := []drift.Comparison{all, minority, majority, multi, irony, leap, input, silent}
	for i := range list {
		list[i].Gated, list[i].Family = true, len(list)
	}
	typos := compared(t, "edge.stability.typos", "q4", "", 60, cells{200, 60, 5, 35}, interval(-0.235, -0.133))
	typos.Advisory, typos.Verdict, typos.Reason = true, drift.VerdictFail, "inferior"
	typos.Because = "a drop beyond 5 points is shown: 86.7 % → 68.3 %, −18.3 points [−23.5, −13.3], n=300"
	return append(list, typos)
}

// otherComparisons are those of the controls and of the one for information.
func otherComparisons(t testing.TB) []drift.Comparison {
	broken := compared(t, "longrange.retrieve.single", "rtn3", "", 100, cells{140, 248, 0, 12}, interval(-0.703, -0.53))
	broken.Verdict, broken.Reason, broken.Worse, broken.Collapsed, broken.Baseline = drift.VerdictFail, "inferior", true, true, ptr(0.33)
	broken.Because = "a drop beyond 5 points is shown: 97.0 % → 35.0 %, −62.0 points [−70.3, −53.0], n=400"

	spared := compared(t, "edge.dates.leap_day", "rtn3", "", 50, cells{176, 4, 4, 16}, interval(-0.028, 0.028))
	spared.Verdict, spared.Reason = drift.VerdictPass, "noninferior"
	spared.Because = "a drop of 5 points or more is ruled out: 90.0 % → 90.0 %, +0.0 points [−2.8, +2.8], n=200"

	missed := compared(t, "edge.dates.leap_day", "noise", "", 50, cells{178, 2, 4, 16}, interval(-0.014, 0.034))
	missed.Verdict, missed.Reason = drift.VerdictPass, "noninferior"
	missed.Because = "a drop of 5 points or more is ruled out: 90.0 % → 91.0 %, +1.0 points [−1.4, +3.4], n=200"

	informal := compared(t, "edge.dates.leap_day", "q2 日本", "script=漢字", 50, cells{100, 80, 0, 20}, interval(-0.47, -0.333))
	informal.Verdict, informal.Reason = drift.VerdictFail, "inferior"
	informal.Because = "a drop beyond 5 points is shown: 90.0 % → 50.0 %, −40.0 points [−47.0, −33.3], n=200"

	lone := compared(t, "edge.dates.leap_day", "q2 日本", "", 1, cells{24, 0, 0, 1}, nil)
	lone.Verdict, lone.Reason = drift.VerdictInconclusive, "one_cluster"
	lone.Because = "all cases are one cluster, which says nothing about others: add cases of other clusters"
	return []drift.Comparison{broken, spared, missed, informal, lone}
}

func mandatoryCases() []drift.Mandatory {
	leap := drift.Mandatory{
		Case: "edge.dates.leap_day/2000", Probe: "edge.dates.leap_day", File: "probes/edge/dates.yaml", Line: 14,
		Prompt: "How many days has February in 2000?", Want: "29",
	}
	right, wrong, unanswered, informal := leap, leap, leap, leap
	right.Candidate, right.Gated = "q4", true
	right.Observation = drift.Observation{Outcome: drift.Pass, Answer: "29", Text: "29 days.", Passes: 1, Samples: 1}
	wrong.Candidate, wrong.Gated, wrong.Case, wrong.Prompt = "q4", true, "edge.dates.leap_day/2400", "How many days has February in 2400?"
	wrong.Observation = drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Detail: "want 29, got 28", Text: hostile, Samples: 1}
	unanswered.Candidate, unanswered.Gated, unanswered.Case, unanswered.Prompt = "q4", true, "edge.dates.leap_day/1900", "How many days has February in 1900?"
	unanswered.Want = "28"
	unanswered.Observation = drift.Observation{Outcome: drift.Undecided, Reason: drift.ReasonTimeout, Detail: "no reply within 120 s, asked twice"}
	informal.Candidate = "q2 日本"
	informal.Observation = drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonUnparsed, Text: "I cannot say.", Samples: 1, Refused: true}
	return []drift.Mandatory{right, wrong, unanswered, informal}
}

func mixedGate() drift.Gate {
	return drift.Gate{
		Status: 1,
		Reasons: []string{
			"minority.tail.facts on q4, group=minority: fail: a drop beyond 10 points is shown: 93.6 % → 76.3 %, −17.3 points [−22.6, −12.1], n=312",
			"mandatory case edge.dates.leap_day/2400 on q4: fail",
			"missed control: the audit could not see the known damage of noise (1 pass, 0 fail, 0 inconclusive, 0 uninformative); do not trust its passes",
		},
		Candidates: []drift.CandidateVerdict{
			{
				Candidate: "q4", Expect: drift.ExpectPass, Verdict: drift.VerdictFail, Blocked: true,
				Because: "2 pass, 2 fail, 3 inconclusive, 1 uninformative", Pass: 2, Fail: 2, Inconclusive: 3, Uninformative: 1,
			},
			{
				Candidate: "rtn3", Expect: drift.ExpectBlocked, Verdict: drift.VerdictFail, Blocked: true, Met: true,
				Because: "blocked, as known damage must be, by 1 of 2 comparisons", Pass: 1, Fail: 1,
			},
			{
				Candidate: "noise", Expect: drift.ExpectBlocked, Verdict: drift.VerdictPass,
				Because: "missed control: the audit could not see the known damage of noise (1 pass, 0 fail, 0 inconclusive, 0 uninformative); do not trust its passes",
				Pass:    1,
			},
			{
				Candidate: "q2 日本", Expect: drift.ExpectAny, Verdict: drift.VerdictFail, Blocked: true, Met: true,
				Because: "0 pass, 1 fail, 1 inconclusive, 0 uninformative, for information", Fail: 1, Inconclusive: 1,
			},
		},
	}
}

// cells are the both-pass, loss, gain and both-fail counts of a paired table.
type cells [4]int

// compared fills in what follows from the cells.
func compared(t testing.TB, probe, candidate, group string, clusters int, c cells, i *drift.Interval) drift.Comparison {
	t.Helper()
	n := c[0] + c[1] + c[2] + c[3]
	return drift.Comparison{
		Probe: probe, Candidate: candidate, Group: group, File: "probes/" + probe + ".yaml", Line: 3,
		N: n, Clusters: clusters, BothPass: c[0], Loss: c[1], Gain: c[2], BothFail: c[3],
		Reference: rate(t, c[0]+c[1], n), CandidateRate: rate(t, c[0]+c[2], n),
		Change: ptr(float64(c[2]-c[1]) / float64(n)), Interval: i, Method: "tango_clustered", Margin: 0.05,
	}
}

func rate(t testing.TB, passes, n int) *drift.Rate {
	t.Helper()
	w, err := drift.Wilson(float64(passes), float64(n), 0.95)
	if err != nil {
		t.Fatal(err)
	}
	return &drift.Rate{Share: w.Estimate, N: n, Interval: w.Interval}
}

func interval(low, high float64) *drift.Interval {
	return &drift.Interval{Low: low, High: high, Confidence: 0.95}
}

func ptr[T any](v T) *T { return &v }
