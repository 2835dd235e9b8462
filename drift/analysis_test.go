package drift_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gambit-audit/gambit/drift"
)

// near allows for sums in another order.
var near = cmpopts.EquateApprox(0, 1e-9)

func groupOptions(base string) drift.GroupOptions {
	return drift.GroupOptions{Path: "path", Base: base, Alpha: 0.05, Seed: 3, Margin: func(string) float64 { return 0.1 }}
}

func TestABaseIsWhatTheOthersAreComparedWith(t *testing.T) {
	groups := map[string][]*drift.Pair{"head": pointers("head", cells(100, 2, 2, 0, 0)), "tail": pointers("tail", cells(80, 20, 0, 0, 0)), "none": pointers("none", cells(0, 0, 0, 0, 3))}
	a := drift.AnalyseGroups(groups, groupOptions("head"))
	if a.Base != "head" || a.Groups[0].Beyond != nil || a.Groups[0].P != nil {
		t.Errorf("base %q, the base's own difference %v: want head and none", a.Base, a.Groups[0].Beyond)
	}
	if got := *a.Groups[1].Beyond; math.Abs(got+0.2) > 1e-12 || a.Groups[1].BeyondInterval.High >= 0 || *a.Groups[1].P > 0.001 {
		t.Errorf("tail %+v: want 20 points beyond head, clearly", a.Groups[1])
	}
	if diff := cmp.Diff([]string{"none"}, a.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if missing := drift.AnalyseGroups(groups, groupOptions("none")); missing.Base != "" {
		t.Errorf("base %q: want none, as it has no answered case", missing.Base)
	}
}

// pointers gives each pair a cluster of its group.
func pointers(group string, pairs []drift.Pair) []*drift.Pair {
	var list []*drift.Pair
	for i := range pairs {
		pairs[i].Cluster = group + pairs[i].Cluster
		list = append(list, &pairs[i])
	}
	return list
}

// Both groups lose in the same templates: what they lose beyond each other is
// known better than from two groups of other templates.
func TestTemplatesThatGroupsShareNarrowTheirDifference(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	shared, apart := map[string][]*drift.Pair{}, map[string][]*drift.Pair{}
	for template := range 60 {
		lost := r.Float64() < 0.3
		for _, name := range []string{"x", "y"} {
			for range 3 {
				p := cells(1, 0, 0, 0, 0)[0]
				if lost {
					p = cells(0, 1, 0, 0, 0)[0]
				}
				q := p
				p.Cluster, q.Cluster = fmt.Sprint(template), fmt.Sprint(name, template)
				shared[name], apart[name] = append(shared[name], &p), append(apart[name], &q)
			}
		}
	}
	width := func(groups map[string][]*drift.Pair) float64 {
		i := drift.AnalyseGroups(groups, groupOptions("")).Groups[0].BeyondInterval
		return i.High - i.Low
	}
	if width(shared) > 0.3*width(apart) {
		t.Errorf("widths %g shared, %g apart: want the shared one far smaller", width(shared), width(apart))
	}
}

// swapped lets the models change places.
func swapped(pairs []drift.Pair) []drift.Pair {
	list := slices.Clone(pairs)
	for i, p := range list {
		list[i].Reference, list[i].Candidate = p.Candidate, p.Reference
	}
	return list
}

func TestSwappingTheModelsTurnsEveryChangeAbout(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 26))
	for range 100 {
		pairs := drawn(r, 1+r.IntN(4))
		there, back := compare(t, pairs, options(0.05)), compare(t, swapped(pairs), options(0.05))
		turned := &drift.Interval{Low: -back.Interval.High, High: -back.Interval.Low, Confidence: 0.95}
		if diff := cmp.Diff(turned, there.Interval, near); diff != "" {
			t.Fatalf("interval (-want +got):\n%s", diff)
		}
		if there.MidP != nil && math.Abs(*there.MidP-*back.MidP) > 1e-12 || there.FlipRate.Share != back.FlipRate.Share {
			t.Fatalf("mid-p %v and %v, flips %v and %v: want them equal", there.MidP, back.MidP, there.FlipRate, back.FlipRate)
		}
	}
}

func TestAWiderMarginNeverMakesAVerdictWorse(t *testing.T) {
	r := rand.New(rand.NewPCG(27, 28))
	for range 100 {
		pairs := drawn(r, 1+r.IntN(4))
		before := -1
		for _, margin := range []float64{0.01, 0.02, 0.05, 0.1, 0.2} {
			c := compare(t, pairs, options(margin))
			if c.Verdict == drift.VerdictUninformative {
				break // the margin is wider than what the reference can do
			}
			if rank[c.Verdict] < before {
				t.Fatalf("margin %g: %s, and better below it", margin, c.Because)
			}
			before = rank[c.Verdict]
		}
	}
}

func TestTheOrderOfCasesDoesNotMatterToAnAnalysis(t *testing.T) {
	r := rand.New(rand.NewPCG(29, 30))
	for range 20 {
		pairs := drawn(r, 3)
		there := groupsBy(pairs)
		r.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		// A swap that is drawn depends on the order of the clusters.
		drawn := cmpopts.IgnoreFields(drift.AmplificationAnalysis{}, "Swap")
		if diff := cmp.Diff(there, groupsBy(pairs), near, drawn); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// groupsBy groups pairs by the length of their id, which shuffling keeps.
func groupsBy(pairs []drift.Pair) *drift.AmplificationAnalysis {
	groups := map[string][]*drift.Pair{}
	for i := range pairs {
		name := fmt.Sprint(len(pairs[i].Case))
		groups[name] = append(groups[name], &pairs[i])
	}
	return drift.AnalyseGroups(groups, groupOptions(""))
}

// bundle makes a bundle with members that pass (upper case) or fail, by letter.
func bundle(cluster, reference, candidate string) drift.AnsweredBundle {
	side := func(text string) (drift.Outcome, []drift.Observation) {
		all, members := drift.Pass, []drift.Observation{}
		for _, letter := range text {
			o := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Answer: string(letter), Samples: 1}
			switch {
			case letter == '-':
				o = drift.Observation{Outcome: drift.Undecided, Reason: drift.ReasonTimeout}
			case letter == '?':
				o.Answer, o.Reason = "", drift.ReasonUnparsed
			case letter >= 'A' && letter <= 'Z':
				o.Outcome, o.Reason, o.Passes = drift.Pass, "", 1
			}
			if o.Outcome != drift.Pass {
				all = drift.Fail
			}
			members = append(members, o)
		}
		return all, members
	}
	b := drift.AnsweredBundle{Cluster: cluster}
	b.Reference, b.ReferenceMembers = side(reference)
	b.Candidate, b.CandidateMembers = side(candidate)
	return b
}

func TestBundlesAreCountedWholeAndByMember(t *testing.T) {
	a := drift.AnalyseBundles("all", []drift.AnsweredBundle{
		bundle("1", "AB", "AB"), bundle("2", "AB", "Ab"), bundle("3", "AB", "ab"), bundle("4", "Ab", "AB"), bundle("5", "A-", "AB"),
	})
	if a.N != 4 || a.Excluded != 1 || a.Clusters != 4 {
		t.Errorf("%d bundles, %d excluded, %d clusters: want 4, 1, 4", a.N, a.Excluded, a.Clusters)
	}
	// Right as a whole: the reference in 3 of 4, the candidate in 2 of 4.
	// Members: 7 of 8 and 5 of 8.
	got := []float64{a.AllRight.Reference.Share, a.AllRight.Candidate.Share, *a.AllRight.Change, a.Members.Reference.Share, a.Members.Candidate.Share}
	if diff := cmp.Diff([]float64{0.75, 0.5, -0.25, 0.875, 0.625}, got, near); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Alike: the reference in the first three, the candidate in all but the second.
	paired := drift.AnalyseBundles("paired", []drift.AnsweredBundle{
		bundle("1", "AB", "AB"), bundle("2", "AB", "Ab"), bundle("3", "AB", "ab"), bundle("4", "Ab", "AB"),
	})
	if paired.Holds.Reference.Share != 0.75 || paired.Holds.Candidate.Share != 0.75 {
		t.Errorf("holds %g and %g: want 0.75 both", paired.Holds.Reference.Share, paired.Holds.Candidate.Share)
	}
}

func TestASetWithoutAnAnswerIsLeftOut(t *testing.T) {
	bundles := []drift.AnsweredBundle{bundle("1", "AAA", "AAB"), bundle("2", "AA-", "AAA"), bundle("3", "AA?", "AAA")}
	got := drift.AnalyseSets(bundles)
	if got.N != 1 || got.Excluded != 2 || got.Broken != 1 || *got.Flips.Change != 2.0/3 {
		t.Errorf("got %+v, flips %v: want one broken set with 2 of 3 pairs of members apart, and 2 excluded", got, *got.Flips.Change)
	}
	if none := drift.AnalyseSets(bundles[1:]); none != nil {
		t.Errorf("got %+v of sets without answers: want nil", none)
	}
}

func TestSamplesTellWhetherToBuyCases(t *testing.T) {
	sampled := func(reference, candidate int) drift.Pair {
		side := func(passes int) drift.Observation {
			o := drift.Observation{Outcome: drift.Fail, Passes: passes, Samples: 5}
			if passes > 2 {
				o.Outcome = drift.Pass
			}
			return o
		}
		return drift.Pair{Reference: side(reference), Candidate: side(candidate)}
	}
	var steady, noisy []drift.Pair
	for i := range 40 {
		p, q := sampled(5, 5*(i%2)), sampled(2+i%2, 3-i%2)
		p.Cluster, q.Cluster = fmt.Sprint(i), fmt.Sprint(i)
		steady, noisy = append(steady, p), append(noisy, q)
	}
	if a := drift.AnalyseSamples(steady); !a.BuyCases || math.Abs(*a.ExcessFlip-0.5) > 1e-12 || a.Change != -0.5 {
		t.Errorf("steady: %+v: want more cases, since the samples of a case agree", a)
	}
	if a := drift.AnalyseSamples(noisy); a.BuyCases || *a.ExcessFlip > 0 {
		t.Errorf("noisy: %+v: want more samples, and no flip beyond the models' own", a)
	}
	if a := drift.AnalyseSamples(cells(10, 1, 1, 0, 0)); a != nil {
		t.Errorf("single answers: %+v: want nil", a)
	}
}

// byLength makes one pair of each template at each length; the candidate fails
// from a length on.
func byLength(templates int, lengths []float64, failsFrom float64) []drift.Located {
	var list []drift.Located
	for template := range templates {
		for _, length := range lengths {
			p := cells(1, 0, 0, 0, 0)[0]
			if length >= failsFrom {
				p = cells(0, 1, 0, 0, 0)[0]
			}
			p.Cluster = fmt.Sprint(template)
			list = append(list, drift.Located{Pair: &p, At: length})
		}
	}
	return list
}

func TestAnEffectiveLengthThatShrinks(t *testing.T) {
	lengths := []float64{512, 1024, 2048, 4096}
	a := drift.AnalyseLengths("length", [2]string{"full", "q4"}, byLength(20, lengths, 2048), drift.Bootstrapped{Seed: 1, Name: "probe"})
	full, q4 := a.Curves[0], a.Curves[1]
	if *full.EffectiveLength != 4096 || *q4.EffectiveLength != 1024 || *a.Steps != -2 || *q4.Low != 1024 || *q4.High != 1024 {
		t.Errorf("full %+v\nq4 %+v\nsteps %v: want 4096, 1024 and two steps lost", full, q4, *a.Steps)
	}
	if a.Points[2].N != 20 || *a.Points[2].Change != -1 || *a.Points[0].Change != 0 {
		t.Errorf("points %+v: want all lost at 2048 and none at 512", a.Points)
	}
	// The changes 0, 0, -1, -1 on 9, 10, 11, 12 doublings.
	if a.Slope != nil {
		t.Errorf("slope %+v: want none, as all templates are alike", a.Slope)
	}
	if one := drift.AnalyseLengths("length", [2]string{"full", "q4"}, byLength(20, lengths[:1], 9), drift.Bootstrapped{}); one != nil {
		t.Errorf("one length: %+v: want nil", one)
	}
}

func TestTheThresholdIsAlsoTheReferences(t *testing.T) {
	// Candidates that pass 70 % everywhere look long-sighted by their own base.
	var cases []drift.Located
	for template := range 50 {
		for _, length := range []float64{100, 200} {
			p := cells(1, 0, 0, 0, 0)[0]
			if template%10 < 3 {
				p = cells(0, 1, 0, 0, 0)[0]
			}
			p.Cluster = fmt.Sprint(template)
			cases = append(cases, drift.Located{Pair: &p, At: length})
		}
	}
	a := drift.AnalyseLengths("length", [2]string{"full", "q4"}, cases, drift.Bootstrapped{})
	if c := a.Curves[1]; *c.EffectiveLength != 200 || c.SameThreshold != nil {
		t.Errorf("got %+v: want 200 by its own base, nothing by the reference's", c)
	}
}

func TestDepthsMakeAHeatMap(t *testing.T) {
	var cases []drift.Located
	var lengths []float64
	for template := range 30 {
		for _, length := range []float64{512, 1024} {
			for _, depth := range []float64{0, 0.25, 0.5, 0.75, 1} {
				p := cells(1, 0, 0, 0, 0)[0]
				if depth == 0.5 && template%3 == 0 {
					p = cells(0, 1, 0, 0, 0)[0]
				}
				p.Cluster = fmt.Sprint(template)
				cases, lengths = append(cases, drift.Located{Pair: &p, At: depth}), append(lengths, length)
			}
		}
	}
	a := drift.AnalyseDepths(cases, lengths, drift.Bootstrapped{Seed: 4})
	if len(a.Cells) != 10 || *a.Cells[2].Length != 512 || a.Cells[2].Depth != 0.5 || a.Cells[2].N != 30 {
		t.Fatalf("cells %+v: want 2 lengths by 5 depths of 30", a.Cells)
	}
	if got := *a.Cells[2].Change; math.Abs(got+1.0/3) > 1e-12 {
		t.Errorf("change in the middle %g: want a third lost", got)
	}
	// A third of one of three inner bins.
	if g := a.MiddleGap; math.Abs(*g.Change-1.0/9) > 1e-12 || g.Interval == nil || g.Interval.Low <= 0 {
		t.Errorf("middle gap %+v: want a ninth, clearly over 0", g)
	}
	if out := drift.AnalyseDepths([]drift.Located{{Pair: cases[0].Pair, At: 1.5}}, nil, drift.Bootstrapped{}); out != nil {
		t.Errorf("depth 1.5: %+v: want nil", out)
	}
}

func TestTextsAndAnswersThatChange(t *testing.T) {
	pairs := cells(2, 1, 0, 1, 1)
	for i, texts := range [][2]string{{"the sea", "the  sea"}, {"a boat", "a boot"}, {"north", "south"}, {"up", "down"}} {
		pairs[i].Reference.Text, pairs[i].Candidate.Text = texts[0], texts[1]
		pairs[i].Reference.Answer, pairs[i].Candidate.Answer = texts[0], texts[1]
	}
	pairs[0].Candidate.Answer = "the sea"
	a := drift.AnalyseAnswers(pairs)
	if a.N != 4 || a.Changed.Share != 0.75 || a.WrongToWrong != 1 {
		t.Errorf("answers %+v: want 3 of 4 changed, one from wrong to wrong", a)
	}
	text := drift.AnalyseText(pairs, drift.Bootstrapped{Seed: 2})
	if text.N != 4 || text.Same.Share != 0.25 || text.EditDistance.Interval == nil {
		t.Errorf("text %+v: want 1 of 4 the same, and an interval", text)
	}
	// 1/8 (one more space), 1/6, 2/5 and 4/4 (nothing of "up" is in "down").
	if want := (1.0/8 + 1.0/6 + 2.0/5 + 1) / 4; math.Abs(text.EditDistance.Mean-want) > 1e-12 {
		t.Errorf("edit distance %g, want %g", text.EditDistance.Mean, want)
	}
	if none := drift.AnalyseText(cells(0, 0, 0, 0, 3), drift.Bootstrapped{}); none != nil {
		t.Errorf("no answers: %+v: want nil", none)
	}
}

func TestOptionsAreComparedByTheirLogProbabilities(t *testing.T) {
	logs := func(right, wrong float64) map[string]float64 {
		return map[string]float64{"right": math.Log(right), "wrong": math.Log(wrong)}
	}
	pairs := cells(4, 0, 0, 0, 0)
	wanted := []string{"right", "right", "right", ""}
	for i, p := range [][4]float64{{0.6, 0.3, 0.6, 0.3}, {0.6, 0.3, 0.3, 0.6}, {0.6, 0.3, 0.9, 0.9}, {0.5, 0.5, 0.5, 0.5}} {
		pairs[i].Reference.OptionLogprobs, pairs[i].Candidate.OptionLogprobs = logs(p[0], p[1]), logs(p[2], p[3])
	}
	a := drift.AnalyseOptions(pairs, wanted, drift.Bootstrapped{})
	if a.N != 3 || a.Excluded != 1 || math.Abs(a.SameTop.Share-2.0/3) > 1e-12 {
		t.Errorf("%d compared, %d excluded, same top %g: want 3, 1 (its masses sum to 1.8) and two thirds", a.N, a.Excluded, a.SameTop.Share)
	}
	// KL of the second: 0.6 ln 2 - 0.3 ln 2.
	if want := 0.3 * math.Ln2 / 3; math.Abs(a.KLMean.Mean-want) > 1e-9 || a.KLMedian > 1e-9 {
		t.Errorf("KL %g, median %g: want %g and 0", a.KLMean.Mean, a.KLMedian, want)
	}
	// The right option is half as likely in one of two.
	if p := a.Perplexity; p.N != 2 || math.Abs(p.Ratio-math.Sqrt2) > 1e-9 {
		t.Errorf("perplexity %+v: want √2 over 2", p)
	}
	if none := drift.AnalyseOptions(cells(3, 0, 0, 0, 0), []string{"", "", ""}, drift.Bootstrapped{}); none != nil {
		t.Errorf("no log-probabilities: %+v: want nil", none)
	}
}

func TestTokensAreComparedWhereTheTextsAreTheSame(t *testing.T) {
	pairs := cells(3, 0, 0, 0, 0)
	for i := range pairs {
		pairs[i].Reference.Text, pairs[i].Candidate.Text = "same", "same"
		pairs[i].Reference.TokenLogprobs, pairs[i].Candidate.TokenLogprobs = []float64{-1, -1}, []float64{-2, -1 - float64(i)}
	}
	pairs[2].Candidate.Text = "other"
	a := drift.AnalyseTokens(pairs)
	// Differences 1, 0, 1, 1: the mean is 3/4.
	if a.N != 2 || a.Total != 3 || math.Abs(a.Perplexity.Ratio-math.Exp(0.75)) > 1e-12 {
		t.Errorf("got %+v, %+v: want 2 of 3 with exp(3/4)", a, a.Perplexity)
	}
}

func TestFindingsAreOneFamilyAndNeverMirrored(t *testing.T) {
	groups := map[string][]*drift.Pair{"head": pointers("head", cells(100, 1, 1, 0, 0)), "tail": pointers("tail", cells(70, 30, 0, 0, 0))}
	a := drift.Analysis{Probe: "p", Candidate: "q4", Amplification: []drift.AmplificationAnalysis{*drift.AnalyseGroups(groups, groupOptions(""))}}
	slices := drift.ExploreSlices("p", "q4", map[string][]*drift.Pair{"x": pointers("x", cells(50, 2, 2, 0, 0)), "y": pointers("y", cells(50, 2, 2, 0, 0)), "z": pointers("z", cells(5, 0, 0, 0, 0))}, groupOptions(""))
	found := drift.Explore([]drift.Analysis{a}, slices, 0.05)
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprintf("%s %s %v of %d", f.Kind, f.What, f.Notable, f.Family))
	}
	want := []string{"gap path true of 4", "group path=tail true of 4", "slice path=x false of 4", "slice path=y false of 4"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzAnalyses looks for a number that JSON has no word for, or a panic.
func FuzzAnalyses(f *testing.F) {
	f.Add(uint64(1), 3, 0.1, 0.1, 0.1)
	f.Add(uint64(2), 1, 0.0, 0.0, 0.0)
	f.Add(uint64(3), 40, 0.0, 1.0, 0.0)
	f.Add(uint64(4), 2, 0.5, 0.5, 1.0)
	f.Fuzz(func(t *testing.T, seed uint64, perCluster int, loss, gain, missing float64) {
		if perCluster < 1 || perCluster > 50 {
			t.Skip()
		}
		r := rand.New(rand.NewPCG(seed, 31))
		pairs := make([]drift.Pair, 1+r.IntN(40))
		var located []drift.Located
		groups := map[string][]*drift.Pair{}
		var bundles []drift.AnsweredBundle
		for i := range pairs {
			pairs[i] = hostilePair(r, loss, gain, missing)
			pairs[i].Cluster = fmt.Sprint(i / perCluster)
			located = append(located, drift.Located{Pair: &pairs[i], At: float64(r.IntN(4)) / 2})
			name := fmt.Sprint(r.IntN(3))
			groups[name] = append(groups[name], &pairs[i])
			members := []drift.Observation{pairs[i].Reference, pairs[i].Candidate}
			bundles = append(bundles, drift.AnsweredBundle{Cluster: pairs[i].Cluster, ReferenceMembers: members, CandidateMembers: members[:1+r.IntN(2)]})
		}
		b := drift.Bootstrapped{Seed: seed}
		a := drift.Analysis{
			Answers: drift.AnalyseAnswers(pairs), Bundles: drift.AnalyseBundles("all", bundles), Sets: drift.AnalyseSets(bundles),
			Samples: drift.AnalyseSamples(pairs), Depths: drift.AnalyseDepths(located, nil, b), Text: drift.AnalyseText(pairs, b),
			Options: drift.AnalyseOptions(pairs, make([]string, len(pairs)), b), Tokens: drift.AnalyseTokens(pairs),
		}
		if l := drift.AnalyseLengths("length", [2]string{"full", "q4"}, located, b); l != nil {
			a.Lengths = append(a.Lengths, *l)
		}
		if g := drift.AnalyseGroups(groups, groupOptions("")); g != nil {
			a.Amplification = append(a.Amplification, *g)
		}
		a.Measures = append(a.Measures, drift.MeasureSlope(located, math.Log2), drift.MeasureSlope(located, func(x float64) float64 { return x }))
		if _, err := json.Marshal(a); err != nil {
			t.Fatal(err)
		}
		for _, f := range drift.Explore([]drift.Analysis{a}, nil, 0.05) {
			if !(f.P >= 0 && f.P <= 1 && f.PAdjusted >= f.P-1e-12 && f.PAdjusted <= 1) {
				t.Fatalf("finding %+v: want p-values in [0,1]", f)
			}
		}
	})
}

// hostilePair is a pair as no honest model makes it.
func hostilePair(r *rand.Rand, loss, gain, missing float64) drift.Pair {
	side := func(fails float64) drift.Observation {
		o := drift.Observation{
			Outcome: drift.Pass, Passes: 1, Samples: 1, Answer: "yes", Text: "yes",
			OptionLogprobs: map[string]float64{"yes": -r.ExpFloat64(), "no": math.Inf(-1)}, TokenLogprobs: []float64{-r.ExpFloat64(), math.Inf(-1)},
		}
		switch x := r.Float64(); {
		case x < missing:
			return drift.Observation{Outcome: drift.Undecided}
		case x < missing+fails:
			o.Outcome, o.Passes, o.Answer, o.Text = drift.Fail, 0, "", ""
			o.OptionLogprobs["no"] = math.NaN()
		case r.IntN(3) == 0:
			o.Samples, o.Passes = 1+r.IntN(5), r.IntN(6)
		}
		return o
	}
	return drift.Pair{Reference: side(gain), Candidate: side(loss)}
}
