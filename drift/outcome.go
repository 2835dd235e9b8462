package drift

// Outcome is what one model did with one case.
type Outcome string

const (
	// Pass means that the answer is right.
	Pass Outcome = "pass"
	// Fail means that the answer is wrong, or that it could not be parsed.
	Fail Outcome = "fail"
	// Undecided means that there is no answer of the model's own to judge: a
	// server's error, a time-out, a prompt that was cut. It is never counted
	// as a fail.
	Undecided Outcome = "undecided"
)

// Reasons of a fail or of an undecided observation, as they stand in reports.
const (
	ReasonWrong    = "wrong"
	ReasonUnparsed = "unparsed"
	ReasonError    = "error"
	ReasonTimeout  = "timeout"
	ReasonCut      = "prompt_cut"
	ReasonMissing  = "no_answer"
)

// Observation is the scored answer of one model to one case or bundle.
type Observation struct {
	Outcome Outcome `json:"outcome"`
	// Reason is empty for a pass.
	Reason string `json:"reason,omitempty"`
	// Detail is one human sentence on the reason, e.g. `want "Paris", got "Rome"`.
	Detail string `json:"detail,omitempty"`
	// Answer is the normalised or parsed answer: the `is` of a chosen option,
	// a number, or the trimmed text. Empty when nothing was parsed.
	Answer string `json:"answer,omitempty"`
	// Text is what the model wrote, as received.
	Text string `json:"text,omitempty"`
	// Passes and Samples count repeated samples of one case; Samples is 1 for
	// a case that was asked once and 0 for an undecided one.
	Passes  int `json:"passes,omitempty"`
	Samples int `json:"samples,omitempty"`
	// Cut and Refused mark an answer that hit the token limit, or that refused.
	Cut     bool `json:"cut,omitempty"`
	Refused bool `json:"refused,omitempty"`

	// What follows is for analyses, and no part of a report.

	// Digest is the hash, in hex, of all that the model answered: every asked
	// turn and option of every sample, whole. Empty where there is no answer,
	// and for bundles.
	Digest string `json:"-"`
	// Answers are the parsed answers of repeated samples, empty for one that
	// could not be parsed; nil for a case that was asked once.
	Answers []string `json:"-"`
	// Share is the part of the demand that was met, in [0,1]; nil where the
	// scorer gives none. Tiers are the same by tier.
	Share *float64           `json:"-"`
	Tiers map[string]float64 `json:"-"`
	// OptionLogprobs are the log-probabilities of the offered options, by
	// name, TokenLogprobs those of the written tokens; nil where unknown.
	OptionLogprobs map[string]float64 `json:"-"`
	TokenLogprobs  []float64          `json:"-"`
	// Votes are how a judge voted on the answer; nil where none was asked.
	Votes *Votes `json:"votes,omitempty"`
}

// Pair is one case, or one bundle of cases, answered by both models.
type Pair struct {
	// Case is the case id, or the bundle id where the bundle is the unit.
	Case string `json:"case"`
	// Cluster names the cases that are correlated with this one.
	Cluster   string      `json:"cluster"`
	Reference Observation `json:"reference"`
	Candidate Observation `json:"candidate"`
}

// decided tells whether there is an answer to judge; whatever is neither a
// pass nor a fail is none.
func (o *Observation) decided() bool { return o.Outcome == Pass || o.Outcome == Fail }

// passShare is the share of passes in [0,1] of a decided observation.
func (o *Observation) passShare() float64 {
	if o.Samples > 0 {
		return float64(min(max(o.Passes, 0), o.Samples)) / float64(o.Samples)
	}
	if o.Outcome == Pass {
		return 1
	}
	return 0
}

func (p *Pair) decided() bool { return p.Reference.decided() && p.Candidate.decided() }

// change is the candidate's share of passes less the reference's.
func (p *Pair) change() float64 { return p.Candidate.passShare() - p.Reference.passShare() }
