package drift

import (
	"fmt"
	"math"
)

// Reasons of an undecided observation whose answer is there, but not what the
// scorer had to ask for.
const (
	ReasonJudge    = "judge"
	ReasonEmbedder = "embedder"
)

// Votes are how a judge voted on one answer. A vote is split where the judge
// says another thing when the options change places, or nothing that can be
// read.
type Votes struct {
	Yes   int `json:"yes"`
	No    int `json:"no"`
	Split int `json:"split"`
}

// Add counts one vote by what it is in both orders of the options: "yes", "no",
// or anything else for a reply that cannot be read.
func (v *Votes) Add(first, second string) {
	switch {
	case first != second || first != "yes" && first != "no":
		v.Split++
	case first == "yes":
		v.Yes++
	default:
		v.No++
	}
}

// String is, for example, "2 yes, 1 no, 0 split".
func (v Votes) String() string {
	return fmt.Sprintf("%d yes, %d no, %d split", v.Yes, v.No, v.Split)
}

// Anchors are what a judge made of answers whose verdict is known.
type Anchors struct {
	Good    int `json:"good"`     // known to pass, and decided
	GoodYes int `json:"good_yes"` // of them, that the judge passes
	Bad     int `json:"bad"`      // known to fail, and decided
	BadNo   int `json:"bad_no"`   // of them, that the judge fails
	// Open are those that the judge came to no verdict on, Failed those that it
	// could not be asked.
	Open   int `json:"open"`
	Failed int `json:"failed"`
}

// Add counts one anchor by the judge's outcome.
func (a *Anchors) Add(pass bool, o Outcome, failed bool) {
	switch {
	case failed:
		a.Failed++
	case o != Pass && o != Fail:
		a.Open++
	case pass:
		a.Good++
		a.GoodYes += oneIf(o == Pass)
	default:
		a.Bad++
		a.BadNo += oneIf(o == Fail)
	}
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// JudgeOptions say by which judge the pairs of a comparison were scored.
type JudgeOptions struct {
	Name string
	// Anchors are nil where none are given.
	Anchors *Anchors
	// Uncorrected says why the judge's errors cannot be taken out of this
	// comparison, whatever the anchors; empty where they can.
	Uncorrected string
}

const (
	// MinAnchors is how many anchors of each kind it takes to trust a judge.
	MinAnchors = 30
	// minDiscrimination is the least sensitivity + specificity − 1 of a judge
	// that may gate. Below it every error of the anchors is more than doubled.
	minDiscrimination = 0.5
)

// Judged is what a comparison by a judge model rests on.
type Judged struct {
	Judge   string   `json:"judge"`
	Anchors *Anchors `json:"anchors,omitempty"`
	// Sensitivity is the judge's pass rate on answers that are known to pass, and
	// Specificity its fail rate on answers that are known to fail; nil without
	// anchors.
	Sensitivity *Rate `json:"sensitivity"`
	Specificity *Rate `json:"specificity"`
	// Agreement is the share of votes, on the answers of both models, that are
	// the same in both orders of the options.
	Agreement *Rate `json:"agreement"`
	// RawVerdict is the verdict on the judge's outcomes as they are, before they
	// are corrected.
	RawVerdict Verdict `json:"raw_verdict"`
	// Reference, Candidate and Change are the pass rates and their difference
	// after correction, Interval is that of Change at the confidence of
	// GateInterval, and Verdict what it says. They are nil, and the verdict is
	// empty, where nothing can be corrected.
	Reference *float64  `json:"reference"`
	Candidate *float64  `json:"candidate"`
	Change    *float64  `json:"change"`
	Interval  *Interval `json:"interval"`
	Verdict   Verdict   `json:"verdict,omitempty"`
	// Advisory says why the comparison cannot gate; empty where it can.
	Advisory string `json:"advisory,omitempty"`
}

// discrimination is a judge's sensitivity and specificity with the variance of
// their sum less 1. One success and one failure are added to each kind of
// anchors, so that thirty of thirty is not taken for certainty (Lang and
// Reiczigel 2014, Prev. Vet. Med. 113:13-22).
type discrimination struct{ sensitivity, specificity, variance float64 }

func (a Anchors) discrimination() discrimination {
	share := func(k, n int) (p, variance float64) {
		p = float64(k+1) / float64(n+2)
		return p, p * (1 - p) / float64(n+2)
	}
	sensitivity, first := share(a.GoodYes, a.Good)
	specificity, second := share(a.BadNo, a.Bad)
	return discrimination{sensitivity, specificity, first + second}
}

// j is Youden's index, in [-1,1]: 0 for a judge that does not look.
func (d discrimination) j() float64 { return d.sensitivity + d.specificity - 1 }

// rate is the share that is behind a judge's pass rate (Rogan and Gladen 1978,
// Am. J. Epidemiol. 107:71-76), cut to [0,1].
func (d discrimination) rate(seen float64) float64 {
	return min(1, max(0, (seen+d.specificity-1)/d.j()))
}

// change is the change D of the true pass rates behind a seen change d with its
// interval: a judge that errs alike on both models shows d = J·D, where J is
// sensitivity + specificity − 1, as follows from Rogan and Gladen's estimator
// for each model.
//
// The interval holds every D that d − J·D does not contradict (Fieller 1954, J.
// R. Stat. Soc. B 16:175-185): the variance of that contrast is Var(d) + D²·
// Var(J), without approximation. To first order around the estimate it is the
// delta method's Var(d)/J² + d²·Var(J)/J⁴; unlike that one it keeps the error of
// the anchors where no change is seen. Var(d) is taken from the seen interval,
// below and above d by itself (Zou and Donner 2008, Stat. Med. 27:1693-1702), so
// that clusters and the skewness of shares stay in.
func (d discrimination) change(seen float64, interval Interval, critical float64) Interval {
	end := func(distance, sign float64) float64 {
		j := d.j()
		a := j*j - critical*critical*d.variance
		c := seen*seen - distance*distance
		if a <= 0 {
			return sign
		}
		return (seen*j + sign*math.Sqrt(max(0, seen*seen*j*j-a*c))) / a
	}
	return withinRange(Interval{end(seen-interval.Low, -1), end(interval.High-seen, 1), interval.Confidence})
}

// inferior is the p-value of a true drop within the margin; see change.
func (d discrimination) inferior(seen float64, interval Interval, margin float64, critical float64, degrees int) float64 {
	above := (interval.High - seen) / critical
	t := (seen + margin*d.j()) / math.Sqrt(above*above+margin*margin*d.variance)
	return student(degrees).CDF(t)
}

// correct takes the judge's errors out of a comparison that was judged as if it
// had none. The worse of the two verdicts stands: no pass that the correction
// does not share, and no drop that it hides.
func (c *Comparison) correct(pairs []Pair, o CompareOptions) {
	if o.Judge == nil {
		return
	}
	c.Judged = &Judged{
		Judge: o.Judge.Name, Anchors: o.Judge.Anchors, Agreement: agreement(pairs), RawVerdict: c.Verdict,
		Advisory: o.Judge.advisory(),
	}
	if a := o.Judge.Anchors; a != nil {
		c.Judged.Sensitivity, c.Judged.Specificity = share(a.GoodYes, a.Good), share(a.BadNo, a.Bad)
	}
	switch {
	case o.Judge.unasked():
		if c.Verdict == VerdictPass {
			c.decide(VerdictInconclusive, "coverage", o.Judge.unaskedText())
		}
	case c.Judged.Advisory != "":
		c.Because += "; for information alone: " + c.Judged.Advisory
	case c.GateInterval != nil:
		c.takeWorse(o)
	}
	if a := c.Judged.Agreement; a != nil {
		c.Because += fmt.Sprintf("; judge %s says the same in both orders on %s of %s votes", o.Judge.Name, percent(a.Share), Count(a.N))
	}
}

// takeWorse corrects the change, and the verdict where that makes it worse.
func (c *Comparison) takeWorse(o CompareOptions) {
	d, degrees := o.Judge.Anchors.discrimination(), c.degrees()
	at := critical(c.GateInterval.Confidence, degrees)
	interval, seen := *c.GateInterval, *c.Change-c.silence()*(1-d.specificity)
	interval.Low, interval.High = interval.Low+seen-*c.Change, interval.High+seen-*c.Change
	test := judged(d.change(seen, interval, at), o.Margin, d.inferior(seen, interval, o.Margin, at, degrees))
	c.Judged.Reference, c.Judged.Candidate = pointer(d.rate(c.Reference.Share)), pointer(d.rate(c.CandidateRate.Share))
	c.Judged.Change = pointer(min(1, max(-1, seen/d.j())))
	c.Judged.Interval, c.Judged.Verdict = test.interval, test.verdict
	text := fmt.Sprintf("with the judge's errors taken out (right on %d of %d good and %d of %d bad anchors) %s [%s, %s] at %.0f %%",
		o.Judge.Anchors.GoodYes, o.Judge.Anchors.Good, o.Judge.Anchors.BadNo, o.Judge.Anchors.Bad,
		signed(*c.Judged.Change), bare(test.interval.Low), bare(test.interval.High), 100*test.interval.Confidence)
	open := c.Verdict == VerdictInconclusive && c.Reason != "coverage" && c.Reason != "one_cluster"
	switch {
	case test.verdict == VerdictFail && (c.Verdict == VerdictPass || open):
		c.decide(VerdictFail, "inferior", fmt.Sprintf("a drop beyond %s is shown %s; as judged: %s", points(o.Margin), text, c.changeText()))
		c.PInferior = test.inferior
	case test.verdict != VerdictPass && c.Verdict == VerdictPass:
		c.decide(VerdictInconclusive, "judge", fmt.Sprintf("a drop of %s is ruled out as judged, but not %s: add anchors and cases, or take a better judge; as judged: %s",
			points(o.Margin), text, c.changeText()))
	default:
		c.Because += "; " + text
	}
}

// degrees are the degrees of freedom that the gate's interval was made with.
func (c *Comparison) degrees() int {
	if c.Method == "tango" {
		return 0
	}
	return max(1, c.Clusters-1)
}

// silence is by how much more of its answers the reference left empty than the
// candidate did, as a share, or 0. Such answers are not put to the judge, so that
// no wrong yes makes up for them: without this the reference would seem lower
// than it is.
func (c *Comparison) silence() float64 {
	return max(0, float64(c.ReferenceShares.Unparsed-c.CandidateShares.Unparsed)/float64(c.N))
}

// agreement is that of all votes on both models' answers; nil for none.
func agreement(pairs []Pair) *Rate {
	agreed, all := 0, 0
	for i := range pairs {
		for _, v := range []*Votes{pairs[i].Reference.Votes, pairs[i].Candidate.Votes} {
			if v != nil {
				agreed, all = agreed+v.Yes+v.No, all+v.Yes+v.No+v.Split
			}
		}
	}
	return share(agreed, all)
}

// enough tells whether a count of anchors of each kind will do.
func enough(good, bad int) bool { return min(good, bad) >= MinAnchors }

// unasked tells whether anchors that could not be asked are what is missing.
func (j *JudgeOptions) unasked() bool {
	a := j.Anchors
	return j.Uncorrected == "" && a != nil && a.Failed > 0 && !enough(a.Good, a.Bad)
}

func (j *JudgeOptions) unaskedText() string {
	return fmt.Sprintf("coverage: judge %s could not be asked about %d anchors, so that its errors are not known: see the errors of the run, then run it again", j.Name, j.Anchors.Failed)
}

// advisory says why the judge may not gate; empty where it may.
func (j *JudgeOptions) advisory() string {
	a := j.Anchors
	switch {
	case j.Uncorrected != "":
		return j.Uncorrected
	case a == nil:
		return fmt.Sprintf("no anchors tell how often judge %s errs: add at least %d answers that are known to pass, and as many that are known to fail", j.Name, MinAnchors)
	case j.unasked():
		return ""
	case !enough(a.Good, a.Bad):
		return fmt.Sprintf("judge %s decided %d good and %d bad anchors (%d stay open), which takes %d of each: add anchors, or take a better judge",
			j.Name, a.Good, a.Bad, a.Open, MinAnchors)
	case a.discrimination().j() < minDiscrimination:
		return fmt.Sprintf("judge %s is right on %d of %d good and %d of %d bad anchors, too few to correct for: take a better judge",
			j.Name, a.GoodYes, a.Good, a.BadNo, a.Bad)
	}
	return ""
}

// advises tells whether a judge that may not gate made the comparison.
func (c *Comparison) advises() bool { return c.Judged != nil && c.Judged.Advisory != "" }
