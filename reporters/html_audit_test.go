package reporters_test

import (
	"fmt"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// richAudit is the mixed audit with everything that a page can draw: pairs,
// curves over length, a heat map, groups, measures, findings, a floor, usage.
func richAudit(t testing.TB) *drift.Audit {
	t.Helper()
	a := mixedAudit(t)
	a.Candidates = append(a.Candidates, drift.Model{
		Name: "q5", Provider: "ollama", Model: "phi3:mini-q5_K_M", Bytes: 2_800_000_000, Expect: drift.ExpectAny, Calls: 3200,
		Usage: &drift.Usage{Answers: 3200, OutputTokens: 40_000, TokensPerSecond: ptr(46.0)},
	})
	a.Reference.Usage = &drift.Usage{
		Answers: 3200, PromptTokens: 90_000, OutputTokens: 41_000, TokensPerSecond: ptr(20.0),
		LatencyMS: &drift.Percentiles{P50: 410, P95: 800, P99: 1200},
	}
	a.Comparisons = append(a.Comparisons, fifthComparisons(t)...)
	for i := range a.Comparisons {
		a.Comparisons[i].FlipRate, a.Comparisons[i].Floor = rate(t, 9, 120), rate(t, 1, 120)
	}
	a.Gate.Candidates = append(a.Gate.Candidates, drift.CandidateVerdict{
		Candidate: "q5", Expect: drift.ExpectAny, Verdict: drift.VerdictPass, Met: true, Because: "3 pass, for information", Pass: 3,
	})
	a.Analyses = []drift.Analysis{analysis(t)}
	a.Findings = []drift.Finding{{
		Probe: "minority.tail.facts", Candidate: "q4", Kind: "slice", What: "spelling=yoruba", Estimate: -0.21,
		Interval: interval(-0.3, -0.12), N: 60, P: 0.0001, PAdjusted: 0.004, Family: 40, Notable: true,
	}}
	a.Pairs = somePairs(120)
	return a
}

func fifthComparisons(t testing.TB) []drift.Comparison {
	var list []drift.Comparison
	for _, group := range []string{"", "group=minority", "group=majority"} {
		c := compared(t, "minority.tail.facts", "q5", group, 310, cells{1120, 14, 16, 90}, interval(-0.007, 0.0102))
		c.Verdict, c.Reason = drift.VerdictPass, "noninferior"
		c.Because = "a drop of 5 points or more is ruled out: 91.5 % → 91.6 %, +0.2 points [−0.7, +1.0], n=1,240"
		list = append(list, c)
	}
	return list
}

func analysis(t testing.TB) drift.Analysis {
	n := drift.Analysis{
		Probe: "minority.tail.facts", Candidate: "q4",
		Lengths: []drift.LengthAnalysis{{
			Axis: "length", Steps: ptr(-1), StepsLimits: &drift.Range{Low: -2, High: 0}, Confidence: 0.9,
			Slope: &drift.SlopeChange{Estimate: -0.042, Interval: *interval(-0.07, -0.01), P: 0.004, Clusters: 40},
			Curves: []drift.ModelLength{
				{Model: "full", Base: 0.95, Threshold: 0.8075, EffectiveLength: ptr(1024.0), Censored: "at_least_longest", MeanAccuracy: 0.9},
				{Model: "q4", Base: 0.9, Threshold: 0.765, EffectiveLength: ptr(512.0), Censored: "none", SameThreshold: ptr(256.0), MeanAccuracy: 0.8},
			},
		}},
		Depths: &drift.DepthAnalysis{MiddleGap: drift.Change{Reference: ptr(0.02), Candidate: ptr(0.14), Change: ptr(0.12), Interval: interval(0.05, 0.19)}},
		Amplification: []drift.AmplificationAnalysis{{
			Path: "group", Skipped: []string{"unseen"}, Worst: "minority", Macro: -0.08,
			Groups: []drift.GroupAmplified{
				{Name: "majority", N: 928, Change: 0.011},
				{Name: "minority", N: 312, Change: -0.173, Beyond: ptr(-0.184), BeyondInterval: interval(-0.24, -0.13), Amplification: ptr(2.31)},
			},
			Gap:  drift.Change{Reference: ptr(0.016), Candidate: ptr(0.168), Change: ptr(0.152), Interval: interval(0.1, 0.2)},
			Swap: &drift.SwapGapSignificant{P: 0.0004},
		}},
		Measures: []drift.Measure{{
			Name: "bias_amb", N: 200, Change: drift.Change{Reference: ptr(0.02), Candidate: ptr(0.11), Change: ptr(0.09), Interval: interval(0.03, 0.15)},
			Margin: ptr(0.05), Standing: "open",
		}},
	}
	for i, length := range []float64{128, 256, 512, 1024} {
		n.Lengths[0].Points = append(n.Lengths[0].Points, drift.LengthCell{
			Length: length, N: 100, Reference: rate(t, 95-2*i, 100), Candidate: rate(t, 90-9*i, 100),
			Change: ptr(-0.05 - 0.07*float64(i)), Interval: interval(-0.1-0.07*float64(i), -0.07*float64(i)),
		})
		for j, depth := range []float64{0, 0.25, 0.5, 0.75, 1} {
			drop := -0.04*float64(i*j) + 0.02*float64(j*j)
			n.Depths.Cells = append(n.Depths.Cells, drift.DepthCell{
				Length: ptr(length), Depth: depth, N: 20, Reference: ptr(0.95), Candidate: ptr(0.95 + drop), Change: ptr(drop),
			})
		}
	}
	return n
}

// somePairs are n pairs of each of two candidates, of which some are flips.
func somePairs(n int) []drift.ProbePair {
	var list []drift.ProbePair
	for _, candidate := range []string{"q4", "q5"} {
		for i := range n {
			p := drift.ProbePair{
				Probe: "minority.tail.facts", Candidate: candidate, Groups: []string{"group=minority"}, Line: 19 + i,
				Prompt: fmt.Sprintf("In which month is feast %d usually kept? Answer with one word.", i), Want: `any of ["May"]`,
			}
			right := drift.Observation{Outcome: drift.Pass, Text: fmt.Sprintf("Feast %d is usually kept in May.", i), Passes: 1, Samples: 1}
			wrong := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Text: fmt.Sprintf("Feast %d is never kept in %s.", i, hostile), Samples: 1}
			none := drift.Observation{Outcome: drift.Undecided, Reason: drift.ReasonTimeout, Detail: "no reply within 120 s, asked twice"}
			p.Pair = drift.Pair{Case: fmt.Sprintf("feast-%03d", i), Reference: right, Candidate: right}
			switch {
			case i%40 == 7:
				p.Pair.Candidate = none
			case i%10 == 3:
				p.Pair.Candidate = wrong
			case i%20 == 9:
				p.Reference, p.Pair.Candidate = wrong, right
			}
			list = append(list, p)
		}
	}
	return list
}
