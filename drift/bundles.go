package drift

// AnsweredBundle is a set of cases that are judged together, as both models
// answered it. Members stand in the same order for both.
type AnsweredBundle struct {
	Cluster string
	// Reference and Candidate are the outcomes of the whole bundle by its
	// relation; they are not read for relation paired.
	Reference, Candidate               Outcome
	ReferenceMembers, CandidateMembers []Observation
}

func (b *AnsweredBundle) decided() bool {
	for _, side := range [][]Observation{b.ReferenceMembers, b.CandidateMembers} {
		for i := range side {
			if !side[i].decided() {
				return false
			}
		}
	}
	return len(b.ReferenceMembers) > 0 && len(b.ReferenceMembers) == len(b.CandidateMembers)
}

// AnalyseBundles compares how often bundles are right as a whole, hold their
// relation, and how often their members are right. Bundles with an undecided
// member are left out and counted. It is nil where there is no bundle.
func AnalyseBundles(relation string, bundles []AnsweredBundle) *BundleAnalysis {
	if len(bundles) == 0 {
		return nil
	}
	a := &BundleAnalysis{Relation: relation}
	var right, holds, members ledger
	for i := range bundles {
		b := &bundles[i]
		if !b.decided() {
			a.Excluded++
			continue
		}
		a.N++
		right.add(outcomes(b.Cluster, allPassed(b.ReferenceMembers), allPassed(b.CandidateMembers)))
		if relation == "paired" {
			holds.add(outcomes(b.Cluster, alike(b.ReferenceMembers), alike(b.CandidateMembers)))
		} else {
			holds.add(outcomes(b.Cluster, b.Reference == Pass, b.Candidate == Pass))
		}
		for j := range b.ReferenceMembers {
			members.add(&Pair{Cluster: b.Cluster, Reference: b.ReferenceMembers[j], Candidate: b.CandidateMembers[j]})
		}
	}
	a.Clusters = len(right.cells)
	a.AllRight, a.Holds, a.Members = right.rateChange(), holds.rateChange(), members.rateChange()
	return a
}

// outcomes makes a pair of what both models did.
func outcomes(cluster string, reference, candidate bool) *Pair {
	return &Pair{Cluster: cluster, Reference: observed(reference), Candidate: observed(candidate)}
}

func observed(pass bool) Observation {
	if pass {
		return Observation{Outcome: Pass, Passes: 1, Samples: 1}
	}
	return Observation{Outcome: Fail, Samples: 1}
}

func allPassed(members []Observation) bool {
	for i := range members {
		if members[i].Outcome != Pass {
			return false
		}
	}
	return true
}

func alike(members []Observation) bool {
	for i := range members {
		if members[i].Outcome != members[0].Outcome {
			return false
		}
	}
	return true
}
