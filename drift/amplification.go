package drift

import (
	"cmp"
	"maps"
	"slices"
)

// GroupChange is what happened to one group of cases.
type GroupChange struct {
	Name                         string
	N                            int
	Change                       Estimate
	ReferencePass, CandidatePass float64
	// BeyondRest is the group's change less that of all other groups pooled;
	// nil where there is no other group. It is the amplification: a candidate
	// that harms all groups alike shows none.
	BeyondRest *Estimate
	// ErrorRatio is the candidate's errors over the reference's; nil where the
	// reference makes none. The smoothed one adds half an error to both.
	ErrorRatio         *float64
	SmoothedErrorRatio float64
	// Amplification is the smoothed ratio over that of all other groups; nil
	// where there is no other group. It describes and never gates.
	Amplification *float64
}

// Amplification compares groups that share no case.
type Amplification struct {
	Groups []GroupChange // by name
	// Skipped are the names of the groups without a pair.
	Skipped     []string
	WorstGroup  string
	WorstChange float64
	MacroChange float64 // mean over groups
	// ReferenceGap and CandidateGap are the highest less the lowest pass rate.
	// They are biased upwards in small groups, so they never gate.
	ReferenceGap, CandidateGap float64
}

// GapChange is how much wider the candidate's gap is than the reference's.
func (a Amplification) GapChange() float64 { return a.CandidateGap - a.ReferenceGap }

// Amplify compares the changes of groups, with Tango intervals for independent
// pairs. For clustered ones, pass the intervals of [TangoClustered] to
// [ChangeBeyond].
func Amplify(groups map[string]Table, confidence float64) (Amplification, error) {
	a := Amplification{Skipped: []string{}}
	var all Table
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		t := groups[name]
		if err := t.check(); err != nil {
			return Amplification{}, err
		}
		if t.N() == 0 {
			a.Skipped = append(a.Skipped, name)
			continue
		}
		all = all.plus(t, 1)
	}
	if all.N() == 0 {
		return Amplification{}, empty("no group has a pair")
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		t := groups[name]
		if t.N() == 0 {
			continue
		}
		g, err := groupChange(name, t, all.plus(t, -1), confidence)
		if err != nil {
			return Amplification{}, err
		}
		a.Groups = append(a.Groups, g)
	}
	a.summarise()
	return a, nil
}

// plus adds the cells of u, or takes them away where sign is -1.
func (t Table) plus(u Table, sign int) Table {
	return Table{
		BothPass: t.BothPass + sign*u.BothPass, Loss: t.Loss + sign*u.Loss,
		Gain: t.Gain + sign*u.Gain, BothFail: t.BothFail + sign*u.BothFail,
	}
}

func (t Table) referencePass() float64 { return float64(t.BothPass+t.Loss) / float64(t.N()) }

func (t Table) candidatePass() float64 { return float64(t.BothPass+t.Gain) / float64(t.N()) }

func (t Table) smoothedErrorRatio() float64 {
	return (float64(t.Loss+t.BothFail) + 0.5) / (float64(t.Gain+t.BothFail) + 0.5)
}

func (t Table) tango(confidence float64) (Estimate, error) {
	return Tango(float64(t.Loss), float64(t.Gain), float64(t.N()), confidence)
}

func groupChange(name string, t, rest Table, confidence float64) (GroupChange, error) {
	change, err := t.tango(confidence)
	if err != nil {
		return GroupChange{}, err
	}
	g := GroupChange{
		Name: name, N: t.N(), Change: change,
		ReferencePass: t.referencePass(), CandidatePass: t.candidatePass(),
		ErrorRatio:         ratio(t.Loss+t.BothFail, t.Gain+t.BothFail),
		SmoothedErrorRatio: t.smoothedErrorRatio(),
	}
	if rest.N() == 0 {
		return g, nil
	}
	others, err := rest.tango(confidence)
	if err != nil {
		return GroupChange{}, err
	}
	g.BeyondRest = pointer(ChangeBeyond(change, others))
	g.Amplification = pointer(t.smoothedErrorRatio() / rest.smoothedErrorRatio())
	return g, nil
}

// ChangeBeyond is the change of a group less that of the others, for groups
// that share no case. The interval recovers the variances from the two given
// ones (MOVER; Zou and Donner 2008); its confidence is theirs.
func ChangeBeyond(group, rest Estimate) Estimate { return changeBeyond(group, rest, 0) }

// changeBeyond is ChangeBeyond for two changes of a correlation in [-1,1].
func changeBeyond(group, rest Estimate, correlation float64) Estimate {
	difference := group.Estimate - rest.Estimate
	down := distance(group.Estimate-group.Low, rest.High-rest.Estimate, correlation)
	up := distance(group.High-group.Estimate, rest.Estimate-rest.Low, correlation)
	return Estimate{difference, Interval{difference - down, difference + up, group.Confidence}}
}

func (a *Amplification) summarise() {
	worst := slices.MinFunc(a.Groups, func(x, y GroupChange) int {
		return cmp.Compare(x.Change.Estimate, y.Change.Estimate)
	})
	a.WorstGroup, a.WorstChange = worst.Name, worst.Change.Estimate
	var reference, candidate []float64
	for _, g := range a.Groups {
		a.MacroChange += g.Change.Estimate / float64(len(a.Groups))
		reference, candidate = append(reference, g.ReferencePass), append(candidate, g.CandidatePass)
	}
	a.ReferenceGap, a.CandidateGap = gap(reference), gap(candidate)
}

// gap is the largest of rates less the smallest.
func gap(rates []float64) float64 { return slices.Max(rates) - slices.Min(rates) }
