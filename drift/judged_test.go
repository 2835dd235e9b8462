package drift_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// judgedWorld is a pair of models whose true outcomes a judge with known errors
// reports.
type judgedWorld struct {
	lost, gained             float64 // shares of cases, of the true outcomes
	bothPass                 float64
	sensitivity, specificity float64
	cases, clusterSize       int
	anchors                  int // of each kind
}

func (w judgedWorld) change() float64 { return w.gained - w.lost }

// draw makes the pairs as the judge sees them, and its anchors.
func (w judgedWorld) draw(r *rand.Rand) ([]drift.Pair, drift.Anchors) {
	verdict := func(passes bool) drift.Observation {
		yes := r.Float64() < w.sensitivity
		if !passes {
			yes = r.Float64() >= w.specificity
		}
		if yes {
			return drift.Observation{Outcome: drift.Pass, Passes: 1, Samples: 1, Votes: &drift.Votes{Yes: 1}}
		}
		return drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Samples: 1, Votes: &drift.Votes{No: 1}}
	}
	pairs := make([]drift.Pair, w.cases)
	for i := range pairs {
		u := r.Float64()
		lost, gained := u < w.lost, u >= w.lost && u < w.lost+w.gained
		both := u >= w.lost+w.gained && u < w.lost+w.gained+w.bothPass
		pairs[i] = drift.Pair{
			Case: fmt.Sprint(i), Cluster: fmt.Sprint(i / w.clusterSize),
			Reference: verdict(lost || both), Candidate: verdict(gained || both),
		}
	}
	var a drift.Anchors
	for range w.anchors {
		a.Add(true, verdict(true).Outcome, false)
		a.Add(false, verdict(false).Outcome, false)
	}
	return pairs, a
}

func (w judgedWorld) compare(t *testing.T, r *rand.Rand, margin float64) drift.Comparison {
	t.Helper()
	pairs, anchors := w.draw(r)
	c, err := drift.Compare(pairs, drift.CompareOptions{
		Margin: margin, Alpha: 0.05, MaxUndecided: 0.05, Judge: &drift.JudgeOptions{Name: "j", Anchors: &anchors},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Over many audits the corrected 90 % interval must hold the true change, which
// the interval of the judge's own outcomes does not. With 2000 draws a share of
// 0.90 has a standard error of 0.007.
func TestTheCorrectedIntervalHoldsTheTrueChange(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation of seconds")
	}
	for name, w := range map[string]judgedWorld{
		"a good judge":        {0.12, 0.02, 0.70, 0.97, 0.95, 400, 1, 60},
		"a middling judge":    {0.12, 0.02, 0.70, 0.85, 0.80, 400, 1, 60},
		"few anchors":         {0.20, 0.05, 0.60, 0.90, 0.85, 400, 1, 30},
		"no change":           {0.05, 0.05, 0.70, 0.85, 0.80, 400, 1, 30},
		"identical models":    {0, 0, 0.80, 0.85, 0.85, 300, 1, 30},
		"clusters":            {0.12, 0.02, 0.70, 0.88, 0.85, 400, 4, 60},
		"a change for better": {0.02, 0.15, 0.60, 0.88, 0.85, 300, 1, 40},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const draws = 2000
			r := rand.New(rand.NewPCG(7, 1978))
			held, judged := 0, 0
			for range draws {
				c := w.compare(t, r, 0.1)
				if c.Judged.Interval == nil {
					continue // a judge that these anchors show as too bad
				}
				judged++
				if c.Judged.Interval.Low <= w.change() && w.change() <= c.Judged.Interval.High {
					held++
				}
			}
			t.Logf("held in %.3f of %d audits", float64(held)/float64(judged), judged)
			if share := float64(held) / float64(judged); share < 0.885 || judged < draws/2 {
				t.Errorf("the interval holds the true change in %.3f of %d audits, want 0.90", share, judged)
			}
		})
	}
}

// A drop of just the margin must pass in at most 5 % of audits. As judged it
// passes far more often, since a judge that errs shows only a part of it.
func TestAJudgeThatErrsPassesNoDropOfTheMargin(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation of seconds")
	}
	w := judgedWorld{0.12, 0.02, 0.70, 0.85, 0.80, 400, 1, 60} // a drop of 10 points, of which 6.5 show
	const draws = 2000
	r := rand.New(rand.NewPCG(3, 1954))
	passed, raw := 0, 0
	for range draws {
		c := w.compare(t, r, 0.1)
		if c.Judged.RawVerdict == drift.VerdictPass {
			raw++
		}
		if c.Verdict == drift.VerdictPass && c.Judged.Advisory == "" {
			passed++
		}
	}
	t.Logf("passed %.3f, as judged %.3f", float64(passed)/draws, float64(raw)/draws)
	if passed > draws*65/1000 {
		t.Errorf("%d of %d audits pass a drop of the margin, want at most 5 %%", passed, draws)
	}
	if raw < 2*draws/10 {
		t.Errorf("%d of %d audits pass as judged: the test has no bite", raw, draws)
	}
}

// judgedPairs are n cases without clusters, of which some are lost.
func judgedPairs(n, lost int) []drift.Pair {
	pairs := make([]drift.Pair, n)
	for i := range pairs {
		pass := drift.Observation{Outcome: drift.Pass, Passes: 1, Samples: 1, Votes: &drift.Votes{Yes: 1}}
		pairs[i] = drift.Pair{Case: fmt.Sprint(i), Cluster: fmt.Sprint(i), Reference: pass, Candidate: pass}
		if i < lost {
			pairs[i].Candidate = drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Samples: 1, Votes: &drift.Votes{No: 1, Split: 2}}
		}
	}
	return pairs
}

func TestAJudgesVerdictIsTheWorseOfTwo(t *testing.T) {
	perfect := drift.Anchors{Good: 200, GoodYes: 200, Bad: 200, BadNo: 200}
	middling := drift.Anchors{Good: 100, GoodYes: 82, Bad: 100, BadNo: 80}
	for name, tt := range map[string]struct {
		lost     int
		judge    drift.JudgeOptions
		want     drift.Verdict
		reason   string
		advisory string
		says     string
	}{
		"a good judge leaves a pass":         {0, drift.JudgeOptions{Anchors: &perfect}, drift.VerdictPass, "noninferior", "", "right on 200 of 200 good"},
		"a middling judge takes a pass back": {21, drift.JudgeOptions{Anchors: &middling}, drift.VerdictInconclusive, "judge", "", "ruled out as judged, but not"},
		"a middling judge hides a drop":      {30, drift.JudgeOptions{Anchors: &middling}, drift.VerdictFail, "inferior", "", "is shown with the judge's errors taken out"},
		"no anchors":                         {0, drift.JudgeOptions{}, drift.VerdictPass, "noninferior", "no anchors tell", "for information alone"},
		"too few anchors":                    {0, drift.JudgeOptions{Anchors: &drift.Anchors{Good: 29, GoodYes: 29, Bad: 40, BadNo: 40}}, drift.VerdictPass, "noninferior", "decided 29 good", "for information alone"},
		"a judge that guesses":               {0, drift.JudgeOptions{Anchors: &drift.Anchors{Good: 40, GoodYes: 30, Bad: 40, BadNo: 20}}, drift.VerdictPass, "noninferior", "too few to correct for", "for information alone"},
		"anchors that were not answered":     {0, drift.JudgeOptions{Anchors: &drift.Anchors{Good: 20, GoodYes: 20, Bad: 40, BadNo: 40, Failed: 20}}, drift.VerdictInconclusive, "coverage", "", "could not be asked about 20 anchors"},
		"nothing to correct":                 {0, drift.JudgeOptions{Anchors: &perfect, Uncorrected: "bundles"}, drift.VerdictPass, "noninferior", "bundles", "for information alone"},
		"a shown drop stays":                 {90, drift.JudgeOptions{Anchors: &perfect}, drift.VerdictFail, "inferior", "", "a drop beyond 10 points is shown"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.judge.Name = "j"
			c, err := drift.Compare(judgedPairs(300, tt.lost), drift.CompareOptions{Margin: 0.1, Alpha: 0.05, MaxUndecided: 0.05, Judge: &tt.judge})
			if err != nil {
				t.Fatal(err)
			}
			if c.Verdict != tt.want || c.Reason != tt.reason || !strings.Contains(c.Because, tt.says) || !strings.Contains(c.Judged.Advisory, tt.advisory) || (tt.advisory == "") != (c.Judged.Advisory == "") {
				t.Errorf("got %s (%s), advisory %q, because %q; want %s (%s), advisory %q, a word of %q",
					c.Verdict, c.Reason, c.Judged.Advisory, c.Because, tt.want, tt.reason, tt.advisory, tt.says)
			}
			if c.Judged.Interval != nil && c.Judged.Interval.High-c.Judged.Interval.Low < c.GateInterval.High-c.GateInterval.Low {
				t.Errorf("the corrected interval %v is narrower than %v", c.Judged.Interval, c.GateInterval)
			}
		})
	}
}

// 300 answers of the reference and 290 of the candidate have one yes; ten of the
// candidate's have one no and two split votes: 600 of 620 votes agree.
func TestAgreementCountsVotes(t *testing.T) {
	c, err := drift.Compare(judgedPairs(300, 10), drift.CompareOptions{Margin: 0.1, Alpha: 0.05, MaxUndecided: 0.05, Judge: &drift.JudgeOptions{Name: "j"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Judged.Agreement; got == nil || got.N != 620 || got.Share != 600.0/620 {
		t.Errorf("got %+v, want 600 of 620", got)
	}
}

func TestAnAdvisoryJudgeKeepsNothingShut(t *testing.T) {
	judge := func(o *drift.JudgeOptions) drift.Audit {
		c, err := drift.Compare(judgedPairs(300, 90), drift.CompareOptions{Margin: 0.1, Alpha: 0.05, MaxUndecided: 0.05, Judge: o})
		if err != nil {
			t.Fatal(err)
		}
		c.Probe, c.Candidate = "own.tone.polite", "small"
		a := drift.Audit{Policy: drift.Policy{Alpha: 0.05}, Candidates: []drift.Model{{Name: "small", Expect: drift.ExpectPass}}, Comparisons: []drift.Comparison{c}}
		if err := drift.Judge(&a, "2026-01-02"); err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := judge(&drift.JudgeOptions{Name: "j"}); !a.Comparisons[0].Advisory || a.Comparisons[0].Gated || a.Gate.Passed {
		t.Errorf("without anchors: got advisory %v, gated %v, gate passed %v; want advisory, and a gate that nothing counts for",
			a.Comparisons[0].Advisory, a.Comparisons[0].Gated, a.Gate.Passed)
	}
	if a := judge(&drift.JudgeOptions{Name: "j", Anchors: &drift.Anchors{Good: 50, GoodYes: 50, Bad: 50, BadNo: 50}}); a.Comparisons[0].Advisory || a.Gate.Candidates[0].Fail != 1 {
		t.Errorf("with anchors: got advisory %v and %d fails, want one that counts", a.Comparisons[0].Advisory, a.Gate.Candidates[0].Fail)
	}
}

// Whatever the answers and the anchors, the correction turns nothing into a pass,
// and lets no pass stand that it does not share.
func TestTheCorrectionNeverMakesAVerdictBetter(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 1))
	rank := map[drift.Verdict]int{drift.VerdictPass: 0, drift.VerdictUninformative: 1, drift.VerdictInconclusive: 1, drift.VerdictFail: 2}
	seen := map[string]int{}
	for range 400 {
		w := judgedWorld{
			lost: 0.3 * r.Float64(), gained: 0.1 * r.Float64(), bothPass: 0.6, sensitivity: 0.5 + 0.5*r.Float64(), specificity: 0.5 + 0.5*r.Float64(),
			cases: 20 + r.IntN(300), clusterSize: 1 + r.IntN(4), anchors: 20 + r.IntN(80),
		}
		c := w.compare(t, r, 0.1)
		j := c.Judged
		seen[fmt.Sprint(j.RawVerdict, " ", j.Verdict, " ", c.Verdict)]++
		if rank[c.Verdict] < rank[j.RawVerdict] {
			t.Errorf("%+v: %s was made of %s", w, c.Verdict, j.RawVerdict)
		}
		if c.Verdict == drift.VerdictPass && j.Advisory == "" && j.Verdict != drift.VerdictPass {
			t.Errorf("%+v: a pass that the correction calls %q", w, j.Verdict)
		}
		if j.Change != nil && !(j.Interval.Low <= *j.Change && *j.Change <= j.Interval.High) {
			t.Errorf("%+v: change %g outside of %v", w, *j.Change, *j.Interval)
		}
	}
	if seen["pass inconclusive inconclusive"] == 0 || seen["inconclusive fail fail"] == 0 {
		t.Errorf("the draws show too little: %v", seen)
	}
}
