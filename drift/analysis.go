package drift

// Analysis is what the answers to one probe show of one candidate beside its
// verdicts. It describes, and nothing in it gates. A part is nil where the
// probe has no such structure; Notes say what has it and could not be computed,
// and why.
type Analysis struct {
	Probe     string `json:"probe"`
	Candidate string `json:"candidate"`
	// Answers counts the answers that changed, whether or not the outcome did.
	Answers *AnswerChanges `json:"answers,omitempty"`
	// Bundles judge cases together; Sets ask whether the members of a bundle
	// get one answer (relation invariant only).
	Bundles *BundleAnalysis `json:"bundles,omitempty"`
	Sets    *SetAnalysis    `json:"sets,omitempty"`
	Samples *SampleAnalysis `json:"samples,omitempty"`
	// Lengths has one entry for each axis that is a length of context.
	Lengths []LengthAnalysis `json:"lengths,omitempty"`
	Depths  *DepthAnalysis   `json:"depths,omitempty"`
	// Amplification has one entry for each path of `compare.by`.
	Amplification []AmplificationAnalysis `json:"amplification,omitempty"`
	// Text compares written answers, Options the log-probabilities of offered
	// ones, Tokens those of written tokens.
	Text     *TextAnalysis   `json:"text,omitempty"`
	Options  *OptionAnalysis `json:"options,omitempty"`
	Tokens   *TokenAnalysis  `json:"tokens,omitempty"`
	Measures []Measure       `json:"measures,omitempty"`
	Notes    []string        `json:"notes,omitempty"`
}

// Change is one quantity for both models. A nil pointer is undefined.
type Change struct {
	Reference *float64 `json:"reference"`
	Candidate *float64 `json:"candidate"`
	// Change is the candidate's less the reference's.
	Change *float64 `json:"change"`
	// Interval is of Change, two-sided. Nil: no interval can be given, though
	// Change may be known.
	Interval *Interval `json:"interval"`
	// Method names the interval, e.g. tango_clustered, cluster_mean, bca.
	Method string `json:"method,omitempty"`
}

// AnswerChanges counts pairs with two parsed answers that differ.
type AnswerChanges struct {
	N       int  `json:"n"` // pairs with a parsed answer on both sides
	Changed Rate `json:"changed"`
	// WrongToWrong counts answers that changed from one wrong one to another,
	// which is no flip.
	WrongToWrong int `json:"wrong_to_wrong"`
}

// BundleAnalysis judges the cases of each bundle together.
type BundleAnalysis struct {
	Relation string `json:"relation"` // all, invariant, rising, falling, paired
	N        int    `json:"n"`        // bundles that both models answered whole
	Excluded int    `json:"excluded"`
	Clusters int    `json:"clusters"`
	// AllRight is the share of bundles of which every member is right, Holds
	// the share that meet the relation (for paired, whose members pass or fail
	// alike), and Members the pass rate of the members.
	AllRight RateChange `json:"all_right"`
	Holds    RateChange `json:"holds"`
	Members  RateChange `json:"members"`
}

// RateChange is a share for both models, each with its interval for clustered
// cases, and its change.
type RateChange struct {
	Reference *Rate     `json:"reference"`
	Candidate *Rate     `json:"candidate"`
	Change    *float64  `json:"change"`   // in [-1,1]
	Interval  *Interval `json:"interval"` // of Change
	Method    string    `json:"method,omitempty"`
}

// SetAnalysis asks how often cases that differ in one attribute only get one
// and the same parsed answer. A set that is consistently wrong counts as
// consistent: read it beside the pass rate, which [BundleAnalysis] has.
type SetAnalysis struct {
	N        int `json:"n"`        // sets with parsed answers from both models
	Excluded int `json:"excluded"` // sets with a member undecided or unparsed
	// Broken sets are consistent for the reference alone, Repaired ones for
	// the candidate alone.
	Broken   int `json:"broken"`
	Repaired int `json:"repaired"`
	// Inconsistent is the share of sets with more than one answer; a positive
	// change is harm.
	Inconsistent Change `json:"inconsistent"`
	// Flips is the share of pairs of members with different answers, as a mean
	// over sets; its change is the excess flip rate of the candidate.
	Flips Change `json:"flips"`
	// P is two-sided, that Inconsistent did not change, from inverting the
	// interval.
	P *float64 `json:"p"`
}

// SampleAnalysis splits what repeated samples show into the cases' part and
// the samples' part; see [RepeatedSamples].
type SampleAnalysis struct {
	N                 int       `json:"n"`
	Change            float64   `json:"change"`
	Interval          *Interval `json:"interval"` // clustered
	SE                *float64  `json:"se"`       // clustered
	SamplingVariance  *float64  `json:"sampling_variance"`
	BetweenVariance   *float64  `json:"between_variance"`
	SEManySamples     *float64  `json:"se_many_samples"`
	SelfFlipReference *float64  `json:"self_flip_reference"`
	SelfFlipCandidate *float64  `json:"self_flip_candidate"`
	CrossFlip         float64   `json:"cross_flip"`
	ExcessFlip        *float64  `json:"excess_flip"`
	// BuyCases tells that more samples would hardly narrow the interval, and
	// more cases would.
	BuyCases bool `json:"buy_cases"`
}

// LengthAnalysis is the pass rate over one axis of length.
type LengthAnalysis struct {
	Axis   string        `json:"axis"` // e.g. length
	Points []LengthCell  `json:"points"`
	Curves []ModelLength `json:"curves"` // of the reference, then the candidate
	// Steps is how many tested lengths the candidate's effective length gains,
	// negative is harm; with the limits of a cluster bootstrap.
	Steps       *int   `json:"steps"`
	StepsLimits *Range `json:"steps_limits"`
	// Confidence is that of every limit of an effective length.
	Confidence float64 `json:"confidence,omitempty"`
	// Slope is how much of the pass rate changes with each doubling of the
	// length, beyond the reference: negative means that harm grows.
	Slope *SlopeChange `json:"slope"`
}

// LengthCell is one tested length.
type LengthCell struct {
	Length    float64   `json:"length"`
	N         int       `json:"n"`
	Excluded  int       `json:"excluded"`
	Reference *Rate     `json:"reference"`
	Candidate *Rate     `json:"candidate"`
	Change    *float64  `json:"change"`
	Interval  *Interval `json:"interval"`
}

// ModelLength is one model's curve over length.
type ModelLength struct {
	Model  string    `json:"model"`
	Fitted []float64 `json:"fitted"` // never rising, over the tested lengths
	// Base is the pass rate that Threshold, 0.85 of it, is a share of.
	Base      float64 `json:"base"`
	Threshold float64 `json:"threshold"`
	// EffectiveLength is the longest tested length up to which the fit stays
	// at the threshold; nil where it stays at none. Censored says why it is
	// not a length between tested ones.
	EffectiveLength *float64 `json:"effective_length"`
	CrossingLength  *float64 `json:"crossing_length"`
	Censored        Censored `json:"censored"`
	// Low and High are the limits of EffectiveLength; nil is shorter than the
	// shortest tested length, or, with HasLimits false, not computed.
	Low       *float64 `json:"low"`
	High      *float64 `json:"high"`
	HasLimits bool     `json:"has_limits"`
	// SameThreshold is the effective length at the reference's threshold, so
	// that a model that is weaker everywhere does not look long-sighted.
	SameThreshold *float64 `json:"same_threshold"`
	MeanAccuracy  float64  `json:"mean_accuracy"` // over the logarithm of the length
}

// SlopeChange is the change per step of x that the reference does not share.
type SlopeChange struct {
	Estimate float64  `json:"estimate"`
	Interval Interval `json:"interval"`
	P        float64  `json:"p"` // two-sided
	Clusters int      `json:"clusters"`
}

// DepthAnalysis is the pass rate by where in a text a fact stands.
type DepthAnalysis struct {
	// Cells are a heat map, by length and then by depth.
	Cells []DepthCell `json:"cells"`
	// MiddleGap is the pass rate at the ends less that in between: a positive
	// one is lost in the middle, a positive change is harm.
	MiddleGap Change `json:"middle_gap"`
}

// DepthCell is one depth at one length.
type DepthCell struct {
	Length    *float64 `json:"length"` // nil where the probe has no such axis
	Depth     float64  `json:"depth"`  // in [0,1], 1 is the end of the text
	N         int      `json:"n"`
	Reference *float64 `json:"reference"` // pass rates
	Candidate *float64 `json:"candidate"`
	Change    *float64 `json:"change"`
}

// AmplificationAnalysis compares the changes of the groups of one path.
type AmplificationAnalysis struct {
	Path string `json:"path"`
	// Base is the group that others are compared with; empty compares each
	// with all others together.
	Base    string              `json:"base,omitempty"`
	Groups  []GroupAmplified    `json:"groups"`  // by name
	Skipped []string            `json:"skipped"` // groups without a decided pair
	Worst   string              `json:"worst"`
	Macro   float64             `json:"macro"` // mean change over groups
	Gap     Change              `json:"gap"`   // highest less lowest pass rate; biased upwards in small groups
	Swap    *SwapGapSignificant `json:"swap"`
}

// GroupAmplified is one group against its base, or against all others.
type GroupAmplified struct {
	Name     string    `json:"name"`
	N        int       `json:"n"`
	Clusters int       `json:"clusters"`
	Change   float64   `json:"change"`
	Interval *Interval `json:"interval"` // of Change
	// Beyond is the group's change less that of the base, in [-2,2]: negative
	// is amplified harm. Nil for the base itself.
	Beyond         *float64  `json:"beyond"`
	BeyondInterval *Interval `json:"beyond_interval"`
	// ErrorRatio is the candidate's errors over the reference's; nil where the
	// reference makes none. Amplification is the smoothed ratio over that of
	// the base.
	ErrorRatio    *float64 `json:"error_ratio"`
	Amplification *float64 `json:"amplification"`
	// TooFew tells that the group could not pass its margin whatever the
	// answers.
	TooFew bool `json:"too_few"`
	// P is two-sided, that Beyond is 0, from inverting its interval.
	P *float64 `json:"p"`
}

// SwapGapSignificant tells how often chance alone widens the gap as much.
type SwapGapSignificant struct {
	P     float64 `json:"p"`     // one-sided
	Exact bool    `json:"exact"` // enumerated, not drawn
	// Clustered tells that whole clusters were swapped.
	Clustered bool `json:"clustered"`
}

// TextAnalysis compares the texts of answered pairs.
type TextAnalysis struct {
	N int `json:"n"`
	// Same is the share of equal texts, but for white space.
	Same Rate `json:"same"`
	// EditDistance in [0,1] is that of each pair over the longer text, within
	// their first characters; ChrF in [0,1] is 1 for equal texts.
	EditDistance Mean `json:"edit_distance"`
	ChrF         Mean `json:"chrf"`
}

// Mean is a mean over cases with a bootstrap interval over clusters.
type Mean struct {
	Mean     float64   `json:"mean"`
	Interval *Interval `json:"interval"`
	Method   string    `json:"method,omitempty"` // bca, or percentile where that is undefined
}

// OptionAnalysis compares what both models think of the offered options, from
// their log-probabilities as continuations.
type OptionAnalysis struct {
	N        int  `json:"n"`
	Excluded int  `json:"excluded"` // pairs whose log-probabilities are no distribution
	SameTop  Rate `json:"same_top"`
	// KL in nats is a lower bound, over the options and one bucket for all
	// else.
	KLMean   Mean    `json:"kl_mean"`
	KLMedian float64 `json:"kl_median"`
	KLP99    float64 `json:"kl_p99"`
	// Coverage is the reference's mean mass on the options; below 0.9 the
	// bound says little, and LowCoverage is set.
	Coverage    float64 `json:"coverage"`
	LowCoverage bool    `json:"low_coverage,omitempty"`
	// Perplexity compares how likely both find the wanted option; N is the
	// number of cases with one. Nil without any.
	Perplexity *PerplexityAnalysis `json:"perplexity"`
}

// PerplexityAnalysis compares the likelihood of the same texts.
type PerplexityAnalysis struct {
	N int `json:"n"`
	// Ratio is the candidate's perplexity over the reference's, of whole
	// options (not tokens) or of tokens: over 1 is less likely.
	Ratio    float64   `json:"ratio"`
	Interval *Interval `json:"interval"` // of Ratio
}

// TokenAnalysis compares the log-probabilities of written tokens over pairs
// that wrote one and the same text, which is where both models were given the
// same tokens. It leans towards agreement.
type TokenAnalysis struct {
	N          int                 `json:"n"`     // pairs
	Total      int                 `json:"total"` // pairs with log-probabilities on both sides
	Perplexity *PerplexityAnalysis `json:"perplexity"`
}

// Measure is a declared measure of a probe.
type Measure struct {
	Name string `json:"name"` // e.g. bias_amb
	N    int    `json:"n"`    // cases that count for both models
	Change
	// Parts are the values that the measure is made of, e.g. the rate of each
	// group.
	Parts []MeasurePart `json:"parts,omitempty"`
	// Margin is the accepted change either way; nil for none. Standing is
	// within, beyond or open by where the interval lies.
	Margin   *float64 `json:"margin,omitempty"`
	Standing string   `json:"standing,omitempty"`
	// P is two-sided, that the measure did not change; nil without an interval.
	P *float64 `json:"p,omitempty"`
	// Undefined says why a value or an interval is missing.
	Undefined string `json:"undefined,omitempty"`
}

// MeasurePart is one value that a measure is made of.
type MeasurePart struct {
	Name string `json:"name"`
	Change
}

// Finding is one exploratory result. Findings show where to look: they were
// not asked for before the run, and they never gate.
type Finding struct {
	Probe     string `json:"probe"`
	Candidate string `json:"candidate"`
	// Kind is slice (of an axis that nobody compares by), group (against its
	// base), gap, slope, sets or measure; What names it, e.g. "spelling=yoruba".
	Kind string `json:"kind"`
	What string `json:"what"`
	// Estimate is the change in the unit of its kind, with its interval.
	Estimate float64   `json:"estimate"`
	Interval *Interval `json:"interval"`
	N        int       `json:"n"`
	P        float64   `json:"p"`
	// PAdjusted is P after Benjamini and Hochberg over the Family of all
	// findings of the candidate; Notable is set below the false discovery
	// rate that was asked for.
	PAdjusted float64 `json:"p_adjusted"`
	Family    int     `json:"family"`
	Notable   bool    `json:"notable"`
}
