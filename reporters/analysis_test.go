package reporters_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
)

// analysedAudit has every part of an analysis, as package drift makes it.
func analysedAudit(t testing.TB) *drift.Audit {
	a := passedAudit(t)
	pairs := answeredPairs()
	b := drift.Bootstrapped{Seed: 1, Name: "minority.tail.facts"}
	groups := map[string][]*drift.Pair{}
	var located []drift.Located
	var lengths []float64
	var bundles []drift.AnsweredBundle
	var wanted []string
	for i := range pairs {
		p := &pairs[i]
		name := "group " + string(rune('a'+i%2))
		groups[name] = append(groups[name], p)
		located = append(located, drift.Located{Pair: p, At: float64(int(128) << (i % 3))})
		lengths = append(lengths, 128)
		bundles = append(bundles, drift.AnsweredBundle{
			Cluster: p.Cluster, Reference: p.Reference.Outcome, Candidate: p.Candidate.Outcome,
			ReferenceMembers: []drift.Observation{p.Reference, p.Reference}, CandidateMembers: []drift.Observation{p.Reference, p.Candidate},
		})
		wanted = append(wanted, "yes")
	}
	depths := make([]drift.Located, len(pairs))
	for i := range pairs {
		depths[i] = drift.Located{Pair: &pairs[i], At: float64(i%3) / 2}
	}
	m := drift.MeasureSlope(located, math.Log2)
	m.Against(0.1)
	n := drift.Analysis{
		Probe: "minority.tail.facts", Candidate: "q8", Answers: drift.AnalyseAnswers(pairs), Bundles: drift.AnalyseBundles("paired", bundles),
		Sets: drift.AnalyseSets(bundles), Samples: drift.AnalyseSamples(pairs),
		Lengths:       []drift.LengthAnalysis{*drift.AnalyseLengths("length", [2]string{"full", "q8"}, located, b)},
		Depths:        drift.AnalyseDepths(depths, lengths, b),
		Amplification: []drift.AmplificationAnalysis{*drift.AnalyseGroups(groups, drift.GroupOptions{Path: "group", Alpha: 0.05, Margin: func(string) float64 { return 0.1 }})},
		Text:          drift.AnalyseText(pairs, b), Options: drift.AnalyseOptions(pairs, wanted, b), Tokens: drift.AnalyseTokens(pairs),
		Measures: []drift.Measure{m, drift.MeasureRateGap("", nil, b)}, Notes: []string{"3 of 63 cases have no answer from both models and are left out"},
	}
	a.Analyses = []drift.Analysis{n}
	a.Findings = drift.Explore(a.Analyses, nil, 0.05)
	return a
}

// answeredPairs are pairs of which the long ones are lost.
func answeredPairs() []drift.Pair {
	side := func(pass bool, chance float64) drift.Observation {
		o := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Answer: "no", Text: "no", Samples: 2}
		if pass {
			o = drift.Observation{Outcome: drift.Pass, Answer: "yes", Text: "yes", Passes: 2, Samples: 2}
		}
		o.OptionLogprobs = map[string]float64{"yes": math.Log(chance), "no": math.Log(1 - chance)}
		o.TokenLogprobs = []float64{math.Log(chance)}
		return o
	}
	var pairs []drift.Pair
	for i := range 60 {
		lost := i%3 == 2 && i%4 != 0
		p := drift.Pair{Case: "case", Cluster: string(rune('A' + i/3)), Reference: side(true, 0.8), Candidate: side(!lost, 0.7)}
		pairs = append(pairs, p)
	}
	return pairs
}

func TestAnalysesAreReadBackAndFollowTheSchema(t *testing.T) {
	want := analysedAudit(t)
	text := render(t, "json", want)
	got, err := reporters.ReadJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(drift.Audit{}, "Pairs")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	report, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := strictSchema(t).Validate(report); err != nil {
		t.Error(err)
	}
}

func TestSummariesShowWhatStandsBesideTheVerdicts(t *testing.T) {
	a := analysedAudit(t)
	a.Findings = []drift.Finding{
		{Probe: "minority.tail.facts", Candidate: "q8", Kind: "slice", What: "way=capital", Estimate: -0.21,
			Interval: interval(-0.3, -0.12), N: 60, P: 0.0001, PAdjusted: 0.004, Family: 40, Notable: true},
		{Probe: "minority.tail.facts", Candidate: "q8", Kind: "gap", What: "group", Estimate: 0.1, N: 60, PAdjusted: 0.2, Family: 40},
	}
	for format, lines := range map[string][]string{
		"console": {
			"  beside the verdicts (describes, never gates):\n",
			"    minority.tail.facts: effective length at least 512 → 256, −1 steps [−1, −1] on the tested ones\n",
			"    minority.tail.facts: exploratory, slice way=capital: change beyond the other groups −21.0 [−30.0, −12.0] points, adjusted p 0.004 among 40 findings (n=60)\n",
			"    minority.tail.facts: rate_gap ? → ?, change ? (n=0), undefined: no answer counts\n",
		},
		"markdown": {"- minority.tail.facts: exploratory, slice way=capital: change beyond the other groups −21.0"},
	} {
		got := render(t, format, a)
		for _, want := range lines {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q in\n%s", format, want, got)
			}
		}
		if strings.Contains(got, "gap group") {
			t.Errorf("%s shows a finding that is not notable", format)
		}
	}
}

func TestADifferenceOfChangesBeyondAHundredPointsIsExplained(t *testing.T) {
	a := passedAudit(t)
	a.Findings = []drift.Finding{{Probe: "minority.tail.facts", Candidate: "q8", Kind: "slice", What: "x=1", Estimate: -0.8,
		Interval: interval(-1.2, -0.4), N: 40, P: 0.001, PAdjusted: 0.01, Family: 4, Notable: true}}
	want := "−80.0 [−120.0, −40.0] points (a difference of two changes, so within ±200)"
	for _, format := range []string{"console", "html"} {
		if got := render(t, format, a); !strings.Contains(got, want) {
			t.Errorf("%s: no %q in\n%s", format, want, got)
		}
	}
}

func TestASummaryShowsALittleOfManyFindings(t *testing.T) {
	a := passedAudit(t)
	for range 13 {
		a.Findings = append(a.Findings, drift.Finding{Candidate: "q8", Kind: "slice", What: "x=1", Family: 13, Notable: true})
	}
	if got := render(t, "console", a); !strings.Contains(got, "    3 more: see the other formats\n") {
		t.Errorf("no word on what is left out:\n%s", got)
	}
}
