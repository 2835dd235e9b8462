package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/models"
	"github.com/google/go-cmp/cmp"
)

const placedProbe = `
probe: longrange.test.placed
axes:
  n: {count: 20}
  length: [256, 1024]
  depth: [0, 0.5, 1]
  style: [{kind: plain}, {kind: ornate}]
prompt: "{{style.kind}} {{length}} {{depth}} {{n}}"
want: {any: [found]}
cluster: n
compare: {by: [length], base: {length: 256}}
`

func TestLengthsDepthsAndSlicesAreAnalysed(t *testing.T) {
	// Half of the ornate cases in the middle of the long texts are lost.
	small := answers(func(words []string) string {
		if words[0] == "ornate" && words[1] == "1024" && words[2] == "0.5" && last(words)%2 == 0 {
			return "nothing"
		}
		return "found"
	})
	s := newSetup(t, auditText, placedProbe, map[string]*fake{"full": always("found"), "small": small})
	audit := s.run(t)
	a := audit.Analyses[0]
	if len(a.Lengths) != 1 || a.Lengths[0].Axis != "length" || len(a.Lengths[0].Points) != 2 || a.Lengths[0].Slope == nil {
		t.Fatalf("lengths %+v: want one axis of two lengths with a slope", a.Lengths)
	}
	// 10 of 120 lost, over two doublings.
	if got := a.Lengths[0].Slope.Estimate; got > -0.04 || got < -0.0417 {
		t.Errorf("slope %g, want -1/24", got)
	}
	if len(a.Depths.Cells) != 6 || *a.Depths.Cells[4].Length != 1024 || *a.Depths.Cells[4].Change != -0.25 {
		t.Errorf("depths %+v: want a quarter lost in the middle of the long texts", a.Depths.Cells)
	}
	if g := a.Amplification[0]; g.Base != "256" || g.Worst != "1024" || *g.Groups[0].Beyond >= 0 {
		t.Errorf("amplification %+v: want 1024 worse than its base", g)
	}
	var found []string
	for _, f := range audit.Findings {
		found = append(found, fmt.Sprintf("%s %s of %d", f.Kind, f.What, f.Family))
	}
	// style.kind and depth are not compared by; n is one template a value.
	for _, want := range []string{"slice style.kind=ornate of 7", "slice depth=0.5 of 7", "slope length of 7", "group length=1024 of 7"} {
		if !strings.Contains(strings.Join(found, "\n"), want) {
			t.Errorf("findings %q: want %q among them", found, want)
		}
	}
	if audit.Comparisons[0].Family != 3 {
		t.Errorf("family of %d: findings must not count among the 3 comparisons", audit.Comparisons[0].Family)
	}
}

func TestFindingsNeverGate(t *testing.T) {
	probe := strings.Replace(placedProbe, "n: {count: 20}", "n: {count: 60}", 1)
	small := answers(func(words []string) string {
		if words[0] == "ornate" && words[2] == "0.5" && last(words)%2 == 0 {
			return "nothing"
		}
		return "found"
	})
	text := auditText + "policy: {margin: 0.2, group_margin: 0.2}\n"
	a := newSetup(t, text, probe, map[string]*fake{"full": always("found"), "small": small}).run(t)
	if len(a.Findings) == 0 || !a.Findings[0].Notable {
		t.Fatalf("findings %+v: want the loss in the middle to be notable", a.Findings)
	}
	if !a.Gate.Passed {
		t.Errorf("gate %+v: want it passed, as 60 of 720 lost are within the margin", a.Gate)
	}
}

const setsProbe = `
probe: edge.test.sets
axes: {n: {count: 30}, wording: [one, two, three]}
options: ["yes", "no"]
order: fixed
prompt: "{{wording}} {{n}}\n{{menu}}"
want: {choice: "yes"}
bundle: {over: [wording], relation: invariant}
`

func TestSetsThatBreak(t *testing.T) {
	small := answers(func(words []string) string {
		switch n := last(words); {
		case n == 30 && words[0] == "one":
			return "well"
		case n <= 6 && words[0] == "three":
			return "no"
		}
		return "yes"
	})
	a := analysed(t, setsProbe, always("yes"), small)
	if a.Sets.N != 29 || a.Sets.Excluded != 1 || a.Sets.Broken != 6 || a.Sets.Repaired != 0 {
		t.Errorf("sets %+v: want 6 of 29 broken and the unparsed one left out", a.Sets)
	}
	// Two of three pairs of members differ in 6 of 29 sets.
	if got, want := *a.Sets.Flips.Change, 2.0/3*6/29; got < want-1e-9 || got > want+1e-9 || a.Sets.Flips.Interval.Low <= 0 {
		t.Errorf("flips %g in %+v, want %g, clearly over 0", got, a.Sets.Flips.Interval, want)
	}
	if a.Bundles.N != 30 || a.Bundles.Holds.Candidate.Share != 23.0/30 || a.Bundles.AllRight.Reference.Share != 1 {
		t.Errorf("bundles %+v: want 23 of 30 to hold, an unparsed member failing its bundle", a.Bundles)
	}
}

func TestOptionsAreAnalysedByTheirLogProbabilities(t *testing.T) {
	a := analysed(t, optionsProbe, thinking(-0.1, -3), thinking(-1.1, -2))
	if a.Text != nil || a.Options == nil || a.Options.N != 20 || a.Options.SameTop.Share != 1 {
		t.Fatalf("got %+v: want 20 compared by log-probability, all with the same first", a.Options)
	}
	// The right option lost one nat of log-likelihood.
	if got := a.Options.Perplexity.Ratio; got < 2.718 || got > 2.719 {
		t.Errorf("perplexity ratio %g, want e", got)
	}
}

func TestWhatWasNotAnsweredIsNoted(t *testing.T) {
	failing := &fake{answer: func(question string, _ int) models.Response {
		if strings.HasSuffix(question, " 7") {
			return models.Response{Error: &models.Failure{Kind: models.KindTimeout, Text: "no reply"}}
		}
		return says("found")
	}}
	a := analysed(t, placedProbe, always("found"), failing)
	want := []string{"12 of 240 cases have no answer from both models and are left out"}
	if diff := cmp.Diff(want, a.Notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSamplesAreAnalysed(t *testing.T) {
	probe := "probe: edge.test.samples\naxes: {n: {count: 20}}\nsamples: 4\nsampling: {temperature: 1}\n" +
		"prompt: \"Say found {{n}}\"\nwant: {any: [found]}\n"
	a := analysed(t, probe, always("found"), alternating("found", "nothing"))
	// The candidate passes 2 of 4: its samples differ in 2·2·2/(4·3) of pairs.
	if a.Samples == nil || a.Samples.Change != -0.5 || *a.Samples.SelfFlipCandidate < 0.66 || *a.Samples.SelfFlipCandidate > 0.67 {
		t.Errorf("samples %+v: want half of the passes lost, and a candidate that contradicts itself in two of three", a.Samples)
	}
	if got := a.Samples.SelfFlipReference; *got != 0 {
		t.Errorf("the reference contradicts itself in %g, want 0", *got)
	}
}
