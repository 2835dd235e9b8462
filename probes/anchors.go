package probes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/scorers"
	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// Anchor is an answer whose verdict is known: a run has the judge of the probe's
// cases score it, to learn how often that judge errs.
type Anchor struct {
	Answer scorers.Answer
	Want   scorers.Judging
	Pass   bool // what a judge that does not err says
}

// anchor is an anchor as written.
type anchor struct {
	node                  *yaml.Node
	ask, question, answer string
	pass                  bool
}

var anchorKeys = []string{"answer", "pass", "question", "ask"}

// parseAnchors reads a list of anchors, or the name of a table of them. They are
// plain texts: no template is filled in.
func (s *spec) parseAnchors(n *yaml.Node) {
	if n == nil {
		return
	}
	n = strictyaml.Follow(n)
	if n.Kind == yaml.ScalarNode {
		for _, row := range s.readTable(n, s.Text(n, "anchors")) {
			s.anchors = append(s.anchors, s.tableAnchor(n, row.value))
		}
		return
	}
	for _, item := range s.Items(n, "anchors") {
		m, ok := s.Map(item, "anchor", anchorKeys...)
		if !ok {
			continue
		}
		if m.Get("pass") == nil {
			s.At(m.Node, "anchor without \"pass\": expected true for an answer that is known to pass, false for one that is known to fail")
		}
		s.anchors = append(s.anchors, s.whole(anchor{
			node: m.Node, ask: s.Text(m.Get("ask"), "ask"), question: s.Text(m.Get("question"), "question"),
			answer: s.Text(m.Get("answer"), "answer"), pass: s.Boolean(m.Get("pass"), "pass"),
		}))
	}
}

// tableAnchor is one row of a table.
func (s *spec) tableAnchor(n *yaml.Node, row value) anchor {
	a := anchor{node: n}
	for _, f := range row.fields {
		text := strings.TrimSpace(fmt.Sprint(f.value.raw()))
		switch f.name {
		case "answer":
			a.answer = text
		case "question":
			a.question = text
		case "ask":
			a.ask = text
		case "pass":
			if text != "true" && text != "false" {
				s.At(n, "anchor with pass %q: expected true or false", text)
			}
			a.pass = text == "true"
		default:
			s.At(n, "anchors with a column %q: expected %s", f.name, strictyaml.Quoted(anchorKeys))
		}
	}
	if _, ok := row.get("pass"); !ok {
		s.At(n, "anchors without a column \"pass\": expected true for an answer that is known to pass, else false")
	}
	return s.whole(a)
}

// whole refuses an anchor in which there is nothing to judge.
func (s *spec) whole(a anchor) anchor {
	if a.answer == "" {
		s.At(a.node, "anchor without \"answer\": expected the text that is known to pass or to fail")
	}
	return a
}

// settleAnchors notes whom the scorers of the cases ask, and gives each anchor
// the judge of the cases.
func (s *spec) settleAnchors() {
	s.probe.roles, s.probe.uncorrected = rolesOf(s.probe.Cases()), uncorrected(s.probe)
	judges, at := s.judges()
	if len(judges) == 0 {
		if len(s.anchors) > 0 {
			s.At(s.key("anchors"), "anchors without a judge: expected a case that wants {judge: QUESTION}")
		}
		return
	}
	if i := slices.IndexFunc(s.probe.Cases(), func(c *Case) bool { return c.Mandatory && at[c] }); i >= 0 {
		s.At(s.node, "case %s is mandatory and scored by a judge, which may err: expected another scorer, or no \"mandatory\"", s.probe.Cases()[i].ID)
	}
	procedure := func(j scorers.Judging) scorers.Judging { return j.About("?") }
	if slices.ContainsFunc(judges, func(j scorers.Judging) bool { return procedure(j) != procedure(judges[0]) }) && len(s.anchors) > 0 {
		s.At(s.key("anchors"), "anchors for judges with different votes or temperatures: expected the same of all cases, since they err differently")
		return
	}
	seen := map[[3]string]bool{}
	for _, a := range s.anchors {
		if a.question == "" {
			a.question = s.commonQuestion()
		}
		key := [3]string{a.question, a.ask, a.answer}
		if seen[key] {
			s.At(a.node, "an anchor that stands there twice: expected each answer once, since a copy tells nothing more of the judge")
			return
		}
		seen[key] = true
		if a.ask == "" && len(judges) > 1 {
			s.At(a.node, "anchor without \"ask\", but the cases ask the judge %d different questions: expected the one for this answer", len(judges))
			return
		}
		s.probe.Anchors = append(s.probe.Anchors, &Anchor{
			Answer: scorers.Answer{Text: a.answer, Question: a.question}, Want: judges[0].About(a.ask), Pass: a.pass,
		})
	}
}

// commonQuestion is what all cases ask in their one turn; empty where they ask
// different things.
func (s *spec) commonQuestion() string {
	cases := s.probe.Cases()
	if slices.ContainsFunc(cases, func(c *Case) bool { return len(c.Steps) != 1 || c.Opening() != cases[0].Opening() }) {
		return ""
	}
	return cases[0].Steps[0].User()
}

// judges are the different judges of the cases in order, and the cases that have
// one.
func (s *spec) judges() (list []scorers.Judging, at map[*Case]bool) {
	at = map[*Case]bool{}
	seen := map[scorers.Judging]bool{}
	for _, c := range s.probe.Cases() {
		for _, step := range c.Steps {
			j, ok := step.Want.(scorers.Judging)
			if !ok {
				continue
			}
			at[c] = true
			if !seen[j] {
				seen[j] = true
				list = append(list, j)
			}
		}
	}
	return list, at
}

// Roles are the models, beside the audited one, that the scorers of the cases
// have to ask; none for most probes.
func (p *Probe) Roles() []scorers.Role { return p.roles }

func rolesOf(cases []*Case) []scorers.Role {
	var list []scorers.Role
	for _, c := range cases {
		for _, role := range c.Roles() {
			if !slices.Contains(list, role) {
				list = append(list, role)
			}
		}
	}
	return list
}

// Roles are the models that the scorers of the case have to ask.
func (c *Case) Roles() []scorers.Role {
	var list []scorers.Role
	for _, step := range c.Steps {
		if step.Want != nil {
			list = append(list, scorers.Roles(step.Want)...)
		}
	}
	return list
}

// Judged tells whether a judge model scores any case.
func (p *Probe) Judged() bool { return slices.Contains(p.roles, scorers.Judge) }

// Judged tells whether a judge model scores any turn of the case.
func (c *Case) Judged() bool { return slices.Contains(c.Roles(), scorers.Judge) }

// Uncorrected says why a judge's errors cannot be taken out of the outcomes of
// the probe; empty where they can. The correction is that of one verdict on one
// answer.
func (p *Probe) Uncorrected() string { return p.uncorrected }

func uncorrected(p *Probe) string {
	switch {
	case p.Bundled():
		return "a judge's errors are known for single answers, and bundles have one outcome for several: expected a probe without \"bundle\""
	case slices.ContainsFunc(p.Cases(), func(c *Case) bool { return c.Samples > 1 }):
		return "a judge's errors are known for single answers, and cases are sampled several times: expected \"samples\" of 1"
	case slices.ContainsFunc(p.Cases(), func(c *Case) bool { return c.wanted() != 1 || !c.Judged() }):
		return "a judge's errors are known for its own verdicts, and other scorers judge a part of the cases: expected one judged turn in each case"
	}
	return ""
}

// wanted counts the turns that are judged.
func (c *Case) wanted() int {
	n := 0
	for _, step := range c.Steps {
		if step.Want != nil {
			n++
		}
	}
	return n
}

// Advisory tells that no comparison of the probe can gate, whatever is answered:
// the errors of its judge are not known well enough.
func (p *Probe) Advisory() bool { return p.judgedWarning() != "" }

// judgedWarning says why the comparisons of a judged probe are advisory, as far
// as it can be told before the judge is asked; empty where it cannot.
func (p *Probe) judgedWarning() string {
	if !p.Judged() {
		return ""
	}
	if why := p.Uncorrected(); why != "" {
		return "advisory only: " + why
	}
	good, bad := 0, 0
	for _, a := range p.Anchors {
		if a.Pass {
			good++
		} else {
			bad++
		}
	}
	if min(good, bad) < drift.MinAnchors {
		return fmt.Sprintf("advisory only: %d good and %d bad answers among \"anchors\": expected at least %d of each, which tell how often the judge errs",
			good, bad, drift.MinAnchors)
	}
	return ""
}
