package drift

import "gonum.org/v1/gonum/stat"

// AnalyseSets asks of each bundle whether its members get one parsed answer, as
// [CompareInvariance] does, with intervals for clustered sets. Sets with a
// member that is undecided or unparsed, for either model, are left out and
// counted. It is nil where no set is left.
func AnalyseSets(bundles []AnsweredBundle) *SetAnalysis {
	a := &SetAnalysis{}
	var consistent ledger
	var reference, candidate, d []float64
	var clusters clustering
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
		reference, candidate, d = append(reference, f), append(candidate, c), append(d, c-f)
		clusters.add(b.Cluster)
	}
	if a.N == 0 {
		return nil
	}
	a.inconsistent(&consistent)
	a.Flips = Change{Reference: pointer(stat.Mean(reference, nil)), Candidate: pointer(stat.Mean(candidate, nil))}
	if mean, err := clusterMean(d, clusters, reportConfidence); err == nil {
		a.Flips.Change = &mean.Estimate
		if mean.Interval != nil && *mean.SE > 0 {
			a.Flips.Interval, a.Flips.Method = withinRange(*mean.Interval), "cluster_mean"
		}
	}
	return a
}

// inconsistent turns the share of consistent sets about.
func (a *SetAnalysis) inconsistent(consistent *ledger) {
	loss, gain := 0, 0
	for _, c := range consistent.cells {
		loss, gain = loss+c.loss, gain+c.gain
	}
	a.Broken, a.Repaired = loss, gain
	s := consistent.shift()
	a.Inconsistent = Change{
		Reference: pointer(1 - consistent.mean(referenceShares).Estimate),
		Candidate: pointer(1 - consistent.mean(candidateShares).Estimate),
		Change:    pointer(-s.estimate + 0), Method: s.method,
	}
	if i := s.interval(); i != nil {
		a.Inconsistent.Interval = &Interval{-i.High, -i.Low, i.Confidence}
		a.P = pointer(inverted(s.at))
	}
}

// disagreements is the share of pairs of members with different parsed answers.
// It is not ok where there are fewer than two, or one has none.
func disagreements(members []Observation) (share float64, ok bool) {
	var answers []string
	for i := range members {
		if members[i].Answer == "" {
			return 0, false
		}
		answers = append(answers, members[i].Answer)
	}
	if len(answers) < 2 {
		return 0, false
	}
	return disagreement(answers), true
}
