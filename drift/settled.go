package drift

import "math"

// OpenCases are the cases that the reference has answered and the candidate
// has not: one can only become a loss or only a gain.
type OpenCases struct{ ReferencePass, ReferenceFail int }

// Standing is a comparison while its candidate is still being asked. Each case
// must be asked once.
type Standing struct {
	Table // of the pairs that are over
	Open  OpenCases
	// Largest is the size of the largest cluster, over all cases: 1 where they
	// are independent.
	Largest int
	// Clusters is how many clusters hold a decided pair.
	Clusters int
	// Family is how many comparisons Holm's method will adjust this one among,
	// itself included; 1 for one that is not adjusted.
	Family int
}

// Settled tells whether the verdict of a comparison is final while cases are
// open: no way in which they may still end, undecided included, gives another
// one. It costs no error rate, and speaks of a pass or a fail alone.
//
// Why the answer is right. Let b, c and n be the losses, gains and pairs of any
// completion, and z Tango's score at minus the margin. It never rises
// when a loss is added, and never falls when a gain or an unchanged pair is
// (Barnard's convexity; the tests go through every small table). So over all
// completions z is lowest where each case that can be lost is lost and the
// others end undecided, and highest where each that can be gained is gained and
// nothing is lost.
//
// Clusters divide b, c and n by a design effect D, which divides z by √D. D
// moves with the answers, but never leaves [1, Largest]: it is held to at most
// the mean size of the clusters. The critical value falls as
// clusters are added, and none is taken away. So a completion passes where the
// lowest z, over √Largest, exceeds the critical value of the clusters so far;
// and its p is at most that of the highest z over √Largest, where that is
// negative.
//
// A pass is final where the lowest z passes, and where it cannot be taken back:
// n is never below that of the pairs that are over, D never over Largest, and
// the reference's pass rate never below that with every open failure decided and
// every open pass undecided. Holm's method leaves a pass alone.
//
// A fail is final where Family·p < alpha for the greatest p. Holm's adjusted p
// is at most Family·p, whatever the p of the others, so the fail stands in every
// completion of the whole family.
//
// Nor does it matter to the others that calls were spared. Holm's method rejects
// a hypothesis i where |I|·min p(I) < alpha for every set I of the family that
// holds i. This reads a p at or over alpha, as that of each pass is, only as
// such. And let j be rejected both under its p now and under the p it would have
// had: a set that holds i and j breaks the rule for i under neither, for it would
// break it for j too, and a set without j does not see the difference. So i is
// rejected under both or under neither.
//
// Want of answers makes a comparison inconclusive, however it stood. So a pass is
// final only where the coverage would do even if every open case stayed without
// an answer. A fail is taken for final only while no call has failed; that calls
// might have begun to fail afterwards is not foreseen, and would have blocked as
// well.
func (s Standing) Settled(o CompareOptions) (Verdict, bool, error) {
	if err := s.check(o); err != nil {
		return "", false, err
	}
	if s.Clusters < 2 || o.guardFails() {
		return "", false, nil
	}
	switch {
	case s.Excluded == 0 && s.fails(o):
		return VerdictFail, true, nil
	case s.covered(o) && s.passes(o) && s.able(o):
		return VerdictPass, true, nil
	}
	return "", false, nil
}

// covered tells whether the coverage would do if no open case got an answer.
func (s Standing) covered(o CompareOptions) bool {
	open := s.Open.ReferencePass + s.Open.ReferenceFail
	return float64(s.Excluded+open) <= o.MaxUndecided*float64(s.N()+s.Excluded+open)
}

func (s Standing) check(o CompareOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := s.Table.check(); err != nil {
		return err
	}
	if s.Open.ReferencePass < 0 || s.Open.ReferenceFail < 0 || s.Largest < 1 || s.Clusters > s.N() || s.Family < 1 {
		return invalid("open cases %d and %d, %d clusters of at most %d over %d pairs, a family of %d: expected cases of at least 0, clusters and a family of at least 1",
			s.Open.ReferencePass, s.Open.ReferenceFail, s.Clusters, s.Largest, s.N(), s.Family)
	}
	return nil
}

// beyond keeps clear of the rounding of an interval's ends.
const beyond = 1e-9

// worst is the completion in which every case that can be lost is lost and the
// others end undecided, best the one in which every case that can be gained is
// gained and nothing is lost.
func (s Standing) worst() counts {
	return counts{float64(s.Loss + s.Open.ReferencePass), float64(s.Gain), float64(s.N() + s.Open.ReferencePass)}
}

func (s Standing) best() counts {
	return counts{float64(s.Loss), float64(s.Gain + s.Open.ReferenceFail), float64(s.N() + s.Open.ReferencePass + s.Open.ReferenceFail)}
}

// passes tells whether the interval of every completion passes.
func (s Standing) passes(o CompareOptions) bool {
	return s.score(s.worst(), o) > critical(1-2*o.Alpha, s.degrees())+beyond
}

// fails tells whether every completion fails, and stands in the family.
func (s Standing) fails(o CompareOptions) bool {
	z := s.score(s.best(), o)
	p := student(s.degrees()).CDF(z)
	return z < -critical(1-2*o.Alpha, s.degrees())-beyond && float64(s.Family)*p < o.Alpha*(1-beyond)
}

// score is z at the largest design effect.
func (s Standing) score(k counts, o CompareOptions) float64 {
	return k.score(-o.Margin) / math.Sqrt(float64(s.Largest))
}

func (s Standing) degrees() int {
	if s.Largest == 1 {
		return 0
	}
	return s.Clusters - 1
}

// able tells whether no completion makes a pass mean nothing, by its size or by
// what the reference can do.
func (s Standing) able(o CompareOptions) bool {
	floor, err := least(o.Margin, o.Alpha, float64(s.Largest))
	lowest := float64(s.BothPass+s.Loss) / float64(s.N()+s.Open.ReferenceFail)
	worth := float64(s.N()) / plannedEffect(float64(s.Largest))
	base := value(o.Baseline)
	return err == nil && !o.Smoke && s.N() >= floor && !withinNoise(lowest, worth, base) && lowest-base > o.Margin
}
