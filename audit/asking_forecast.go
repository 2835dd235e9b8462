package audit

import (
	"github.com/gambit-audit/gambit/fixtures/prose"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
)

// panelForecast adds up what the models that scorers ask are asked.
type panelForecast struct {
	scoring Scoring
	by      map[scorers.Role]*ModelForecast
	texts   map[string]bool // that are embedded once, whatever the answers
}

// forecastPanel is what the models that scorers ask are asked at most: about the
// answers of all models, none of them equal, and about the anchors. Their cases
// are the answers and anchors that they score.
func (p *Plan) forecastPanel() []ModelForecast {
	f := panelForecast{p.file.Scoring, map[scorers.Role]*ModelForecast{}, map[string]bool{}}
	for i, m := range p.file.models() {
		asked := p.cases(m.Name)
		if i == 0 {
			asked = append(asked, p.again()...)
		}
		for _, c := range asked {
			f.addCase(c)
		}
	}
	for _, probe := range p.judged() {
		for _, a := range probe.Anchors {
			f.add(a.Want, a.Answer, answerCount{answers: 1})
		}
	}
	var list []ModelForecast
	for _, role := range panelRoles {
		if m := f.by[role]; m != nil {
			m.Cost = f.scoring.of(role).Price.of(m.InputTokens, m.OutputTokens)
			list = append(list, *m)
		}
	}
	return list
}

// addCase adds what one model's answers to a case take.
func (f panelForecast) addCase(c *probes.Case) {
	if len(c.Roles()) == 0 {
		return
	}
	for _, step := range c.Steps {
		if step.Want != nil {
			// Any answer will do that no scorer settles unasked.
			a := scorers.Answer{Text: "…x", Question: step.User()}
			f.add(step.Want, a, answerCount{c.Samples, c.Sampling.MaxTokens})
		}
	}
}

// answerCount says for how many answers the same is asked, and how many tokens
// each of them has at most beside the text of the ask.
type answerCount struct{ answers, tokens int }

func (f panelForecast) add(want scorers.Scorer, a scorers.Answer, n answerCount) {
	counted := map[scorers.Role]bool{}
	for _, ask := range scorers.Asks(want, a) {
		m := f.of(ask.Of)
		if !counted[ask.Of] {
			counted[ask.Of] = true
			m.Cases += n.answers
		}
		switch {
		case ask.Of == scorers.Judge:
			m.Calls += n.answers
			m.InputTokens += n.answers * (prose.CountTokens(ask.System) + prose.CountTokens(ask.Text) + n.tokens)
			m.OutputTokens += n.answers * f.scoring.JudgeTokens
		case ask.Text == a.Text:
			m.Calls += n.answers
			m.InputTokens += n.answers * (prose.CountTokens(ask.Text) + n.tokens)
		case !f.texts[ask.Text]:
			f.texts[ask.Text] = true
			m.Calls++
			m.InputTokens += prose.CountTokens(ask.Text)
		}
	}
}

// of is the forecast of a role's model, made at its first ask.
func (f panelForecast) of(role scorers.Role) *ModelForecast {
	if f.by[role] == nil {
		m := f.scoring.of(role)
		f.by[role] = &ModelForecast{Name: m.Name, Provider: m.Provider}
	}
	return f.by[role]
}
