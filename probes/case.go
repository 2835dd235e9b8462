// Package probes loads probes written in YAML and expands them into cases.
//
// It is opinionated. Loading is strict: unknown keys, wrong types and undefined
// template names are errors with file, line and column, all of them at once. A
// case has a stable id and a hash of what it asks, and the same seed gives the
// same cases on every machine.
package probes

import "github.com/gambit-audit/gambit/scorers"

// Size names how many cases a run asks.
type Size string

const (
	Smoke    Size = "smoke" // at most 32 cases a probe; finds breakage only
	Standard Size = "standard"
	Full     Size = "full"
)

// Suite is a set of loaded and expanded probes, in order of id.
type Suite struct {
	Probes []*Probe
	// Warnings say what a probe author should know, each as file:line:col.
	Warnings []error
}

// Probe is one loaded probe with its cases.
type Probe struct {
	ID      string // pack.dimension.name
	Pack    string
	Version int
	Aliases []string
	Harm    string
	About   string
	Source  string
	File    string // as given by the user; builtin files as probes/PACK/NAME.yaml
	Line    int    // of the key `probe`
	// CompareBy are the paths whose values each get a verdict of their own.
	CompareBy []string
	// Relation is the bundle's relation (all, invariant, rising, falling,
	// paired), empty for a probe without bundles.
	Relation string
	// GuardAtLeast is the pass rate in [0,1] that the guarded cases must
	// reach; nil for a probe without a guard.
	GuardAtLeast *float64
	// Measures are the names of declared measures, sorted.
	Measures []string
	Cases    []*Case
}

// Case is one question to a model, with what is wanted.
type Case struct {
	Probe *Probe
	// ID is stable: it depends on the axis keys alone. Hash is the SHA-256 of
	// the request and what is wanted, in hex.
	ID, Hash string
	Line     int // in Probe.File: of the hand-written case, else of the probe
	System   string
	// Steps are the turns, at least one. Earlier turns are sent with each.
	Steps []Step
	// Options in the order shown; empty for none.
	Options []scorers.Option
	// OptionLogprob asks for log-probabilities of the options, not for text.
	OptionLogprob bool
	Sampling      Sampling
	Samples       int // at least 1
	// Cluster names the correlated cases; never empty.
	Cluster string
	// Groups are the groups of this case, each "path=value", in the order of
	// Probe.CompareBy; "guard" is last where the case belongs to the guard.
	Groups []string
	// Bundle is the id of the cases that are judged together, empty for none.
	Bundle    string
	Mandatory bool
	// Want is what is wanted, as one line for people.
	Want string
}

// Step is one user turn.
type Step struct {
	User string
	// Scripted is the reply that stands in for the model's; nil: it is asked.
	Scripted *string
	// Want is nil where the reply is kept but not judged.
	Want scorers.Scorer
}

// Sampling is how an answer is drawn, the same for all models.
type Sampling struct {
	Temperature float64 // 0 is greedy
	MaxTokens   int
	Stop        []string
	TopP        *float64 // nil: not sent
	Seed        *int     // nil: not sent
}
