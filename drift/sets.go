package drift

// AnalyseSets asks of each bundle whether its members get one parsed answer, as
// cases must that differ in one attribute only. Sets with a member that is
// undecided or unparsed, for either model, are left out and counted. It is nil
// where no set is left.
func AnalyseSets(bundles []AnsweredBundle) *SetAnalysis {
	a := &SetAnalysis{}
	var consistent, flips ledger
	for i := range bundles {
		b := &bundles[i]
		f, ok := disagreements(b.ReferenceMembers)
		c, both := disagreements(b.CandidateMembers)
		if !ok || !both || !b.decided() {
			a.Excluded++
			continue
		}
		a.N++
		consistent.add(outcomes(b.Cluster, f == 0, c == 0))
		flips.addNumbers(b.Cluster, f, c)
	}
	if a.N == 0 {
		return nil
	}
	a.inconsistent(&consistent)
	a.flips(&flips)
	return a
}

// inconsistent turns the share of consistent sets about.
func (a *SetAnalysis) inconsistent(consistent *ledger) {
	t := consistent.table()
	a.Broken, a.Repaired = t.Loss, t.Gain
	s := consistent.shift()
	a.Inconsistent = Change{
		Reference: pointer(1 - consistent.mean(referenceOf).Estimate),
		Candidate: pointer(1 - consistent.mean(candidateOf).Estimate),
		Change:    pointer(-s.estimate + 0), Method: s.method,
	}
	if i := s.interval(); i != nil {
		a.Inconsistent.Interval = &Interval{-i.High, -i.Low, i.Confidence}
		a.P = pointer(inverted(s.at))
	}
}

func (a *SetAnalysis) flips(l *ledger) {
	mean := l.mean(changeOf)
	a.Flips = Change{
		Reference: pointer(l.mean(referenceOf).Estimate), Candidate: pointer(l.mean(candidateOf).Estimate), Change: &mean.Estimate,
	}
	if mean.SE != nil && *mean.SE > 0 {
		a.Flips.Interval, a.Flips.Method = pointer(withinRange(*mean.interval(reportConfidence))), "cluster_mean"
	}
}

// disagreements is the share of pairs of members with different parsed answers,
// 1-Σv(v-1)/(k(k-1)) for k answers and value counts v. It is not ok where there
// are fewer than two, or one has none.
func disagreements(members []Observation) (share float64, ok bool) {
	k, counts := len(members), map[string]int{}
	for i := range members {
		if members[i].Answer == "" {
			return 0, false
		}
		counts[members[i].Answer]++
	}
	if k < 2 {
		return 0, false
	}
	same := 0
	for _, v := range counts {
		same += v * (v - 1)
	}
	return float64(k*(k-1)-same) / float64(k*(k-1)), true
}
