package drift

// moreCases is the share of the standard error that samples cannot take away
// and above which cases are the better buy.
const moreCases = 0.8

// AnalyseSamples splits the variance of repeated samples; see
// [CompareRepeated]. The standard errors are for clustered cases. It is nil
// where no decided case was sampled several times.
func AnalyseSamples(pairs []Pair) *SampleAnalysis {
	var cases []Sampled
	var l ledger
	for p := range decided(pairs) {
		cases = append(cases, Sampled{p.Reference.Passes, max(1, p.Reference.Samples), p.Candidate.Passes, max(1, p.Candidate.Samples)})
		l.add(p)
	}
	if !l.sampled {
		return nil
	}
	r, err := CompareRepeated(cases)
	if err != nil {
		return nil
	}
	a := &SampleAnalysis{
		N: r.N, Change: r.Change, SamplingVariance: r.SamplingVariance, BetweenVariance: r.BetweenVariance,
		SEManySamples: r.SEManySamples, SelfFlipReference: r.SelfFlipReference, SelfFlipCandidate: r.SelfFlipCandidate,
		CrossFlip: r.CrossFlip, ExcessFlip: r.ExcessFlip,
	}
	a.Interval = l.shift().interval()
	a.SE = l.mean(changedShares).SE
	if r.SE != nil && r.SEManySamples != nil {
		a.BuyCases = *r.SEManySamples > moreCases**r.SE
	}
	return a
}
