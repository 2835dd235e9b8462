// Package models asks language models and keeps what they answered.
//
// It is opinionated. Nothing is dropped in silence: a parameter that a
// provider would not carry is refused before the first call; an empty or cut
// reply is an error, not an answer; each response keeps what was really sent
// and received. It is the only importer of langchaingo. A provider is one
// file, registered by name.
//
// What counts as no answer is a judgement, made here once for all providers. An
// empty text is a failure of kind error, since a chat server that lost a text
// looks like a model that had nothing to say; llama-server's own endpoint tells
// the two apart, so there it is an answer. A model that writes bytes which are
// no text makes llama-server answer with HTTP 500: that is the model's failing,
// but there is no answer to score, so it too is a failure, and its text says so.
// An answer that hit the token limit is an answer.
package models

import (
	"context"
	"fmt"
	"io/fs"
	"time"
)

// Spec is one model of an audit file.
type Spec struct {
	Name     string
	Provider string
	Model    string // the provider's name for it
	BaseURL  string // empty: the provider's default
	APIKey   string // a secret; never written anywhere
	// APIKeyFile holds the key, in place of APIKey; empty for none.
	APIKeyFile string
	// NumCtx is the context length in tokens to ask the server for; 0 leaves
	// the server's own.
	NumCtx int
	// Weights is a file whose SHA-256 becomes the digest; empty for none.
	Weights string
	// ChatTemplate is "" (the server's own) or "none" (text is continued as
	// it is, for base models); only provider llamacpp knows it.
	ChatTemplate string
	// Reasoning is "" (the server's own), or one of [Reasonings].
	Reasoning string
	// Evidence is the recorded file that provider replay answers from, and
	// Recorded the name under which it was recorded (empty: Name).
	Evidence string
	Recorded string
	// EvidenceFS holds the file Evidence; nil means the disk.
	EvidenceFS fs.FS
	// Answers are what provider recorded answers from, by case; nil for every
	// other.
	Answers map[string]string
	// Planted is the damage of provider planted, nil for every other.
	Planted *Planted
	// Concurrency is the number of calls in flight, at least 1.
	Concurrency int
	// Timeout bounds one attempt; 0 means 120 s. Attempts bounds the tries of
	// one call; 0 means 5. An attempt that ran out of time is tried again once.
	Timeout  time.Duration
	Attempts int
}

// Message is one turn of a conversation.
type Message struct {
	Role string `json:"role"` // system, user or assistant
	Text string `json:"text"`
}

// Request is one question, with everything that may change the answer.
type Request struct {
	Messages []Message `json:"messages"`
	// Options, where not empty, asks for the log-probability of each text as
	// a continuation of the single user message, which is sent without a chat
	// template; nothing is generated.
	Options     []string `json:"options,omitempty"`
	Temperature float64  `json:"temperature"`
	MaxTokens   int      `json:"max_tokens"`
	Stop        []string `json:"stop,omitempty"`
	// TopP and Seed are nil where unset.
	TopP *float64 `json:"top_p,omitempty"`
	Seed *int     `json:"seed,omitempty"`
	// JSON has the server let the model write nothing but a JSON object.
	JSON bool `json:"json,omitempty"`
	// Embed asks for the vector of the one message, not for an answer to it.
	Embed bool `json:"embed,omitempty"`
	// Sample numbers repeated samples of one case from 0.
	Sample int `json:"sample,omitempty"`
	// Case is the id of the case, where the answer depends on it (see
	// [Spec.ByCase]); empty elsewhere. It is never sent.
	Case string `json:"case,omitempty"`
	// Groups are the groups of the case. They are never sent, and change no
	// answer but that of a model with planted damage.
	Groups []string `json:"-"`
}

// Response is what came back for one request.
type Response struct {
	Text string `json:"text"`
	// OptionLogprobs are the summed log-probabilities of Request.Options.
	OptionLogprobs []float64 `json:"option_logprobs,omitempty"`
	Finish         string    `json:"finish,omitempty"` // stop or length
	// PromptTokens and OutputTokens are the server's own counts; 0: not given.
	PromptTokens int `json:"prompt_tokens,omitempty"`
	OutputTokens int `json:"output_tokens,omitempty"`
	// Served is the model name that the server put into its answer.
	Served    string  `json:"served,omitempty"`
	LatencyMS float64 `json:"latency_ms,omitempty"` // of the last attempt
	Attempts  int     `json:"attempts,omitempty"`
	// Reasoned is set where the model reasoned before it answered, as far as the
	// server shows it.
	Reasoned bool `json:"reasoned,omitempty"`
	// Logprobs are the log-probabilities of the generated tokens, where the
	// provider gives them.
	Logprobs []float64 `json:"logprobs,omitempty"`
	// Vector is what Request.Embed asks for.
	Vector []float32 `json:"vector,omitempty"`
	// Error is set where there is no answer of the model's own.
	Error *Failure `json:"error,omitempty"`
}

// Failure says why a call brought no answer of the model's own.
type Failure struct {
	Kind   string `json:"kind"`             // one of the Kind constants
	Status int    `json:"status,omitempty"` // of HTTP; 0: no reply came
	Text   string `json:"text"`
	// Fatal marks an error that every further call would meet (connection
	// refused, unknown model, bad key).
	Fatal bool `json:"fatal,omitempty"`
	// Own marks what may be the model's own doing behind a server that works: it
	// wrote nothing, or bytes that are no text.
	Own bool `json:"own,omitempty"`
}

// Kinds of failures. They are the reasons that an undecided outcome carries.
const (
	KindError   = "error"      // the server or the network failed
	KindTimeout = "timeout"    // no whole reply within the time of an attempt
	KindCut     = "prompt_cut" // the prompt did not fit into the context
	KindMissing = "no_answer"  // a replayed model was never asked this
)

// Error says what went wrong, with the HTTP status where there is one.
func (f *Failure) Error() string {
	if f.Status == 0 {
		return f.Text
	}
	return fmt.Sprintf("HTTP %d: %s", f.Status, f.Text)
}

// Info is what is known of a model before it is asked.
type Info struct {
	Digest   string `json:"digest,omitempty"`   // of the weights, in hex; empty: unknown
	Bytes    int64  `json:"bytes,omitempty"`    // of the weights; 0: unknown
	Endpoint string `json:"endpoint,omitempty"` // without credentials
	Context  int    `json:"context,omitempty"`  // tokens a call may use; 0: unknown
	// Served is the model's name in the server's own list; empty: it gave none.
	Served string `json:"served,omitempty"`
	// Notes say what could not be made sure of, each with what to do about it.
	Notes []string `json:"notes,omitempty"`
}

// Asker asks one model. It is safe for concurrent use.
type Asker interface {
	// Ask never returns a partial answer: a Response with Error set is what a
	// failed call looks like; the error is for a cancelled ctx alone.
	Ask(ctx context.Context, req Request) (Response, error)
}
