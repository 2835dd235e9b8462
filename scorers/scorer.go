// Package scorers decides whether an answer is right: nearly always without
// asking anyone. A scorer that has to ask another model, a judge or an embedder,
// says what it asks and settles by the replies; see [Asking].
//
// It is opinionated. A rule is exact and written down with its scorer; an
// answer that cannot be parsed is a fail of its own kind and never counts as
// some wrong option; expected values are checked when a probe is loaded, not
// when the first answer comes in. A scorer is one file, registered by name.
//
// Texts are compared composed (NFC), with runs of white space as one space and,
// where a rule says "in any case", with full Unicode case folding. A whole word
// ends where letters, digits and combining marks end: "no" is not in "know",
// nor "9" in "9.11" or "9,000". Between Han characters, in the other scripts
// that are written without spaces, and in Hangul, a word may end after any
// letter. An answer of nothing but space and punctuation is unparsed.
package scorers

import "github.com/gambit-audit/gambit/drift"

// Option is one answer that a case offers.
type Option struct {
	Is   string // its stable name, the same in every order
	Text string // what the model reads
}

// Answer is what a scorer may look at.
type Answer struct {
	// Text is what the model wrote.
	Text string
	// Question is the last user message, as asked.
	Question string
	// Options are the offered options in the order shown; empty for none.
	Options []Option
	// OptionLogprobs are the summed log-probabilities of the options, in the
	// order of Options; nil where the model answered in text.
	OptionLogprobs []float64
}

// Result is a scored answer.
type Result struct {
	// Outcome is Pass or Fail; of a scorer that has to ask, see [Asking], it may
	// be Undecided.
	Outcome drift.Outcome
	// Reason is drift.ReasonWrong or drift.ReasonUnparsed for a fail, and the
	// role that has not told for what is undecided.
	Reason string
	// Detail is one sentence on a fail, e.g. `want any of ["May"], got "June"`.
	Detail string
	// Parsed is the answer that was recognised: an option's name, a number, a
	// label. Empty where the scorer recognises none.
	Parsed string
	// Share is the part of the demand that was met, in [0,1]; nil where the
	// scorer gives none.
	Share *float64
	// Tiers are the parts of the demand that were met by tier, in [0,1]; nil
	// where the scorer knows no tiers.
	Tiers map[string]float64
	// Votes are how a judge voted; nil where none was asked.
	Votes *drift.Votes
}

// Scorer judges answers to one case. It is safe for concurrent use.
type Scorer interface {
	Score(Answer) Result
}

// Context is what a scorer may check its arguments against.
type Context struct {
	// Options are the options of the case; empty for none.
	Options []Option
}
