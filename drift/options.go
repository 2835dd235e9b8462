package drift

import (
	"math"
	"slices"
)

// lowCoverage is the mass on shared tokens below which a bound on a divergence
// says little.
const lowCoverage = 0.9

// AnalyseOptions compares the log-probabilities of offered options, which stand
// in the pairs' observations by name. Wanted names the right option of each
// pair, empty for none. It is nil where no pair has such log-probabilities.
func AnalyseOptions(pairs []Pair, wanted []string, b Bootstrapped) *OptionAnalysis {
	a := &OptionAnalysis{}
	var kl []float64
	var clusters []string
	var forced forcedTexts
	same := 0
	for i := range pairs {
		p := &pairs[i]
		if !p.decided() || p.Reference.OptionLogprobs == nil || p.Candidate.OptionLogprobs == nil {
			continue
		}
		d, err := TopKKL(p.Reference.OptionLogprobs, p.Candidate.OptionLogprobs)
		if err != nil {
			a.Excluded++
			continue
		}
		kl, clusters = append(kl, d.KL), append(clusters, p.Cluster)
		a.Coverage += d.Coverage
		if d.SameTop {
			same++
		}
		forced.add(p.Cluster, p.Reference.OptionLogprobs[wanted[i]], p.Candidate.OptionLogprobs[wanted[i]], wanted[i] != "")
	}
	if len(kl) == 0 {
		return nil
	}
	a.N, a.SameTop = len(kl), *share(same, len(kl))
	a.Coverage /= float64(a.N)
	a.LowCoverage = a.Coverage < lowCoverage
	a.KLMean = meanOf(kl, clusters, b, "kl")
	sorted := slices.Sorted(slices.Values(kl))
	a.KLMedian, a.KLP99 = quantile(sorted, 0.5), quantile(sorted, 0.99)
	a.Perplexity = forced.compare()
	return a
}

// AnalyseTokens compares the log-probabilities of the tokens of pairs that
// wrote the same text in as many tokens. It is nil where no pair has
// log-probabilities on both sides.
func AnalyseTokens(pairs []Pair) *TokenAnalysis {
	a := &TokenAnalysis{}
	var forced forcedTexts
	for p := range decided(pairs) {
		reference, candidate := p.Reference.TokenLogprobs, p.Candidate.TokenLogprobs
		if len(reference) == 0 || len(candidate) == 0 {
			continue
		}
		a.Total++
		if p.Reference.Text != p.Candidate.Text || len(reference) != len(candidate) {
			continue
		}
		a.N++
		for i := range reference {
			forced.add(p.Cluster, reference[i], candidate[i], true)
		}
	}
	if a.Total == 0 {
		return nil
	}
	a.Perplexity = forced.compare()
	return a
}

// forcedTexts holds how likely both models find the same texts: their negative
// log-likelihoods, in nats.
type forcedTexts struct{ ledger }

// add passes over a text without mass: a log-probability of -Inf has no ratio.
func (f *forcedTexts) add(cluster string, reference, candidate float64, ok bool) {
	if ok && finite(reference, candidate) {
		f.addNumbers(cluster, -reference, -candidate)
	}
}

// compare is the ratio of the perplexities, exp of the mean change, with the
// ends of its clustered interval. It is nil where there is no text, or where the
// ratio is beyond all numbers.
func (f *forcedTexts) compare() *PerplexityAnalysis {
	if len(f.cells) == 0 {
		return nil
	}
	mean := f.mean(changeOf)
	p := &PerplexityAnalysis{N: mean.N, Ratio: math.Exp(mean.Estimate)}
	if !finite(p.Ratio) {
		return nil
	}
	if mean.SE == nil || *mean.SE == 0 {
		return p
	}
	if i := mean.interval(reportConfidence); finite(math.Exp(i.High)) {
		p.Interval = &Interval{math.Exp(i.Low), math.Exp(i.High), i.Confidence}
	}
	return p
}
