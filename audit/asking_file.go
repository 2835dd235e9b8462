package audit

import (
	"fmt"
	"slices"

	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
	"gopkg.in/yaml.v3"
)

// Scoring are the models that scorers ask. None of them is audited.
type Scoring struct {
	Judge    *Model // nil: the file names none
	Embedder *Model // nil: the file names none
	// JudgeTokens bounds one reply of the judge.
	JudgeTokens int
}

var scoringKeys = []string{"judge", "embedder", "judge_tokens"}

// defaultJudgeTokens is room for a letter and a few words around it. A judge that
// reasons before it replies needs more.
const defaultJudgeTokens = 32

// scoring reads the models that scorers ask.
func (r *fileReader) scoring(n *yaml.Node) {
	if n == nil {
		return
	}
	m, ok := r.Map(n, "scoring", scoringKeys...)
	if !ok {
		return
	}
	s := &r.out.Scoring
	s.JudgeTokens = r.Integer(m.Get("judge_tokens"), "judge_tokens", 1, defaultJudgeTokens)
	s.Judge = r.scoringModel(m.Get("judge"), "judge")
	s.Embedder = r.scoringModel(m.Get("embedder"), "embedder")
	for _, audited := range r.out.models() {
		if s.Judge != nil && sameModel(s.Judge.Spec, audited.Spec) {
			r.At(m.Get("judge"), "%v", judgesItself(s.Judge, audited))
		}
	}
}

// scoringModel reads one of them; nil where it is not named.
func (r *fileReader) scoringModel(n *yaml.Node, what string) *Model {
	if n == nil {
		return nil
	}
	m := r.model(n, what)
	switch m.Provider {
	case "planted", "recorded", "specimen", "fillmask":
		r.At(n, "%s with provider %s: expected one that asks a model now, or replay", what, m.Provider)
	}
	for _, other := range append(r.out.models(), r.out.Scoring.named()...) {
		if other.Name == m.Name && m.Name != "" {
			r.At(n, "two models are named %q: expected a `name` of its own for the %s", m.Name, what)
		}
	}
	return &m
}

// named are the models that the file names, the judge first.
func (s Scoring) named() []Model {
	var list []Model
	for _, m := range []*Model{s.Judge, s.Embedder} {
		if m != nil {
			list = append(list, *m)
		}
	}
	return list
}

// of is the model of a role, nil where the file names none.
func (s Scoring) of(role scorers.Role) *Model {
	if role == scorers.Embedder {
		return s.Embedder
	}
	return s.Judge
}

func judgesItself(judge *Model, audited Model) error {
	return fmt.Errorf("judge %s is the audited model %s: expected a model that is none of the audited ones, since a model favours its own answers", judge.Name, audited.Name)
}

// lacks says which model the scorers of a probe have to ask, and the file does
// not name; nil for none.
func (f *File) lacks(probe *probes.Probe) error {
	for _, role := range probe.Roles() {
		if f.Scoring.of(role) == nil {
			return fmt.Errorf("a scorer asks %s, and the audit file names none: add `scoring: {%s: {name: %s, provider: openai, base_url: …, model: …}}`",
				article(role), role, role)
		}
	}
	return nil
}

func article(role scorers.Role) string {
	if role == scorers.Embedder {
		return "an embedder"
	}
	return "a judge"
}

// lacking refuses the probes of cases whose scorers have no model to ask.
func (f *File) lacking(cases []*probes.Case) error {
	var r refusals
	known := map[*probes.Probe]bool{}
	for _, c := range cases {
		if !known[c.Probe] {
			known[c.Probe] = true
			r.add(c, f.lacks(c.Probe))
		}
	}
	return r.err()
}

// carriesAsks refuses what the provider of a scoring model would not carry of the
// asks about a case.
func (f *File) carriesAsks(c *probes.Case) error {
	for _, role := range c.Roles() {
		if m := f.Scoring.of(role); m != nil {
			if err := models.CheckSpec(m.Spec, f.request(scorers.Ask{Of: role, System: "…", Text: "…"})); err != nil {
				return err
			}
		}
	}
	return nil
}

// rolesOf are the models that the scorers of cases have to ask.
func rolesOf(cases []*probes.Case) []scorers.Role {
	var list []scorers.Role
	known := map[*probes.Probe]bool{}
	for _, c := range cases {
		if known[c.Probe] {
			continue
		}
		known[c.Probe] = true
		for _, role := range c.Probe.Roles() {
			if !slices.Contains(list, role) {
				list = append(list, role)
			}
		}
	}
	return list
}
