// Package probes loads probes written in YAML and expands them into cases.
//
// It is opinionated. Loading is strict: unknown keys, wrong types and undefined
// template names are errors with file, line and column, all of them at once. A
// case has a stable id and a hash of what it asks, and the same seed gives the
// same cases on every machine.
package probes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/gambit-audit/gambit/scorers"
)

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
	// Notes say where imported probes come from, one line each.
	Notes []string
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
	// Base is the group that the others are compared with, by path of
	// CompareBy; a path without one has no entry.
	Base map[string]string
	// Measures are the declared measures, by name.
	Measures []*Measure
	// Anchors are answers whose verdict is known, for the judge of the cases; nil
	// where no judge is wanted or none are given.
	Anchors []*Anchor
	// roles and uncorrected are of all cases; see Roles and Uncorrected.
	roles       []scorers.Role
	uncorrected string
	written     *spec // what it was loaded from

	count int // cases
	mu    sync.Mutex
	cases []*Case
	// brief has the cases made anew whenever they are asked for, and forgotten
	// is set while they are not there.
	brief, forgotten bool
}

// Cases are the probe's, in order. It is safe for concurrent use.
func (p *Probe) Cases() []*Case {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.forgotten {
		p.cases, p.forgotten = p.written.remake(), false
	}
	return p.cases
}

// Count is the number of cases.
func (p *Probe) Count() int { return p.count }

// Forget lets the cases go if the suite is too large to hold all: they are made
// anew when they are asked for, equal to what they were.
func (p *Probe) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.brief {
		p.cases, p.forgotten = nil, true
	}
}

// Case is one question to a model, with what is wanted.
type Case struct {
	Probe  *Probe
	ID     string // stable: it depends on the axis keys alone
	Line   int    // in Probe.File: of the hand-written case, else of the probe
	system message
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
	// Axes says where the case stands, each "path=value", in file order: on an
	// axis, by its key, and at the fields of its value that are plain texts or
	// numbers. A key that is a hash is left out.
	Axes []string
	// Measures are those that count this case.
	Measures []CaseMeasure
	// Bundle is the id of the cases that are judged together, empty for none.
	Bundle    string
	Mandatory bool
	// Want is what is wanted, as one line of JSON: of several judged steps a
	// list of what each wants.
	Want string
}

// System is the system message, empty for none.
func (c *Case) System() string { return c.system.String() }

// SystemTokens is about how many tokens the system message has, see [Step.Tokens].
func (c *Case) SystemTokens() int { return c.system.tokens() }

// Opening is equal for cases that begin alike: with the same system message and
// first user turn. Unlike these texts it costs nothing to make.
func (c *Case) Opening() string {
	return c.system.recipe() + "\x00\x00" + c.Steps[0].user.recipe()
}

// Hash is the SHA-256 of the request and what is wanted, as canonical JSON
// (keys sorted, no white space), in hex. It reads the whole of a long context.
func (c *Case) Hash() string {
	steps := []any{}
	judged := 0
	for _, step := range c.Steps {
		if step.Want != nil {
			judged++
		}
		steps = append(steps, map[string]any{"user": step.User(), "scripted": step.Scripted, "judged": step.Want != nil})
	}
	wants := c.Want
	if judged == 1 {
		wants = "[" + wants + "]"
	}
	data, err := json.Marshal(map[string]any{
		"system": c.System(), "steps": steps, "options": c.Options, "logprob": c.OptionLogprob,
		"sampling": c.Sampling, "samples": c.Samples, "want": json.RawMessage(wants),
	})
	if err != nil {
		data = fmt.Append(nil, c.System(), steps, c.Options, c.Sampling, wants)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Step is one user turn.
type Step struct {
	user message
	// Scripted is the reply that stands in for the model's; nil: it is asked.
	Scripted *string
	// Want is nil where the reply is kept but not judged.
	Want scorers.Scorer
}

// User is the user's message. A long context in it is made anew at each call.
func (s Step) User() string { return s.user.String() }

// Tokens is about how many tokens the user's message has, by one count that is
// the same for all models; unlike the message it costs little to make.
func (s Step) Tokens() int { return s.user.tokens() }

// question is the user's message without a long context, for scorers that look
// at how it begins or ends.
func (s Step) question() string { return strings.ReplaceAll(s.user.text, contextMark, "") }

// Sampling is how an answer is drawn, the same for all models.
type Sampling struct {
	Temperature float64 // 0 is greedy
	MaxTokens   int
	Stop        []string
	TopP        *float64 // nil: not sent
	Seed        *int     // nil: not sent
	// JSON has the server let the model write nothing but a JSON object. Left
	// out of the digest where it is off, so that older digests stay.
	JSON bool `json:",omitempty"`
}
