package reporters

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/drift"
)

// show writes the spans of a text with the differing ones in brackets.
func show(spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		if s.Differs {
			b.WriteString("[" + s.Text + "]")
			continue
		}
		b.WriteString(s.Text)
	}
	return b.String()
}

func TestWordsOfOneAnswerAloneAreMarked(t *testing.T) {
	tests := map[string]struct{ a, b, left, right string }{
		"equal":             {"in May", "in May", "in May", "in May"},
		"another word":      {"kept in May.", "kept in June.", "kept in [May.]", "kept in [June.]"},
		"nothing shared":    {"May", "June", "[May]", "[June]"},
		"a word more":       {"not in May", "in May", "[not ]in May", "in May"},
		"neighbours join":   {"a b c d", "a x y d", "a [b c ]d", "a [x y ]d"},
		"space is no word":  {"in  May", "in May", "in  May", "in May"},
		"line breaks stay":  {"one\ntwo", "one\nthree", "one\n[two]", "one\n[three]"},
		"one says nothing":  {"", "May", "", "May"},
		"by character":      {"五月です", "六月です", "[五]月です", "[六]月です"},
		"space at the head": {" a b", " a c", " a [b]", " a [c]"},
		"too long to tell":  {strings.Repeat("w ", maxWords+1), "w", strings.Repeat("w ", maxWords+1), "w"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			left, right := wordDifference(test.a, test.b)
			if show(left) != test.left || show(right) != test.right {
				t.Errorf("got %q and %q, want %q and %q", show(left), show(right), test.left, test.right)
			}
		})
	}
}

func TestAParagraphKeepsItsLinesAndNothingElseUnprintable(t *testing.T) {
	const in = "one\r\ntwo\x1b[31m\n\u202ethree\x00"
	if got, want := paragraph(in, 100), "one\ntwo\\u001b[31m\n\\u202ethree\\u0000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := paragraph("abcdefghij", 6), "abc … hij"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextCannotMarkItself(t *testing.T) {
	if got := marked(whole(paragraph(differsFrom+"x"+differsTo, 10))); strings.ContainsAny(got, differsFrom+differsTo) {
		t.Errorf("got %q, want the private code points escaped", got)
	}
}

func TestTicksAreRound(t *testing.T) {
	tests := map[string]struct {
		low, high float64
		n         int
		want      []float64
	}{
		"tens":        {-32, 7, 5, []float64{-30, -20, -10, 0}},
		"halves":      {0, 1, 2, []float64{0, 0.5, 1}},
		"millions":    {0, 2.9e8, 5, []float64{0, 1e8, 2e8}},
		"no range":    {3, 3, 5, []float64{3}},
		"from within": {0.4, 2.2, 2, []float64{1, 2}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, roundTicks(test.low, test.high, test.n)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAScaleHoldsWhatLiesBeyond(t *testing.T) {
	s := scale{low: -10, high: 10, start: 0, end: 100}
	for value, want := range map[float64]float64{-10: 0, 0: 50, 10: 100, -99: 0, 99: 100} {
		if got := s.at(value); got != want {
			t.Errorf("at(%g) = %g, want %g", value, got, want)
		}
	}
	if got := (scale{1, 1, 0, 100}).at(1); got != 50 {
		t.Errorf("without a range at = %g, want the middle", got)
	}
}

// comparison has a change and its interval, in points.
func comparison(candidate string, change, low, high float64) drift.Comparison {
	c := change / 100
	return drift.Comparison{
		Probe: "edge.a.b", Candidate: candidate, Margin: 0.05, Change: &c,
		Interval: &drift.Interval{Low: low / 100, High: high / 100, Confidence: 0.95},
	}
}

func TestAForestPlotIsNotFlattenedByControls(t *testing.T) {
	a := &drift.Audit{Candidates: []drift.Model{{Name: "q8", Expect: drift.ExpectPass}, {Name: "rtn3", Expect: drift.ExpectBlocked}}}
	list := []drift.Comparison{comparison("q8", -2, -4, 1), comparison("rtn3", -90, -95, -85)}
	axis := newForestAxis(a, list)
	// At least 12 points down and 6 up are shown, and one more at each end.
	if axis.Scale.low != -13 || axis.Scale.high != 7 {
		t.Errorf("the range is %g to %g, want −13 to 7", axis.Scale.low, axis.Scale.high)
	}
	list[0].GateInterval = &drift.Interval{Low: -0.035, High: 0.005, Confidence: 0.9}
	inside, beyond := axis.forest(list[0]), axis.forest(list[1])
	if inside.Left || inside.Right || !inside.HasChange || !(inside.Low < inside.At && inside.At < inside.Zero && inside.Zero < inside.High && inside.Margin < inside.Low) {
		t.Errorf("got %+v, want margin, low, change, 0 and high from left to right", inside)
	}
	if !inside.HasGate || !(inside.Low < inside.GateLow && inside.GateLow < inside.At && inside.GateHigh < inside.High) || beyond.HasGate {
		t.Errorf("got %+v and %+v, want the interval that decides within the other one, and none where there is none", inside, beyond)
	}
	if !beyond.Left || beyond.Right || beyond.HasChange {
		t.Errorf("got %+v, want an arrow to the left alone", beyond)
	}
	a.Candidates = a.Candidates[1:]
	if axis := newForestAxis(a, list[1:]); axis.Scale.low != -mostShown-1 {
		t.Errorf("of controls alone the range starts at %g, want their damage, at most %g", axis.Scale.low, mostShown)
	}
}

func TestAForestPlotOfNothingIsEmpty(t *testing.T) {
	got := newForestAxis(&drift.Audit{}, nil).forest(drift.Comparison{Margin: 0.05})
	if got.HasChange || got.HasInterval {
		t.Errorf("got %+v, want neither change nor interval", got)
	}
}

func TestAHarmIsAnsweredByItsWorst(t *testing.T) {
	judged := func(v drift.Verdict) drift.Comparison {
		return drift.Comparison{Probe: "edge.a.b", Candidate: "q4", Gated: true, Verdict: v}
	}
	waived, expired, advisory := judged(drift.VerdictFail), judged(drift.VerdictFail), judged(drift.VerdictFail)
	waived.Waived, expired.Waived, advisory.Advisory = &drift.Waiver{}, &drift.Waiver{Expired: true}, true
	pass, open, blind := judged(drift.VerdictPass), judged(drift.VerdictInconclusive), judged(drift.VerdictUninformative)
	missed := drift.Mandatory{Probe: "edge.a.b", Candidate: "q4", Observation: drift.Observation{Outcome: drift.Fail}}
	tests := map[string]struct {
		comparisons []drift.Comparison
		mandatory   []drift.Mandatory
		want        string
	}{
		"nothing":                    {nil, nil, "not asked"},
		"all pass":                   {[]drift.Comparison{pass, pass}, nil, "within the margins"},
		"one open":                   {[]drift.Comparison{pass, open}, nil, "not settled"},
		"one fails":                  {[]drift.Comparison{open, judged(drift.VerdictFail), pass}, nil, "harm shown"},
		"one waived":                 {[]drift.Comparison{pass, waived}, nil, "waived"},
		"an expired waiver":          {[]drift.Comparison{pass, expired}, nil, "harm shown"},
		"advisory has no say":        {[]drift.Comparison{pass, advisory}, nil, "within the margins"},
		"advisory alone":             {[]drift.Comparison{advisory}, nil, "not asked"},
		"says nothing":               {[]drift.Comparison{blind}, nil, "says nothing"},
		"what says nothing is aside": {[]drift.Comparison{blind, pass}, nil, "within the margins"},
		"a mandatory case":           {[]drift.Comparison{pass}, []drift.Mandatory{missed}, "harm shown"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := &drift.Audit{
				Candidates: []drift.Model{{Name: "q4", Expect: drift.ExpectPass}}, Comparisons: test.comparisons, Mandatory: test.mandatory,
				Probes: []drift.ProbeInfo{{ID: "edge.a.b", Harm: "edge-case"}},
			}
			harms := harmsOf(a)
			if len(harms) != 4 || harms[3].Candidates[0].Word != test.want {
				t.Errorf("got %+v, want four harms and %q of edge cases", harms, test.want)
			}
		})
	}
}

func TestAProbeOfNoKnownHarmIsNotLost(t *testing.T) {
	a := &drift.Audit{
		Candidates:  []drift.Model{{Name: "q4", Expect: drift.ExpectPass}},
		Comparisons: []drift.Comparison{{Probe: "own.a.b", Candidate: "q4", Verdict: drift.VerdictFail}},
	}
	harms := harmsOf(a)
	if last := harms[len(harms)-1]; last.Title != "Other probes" || last.Candidates[0].Word != "harm shown" {
		t.Errorf("got %+v, want the other probes last, with harm shown", last)
	}
}

func TestAnAuditWithoutPairsShowsTheFlipsOfItsComparisonsOnce(t *testing.T) {
	flip := drift.Flip{Case: "x", Reference: drift.Observation{Outcome: drift.Pass}, Candidate: drift.Observation{Outcome: drift.Fail}}
	a := &drift.Audit{Comparisons: []drift.Comparison{
		{Probe: "p", Candidate: "q4", Flips: []drift.Flip{flip}}, {Probe: "p", Candidate: "q4", Group: "g=1", Flips: []drift.Flip{flip}},
		{Probe: "p", Candidate: "q2", Flips: []drift.Flip{flip}},
	}}
	if c := casesOf(a); c.Total != 2 || c.Flips != 2 || c.Complete {
		t.Errorf("got %d pairs, %d flips, complete %t; want 2, 2 and not complete", c.Total, c.Flips, c.Complete)
	}
}

func TestAHeatMapHasAPlaceForEveryLengthAndDepth(t *testing.T) {
	cell := func(length, depth, change float64) drift.DepthCell {
		return drift.DepthCell{Length: &length, Depth: depth, N: 9, Change: &change}
	}
	got := heatOf([]drift.DepthCell{cell(100, 0, 0), cell(100, 1, -0.05), cell(200, 0.5, -0.41), cell(200, 1, 0.3)})
	if diff := cmp.Diff([]string{"0 %", "50 %", "100 %"}, got.Depths); diff != "" {
		t.Errorf("depths (-want +got):\n%s", diff)
	}
	var levels []string
	for _, r := range got.Rows {
		line := r.Length
		for _, c := range append(r.Cells, make([]webDepthCell, len(got.Depths)-len(r.Cells))...) {
			if !c.Known {
				line += " ?"
				continue
			}
			line += " " + string(rune('0'+c.Level))
		}
		levels = append(levels, line)
	}
	if diff := cmp.Diff([]string{"100 0 ? 1", "200 ? 4 0"}, levels); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
}

func TestUndecidedAnswersAreCountedByReason(t *testing.T) {
	none := drift.Observation{Outcome: drift.Undecided, Reason: drift.ReasonTimeout, Detail: "no reply"}
	good := drift.Observation{Outcome: drift.Pass}
	pair := func(candidate string, r, c drift.Observation) drift.ProbePair {
		return drift.ProbePair{Candidate: candidate, Pair: drift.Pair{Reference: r, Candidate: c}}
	}
	a := &drift.Audit{Reference: drift.Model{Name: "full"}, Pairs: []drift.ProbePair{
		pair("q4", none, good), pair("q4", good, none), pair("q4", good, none), pair("q2", none, good), pair("q2", good, good),
	}}
	want := []string{"2 × q4: timeout: no reply", "1 × full: timeout: no reply"}
	if diff := cmp.Diff(want, undecidedReasons(a)); diff != "" {
		t.Errorf("the reference is counted once, not for each candidate (-want +got):\n%s", diff)
	}
}

func TestTheParetoPlotNeedsTwoSizes(t *testing.T) {
	a := chosen()
	plot := paretoChart(a, Choose(a))
	if plot == nil {
		t.Fatal("no plot of three sizes")
	}
	var names []string
	for _, s := range plot.Series {
		for _, p := range s.Points {
			names = append(names, s.Name+": "+p.Label)
		}
	}
	want := []string{"reference: full", "passes: q5", "does not pass: q2", "does not pass: q4"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i := range a.Candidates {
		a.Candidates[i].Bytes = 0
	}
	if paretoChart(a, Choose(a)) != nil {
		t.Error("a plot of no size, want none")
	}
}

func TestNoCoordinateIsUndefined(t *testing.T) {
	for _, x := range []float64{0, -0.04, math.Copysign(0, -1), 12.345, 1e6} {
		if got := px(x); !regexp.MustCompile(`^-?\d+(\.\d)?$`).MatchString(got) || got == "-0" {
			t.Errorf("px(%g) = %q, want a number with at most one decimal", x, got)
		}
	}
}

func TestASectionSaysHowManyPlotsItDoesNotDraw(t *testing.T) {
	if kept, left := drawn(make([]int, maxDrawn)); len(kept) != maxDrawn || left != "" {
		t.Errorf("of %d kept %d and said %q, want all and nothing", maxDrawn, len(kept), left)
	}
	if kept, left := drawn(make([]int, maxDrawn+1)); len(kept) != maxDrawn || left != "1 more is not drawn here: report.json has the numbers of all." {
		t.Errorf("of %d kept %d and said %q", maxDrawn+1, len(kept), left)
	}
}

func TestGroupsThatAreNumbersStandInTheirOrder(t *testing.T) {
	rate := &drift.Rate{Share: 0.5, N: 9}
	var a drift.Audit
	var path drift.AmplificationAnalysis
	path.Path = "distance"
	for _, group := range []string{"1024", "256", "96"} {
		a.Comparisons = append(a.Comparisons, drift.Comparison{Probe: "p", Candidate: "q4", Group: "distance=" + group, Reference: rate, CandidateRate: rate})
		path.Groups = append(path.Groups, drift.GroupAmplified{Name: group})
	}
	var got []string
	for _, c := range groupsOf(&a, drift.Analysis{Probe: "p", Candidate: "q4"}, path) {
		got = append(got, c.Group)
	}
	if diff := cmp.Diff([]string{"distance=96", "distance=256", "distance=1024"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
