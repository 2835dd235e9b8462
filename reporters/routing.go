package reporters

import (
	"bytes"
	"fmt"

	"github.com/gambit-audit/gambit/drift"
	"gopkg.in/yaml.v3"
)

var _ = register("routing", format{
	file:   "routing.yaml",
	doc:    "which classes of questions each candidate may take, and which must go to the reference",
	render: renderRouting,
})

// RoutingSchema names the shape of routing.yaml, as routing.schema.json
// describes it. It changes when a key changes its meaning or goes.
const RoutingSchema = "gambit.routing/1"

// guardGroup is the group of cases that show whether a reference can do a
// probe's task at all.
const guardGroup = "guard"

// The two ways of a question.
const (
	toSmall = "small"
	toBig   = "big"
)

type routing struct {
	Schema    string         `yaml:"schema"`
	Gambit    string         `yaml:"gambit"`
	Title     string         `yaml:"title"`
	Policy    []string       `yaml:"policy"`
	Big       routedModel    `yaml:"big"`
	Tables    []routingTable `yaml:"tables"`
	Otherwise string         `yaml:"otherwise"` // a class that no table has
}

type routedModel struct {
	Name   string `yaml:"name"`
	Digest string `yaml:"digest,omitempty"`
}

// routingTable is for one candidate, as the small model.
type routingTable struct {
	Small   routedModel  `yaml:"small"`
	Classes []routeClass `yaml:"classes"`
}

// routeClass is a probe, or a group of it, as a class of questions. Low and
// High bound the change of the pass rate that the verdict rests on.
type routeClass struct {
	Class      string   `yaml:"class"`
	Group      string   `yaml:"group,omitempty"`
	To         string   `yaml:"to"`
	Verdict    string   `yaml:"verdict"`
	Change     *float64 `yaml:"change,omitempty"`
	Low        *float64 `yaml:"low,omitempty"`
	High       *float64 `yaml:"high,omitempty"`
	Confidence *float64 `yaml:"confidence,omitempty"`
	Margin     float64  `yaml:"margin"`
	Pairs      int      `yaml:"pairs"`
	Why        string   `yaml:"why"`
}

// renderRouting has a table for each candidate but the controls. Nothing but a
// pass sends a class to the small model.
func renderRouting(a *drift.Audit) ([]byte, error) {
	r := routing{
		Schema: RoutingSchema, Gambit: name(a.Version), Title: sentence(a.Title), Policy: policyLines(a),
		Big: routedBy(a.Reference), Tables: []routingTable{}, Otherwise: toBig,
	}
	for _, m := range a.Candidates {
		if m.Expect != drift.ExpectBlocked {
			r.Tables = append(r.Tables, tableOf(a, m))
		}
	}
	var b bytes.Buffer
	b.WriteString("# yaml-language-server: $schema=https://raw.githubusercontent.com/gambit-audit/gambit/main/reporters/routing.schema.json\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(r); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

func routedBy(m drift.Model) routedModel {
	return routedModel{orUndefined(name(m.Name)), excerpt(m.Digest, maxName)}
}

func tableOf(a *drift.Audit, m drift.Model) routingTable {
	t := routingTable{Small: routedBy(m), Classes: []routeClass{}}
	for _, c := range a.Comparisons {
		if c.Candidate == m.Name && c.Group != guardGroup {
			t.Classes = append(t.Classes, classOf(a, c))
		}
	}
	return t
}

func classOf(a *drift.Audit, c drift.Comparison) routeClass {
	r := routeClass{
		Class: orUndefined(name(c.Probe)), Group: name(c.Group), To: toSmall, Verdict: name(string(c.Verdict)),
		Change: c.Change, Margin: c.Margin, Pairs: c.N, Why: sentence(c.Because),
	}
	if i := c.GateInterval; i != nil {
		r.Low, r.High, r.Confidence = &i.Low, &i.High, &i.Confidence
	}
	if against := objection(a, c); against != "" {
		r.To = toBig
		if c.Verdict == drift.VerdictPass {
			r.Why = against + "; " + r.Why
		}
	}
	return r
}

// objection says why a class may not go to the small model, empty where it may.
// A whole probe goes there only with all of its groups, for whoever asks may
// belong to any of them.
func objection(a *drift.Audit, c drift.Comparison) string {
	if c.Verdict != drift.VerdictPass {
		return "not passed"
	}
	if c.GateInterval == nil {
		return "no interval justifies it"
	}
	if why := distrust(a); why != "" {
		return why
	}
	for _, m := range a.Mandatory {
		if m.Probe == c.Probe && m.Candidate == c.Candidate && m.Observation.Outcome != drift.Pass {
			return fmt.Sprintf("the mandatory case %s was not passed", name(m.Case))
		}
	}
	if c.Group != "" {
		return ""
	}
	for _, g := range a.Comparisons {
		if g.Probe == c.Probe && g.Candidate == c.Candidate && g.Group != "" && g.Verdict != drift.VerdictPass {
			return fmt.Sprintf("%s is %s", group(g), name(string(g.Verdict)))
		}
	}
	return ""
}
