package audit

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/fixtures/prose"
	"github.com/gambit-audit/gambit/probes"
)

// ForecastSchema names the shape of [Forecast] as JSON.
const ForecastSchema = "gambit.plan/1"

// PlannedFlips is the share of cases that a forecast expects to flip without a
// true drop, half of them lost.
const PlannedFlips = 0.06

// Forecast is what an audit asks and what it can show, told before any call.
type Forecast struct {
	Schema string  `json:"schema"`
	Title  string  `json:"title"`
	Size   string  `json:"size"`
	Seed   uint64  `json:"seed"`
	Flips  float64 `json:"flips"` // that Power is planned with
	// Models are the reference and the candidates, then the models that scorers
	// ask.
	Models      []ModelForecast      `json:"models"`
	Comparisons []ComparisonForecast `json:"comparisons"`
	// Warnings name the comparisons that cannot pass, with what is missing.
	Warnings []string `json:"warnings,omitempty"`
	// Blocked tells that one of them keeps the gate shut whatever is answered.
	Blocked bool `json:"blocked"`
}

// ModelForecast is what one model is asked. Calls that fail and are tried again
// are not in it, nor those that [File.Curtail] may spare, nor cases that planted
// damage answers without asking.
type ModelForecast struct {
	Name     string `json:"name"`
	Provider string `json:"provider"`
	Cases    int    `json:"cases"`
	// Calls are different ones: a question that several cases share is asked
	// once. Again are those of them that ask the reference a second time.
	Calls int `json:"calls"`
	Again int `json:"again,omitempty"`
	// InputTokens are estimated from the texts alone, by one count for all
	// models; OutputTokens are the limits of the answers, so at most.
	InputTokens  int `json:"input_tokens"`
	OutputTokens int `json:"output_tokens"`
	// Cost is at most, in the unit of the prices; nil without any.
	Cost *float64 `json:"cost,omitempty"`
}

// ComparisonForecast is what one probe, or one of its groups, can show.
type ComparisonForecast struct {
	Probe string `json:"probe"`
	Group string `json:"group,omitempty"`
	File  string `json:"file"`
	Line  int    `json:"line"`
	// Gated tells that its verdict can block a release candidate.
	Gated bool `json:"gated"`
	drift.Prospect
}

// Price is what a model costs, in any unit, for a million tokens.
type Price struct{ Input, Output float64 }

// of is what so many tokens cost; nil where there is no price.
func (p *Price) of(input, output int) *float64 {
	if p == nil {
		return nil
	}
	const million = 1e6
	cost := (float64(input)*p.Input + float64(output)*p.Output) / million
	return &cost
}

// Forecast tells what the plan costs and can show, if a share of flips in [0,1]
// happens without a true drop. Today is the day as YYYY-MM-DD, by which waivers
// expire.
func (p *Plan) Forecast(flips float64, today string) (*Forecast, error) {
	f := &Forecast{
		Schema: ForecastSchema, Title: p.file.Title, Size: string(p.file.Size), Seed: p.file.Seed, Flips: flips,
	}
	for i, m := range p.file.models() {
		var again []*probes.Case
		if i == 0 {
			again = p.again()
		}
		f.Models = append(f.Models, forecastModel(m, p.cases(m.Name), again))
	}
	f.Models = append(f.Models, p.forecastPanel()...)
	var err error
	if f.Comparisons, err = p.prospects(flips); err != nil {
		return nil, err
	}
	f.Warnings = hopeless(f.Comparisons)
	f.Blocked = p.blocked(f.Comparisons, today)
	return f, nil
}

// blocked tells whether comparisons that cannot pass keep the gate shut. What
// has a guard may also end uninformative, which is for the policy to say.
func (p *Plan) blocked(list []ComparisonForecast, today string) bool {
	policy := p.file.Policy
	hopeless := 0
	for _, c := range list {
		waived := slices.ContainsFunc(policy.Waivers, func(w drift.Waiver) bool {
			return drift.MatchesProbe(w.Probe, c.Probe) && w.Until >= today
		})
		excused := p.probe(c.Probe).GuardAtLeast != nil && policy.Uninformative != "block"
		if c.Gated && c.CannotPass && !waived && !excused {
			hopeless++
		}
	}
	switch {
	case p.file.Size == probes.Smoke:
		return false
	case policy.Inconclusive == "block":
		return hopeless > 0
	}
	return policy.MaxInconclusive != nil && hopeless > *policy.MaxInconclusive
}

// CannotPass names the comparisons that cannot pass however the answers fall,
// each with what is missing.
func (p *Plan) CannotPass() ([]string, error) {
	list, err := p.prospects(0)
	return hopeless(list), err
}

func hopeless(list []ComparisonForecast) []string {
	var lines []string
	for _, c := range list {
		if !c.CannotPass {
			continue
		}
		where := "all cases"
		if c.Group != "" {
			where = c.Group
		}
		lines = append(lines, fmt.Sprintf("%s:%d: %s (%s): %d cases in %d clusters cannot pass a margin of %g points, however the answers fall: add %d",
			c.File, c.Line, c.Probe, where, c.N, c.Clusters, 100*c.Margin, c.AddToPass))
	}
	return lines
}

// prospects are those of each probe and group that is compared.
func (p *Plan) prospects(flips float64) ([]ComparisonForecast, error) {
	var list []ComparisonForecast
	at := map[ComparisonID]int{} // without a candidate
	known := map[string]drift.Prospect{}
	for _, id := range p.comparisons {
		key := ComparisonID{Probe: id.Probe, Group: id.Group}
		i, ok := at[key]
		if !ok {
			probe := p.probe(id.Probe)
			sizes := clusterSizes(units(probe, id.Group))
			margin := p.margin(probe, id.Group)
			same := fmt.Sprint(sizes, margin)
			prospect, ok := known[same]
			if !ok {
				var err error
				if prospect, err = drift.NewProspect(sizes, flips, margin, p.file.Policy.Alpha); err != nil {
					return nil, fmt.Errorf("plan %s: %w", id.Probe, err)
				}
				known[same] = prospect
			}
			i = len(list)
			at[key] = i
			list = append(list, ComparisonForecast{Probe: id.Probe, Group: id.Group, File: probe.File, Line: probe.Line, Prospect: prospect})
		}
		list[i].Gated = list[i].Gated || p.gates(id)
	}
	return list, nil
}

// gates tells whether a comparison can block a release candidate.
func (p *Plan) gates(id ComparisonID) bool {
	i := slices.IndexFunc(p.file.Candidates, func(m Model) bool { return m.Name == id.Candidate })
	return p.file.Candidates[i].Expect == drift.ExpectPass && !p.file.Policy.IsAdvisory(id.Probe) && !p.probe(id.Probe).Advisory()
}

// clusterSizes are the numbers of units in each cluster, in order of appearance.
func clusterSizes(list []unit) []int {
	var sizes []int
	at := map[string]int{}
	for _, u := range list {
		cluster := u.cases[0].Cluster
		i, ok := at[cluster]
		if !ok {
			i = len(sizes)
			at[cluster] = i
			sizes = append(sizes, 0)
		}
		sizes[i]++
	}
	return sizes
}

func forecastModel(m Model, cases, again []*probes.Case) ModelForecast {
	f := ModelForecast{Name: m.Name, Provider: m.Provider, Cases: len(cases)}
	if m.Planted != nil {
		cases = slices.DeleteFunc(slices.Clone(cases), func(c *probes.Case) bool { return !m.Planted.Asks(c.Groups) })
	}
	calls := distinctCalls(cases)
	second := distinctCalls(again)
	f.Again = len(second)
	f.Calls = len(calls) + f.Again
	for _, c := range append(calls, second...) {
		input, output := c.tokens()
		f.InputTokens += input
		f.OutputTokens += output
	}
	f.Cost = m.Price.of(f.InputTokens, f.OutputTokens)
	return f
}

// plannedCall is one turn of a case that is asked.
type plannedCall struct {
	c    *probes.Case
	turn int
}

// distinctCalls lists the calls that cases make, at most: turns after an answer
// count for each case, since they are sent with that answer.
func distinctCalls(cases []*probes.Case) []plannedCall {
	var list []plannedCall
	known := listed{}
	for _, c := range cases {
		first := known.add(c)
		for turn, step := range c.Steps {
			for sample := first; sample < c.Samples && step.Scripted == nil; sample++ {
				list = append(list, plannedCall{c, turn})
			}
		}
	}
	return list
}

// listed are the samples of requests that are listed already.
type listed map[string]int

// add lists the samples of a case, and returns the first that was not listed.
func (l listed) add(c *probes.Case) (first int) {
	if key, ok := requestKey(c); ok {
		first = l[key]
		l[key] = max(first, c.Samples)
	}
	return first
}

// callCounter counts different calls, as [distinctCalls] lists them.
type callCounter struct {
	n     int
	known listed // of cases that may make the same call
}

// add counts the calls of a case; repeated are the openings of several cases.
func (k *callCounter) add(c *probes.Case, repeated map[uint64]bool) {
	first := 0
	if _, ok := repeated[opening(c)]; ok {
		if k.known == nil {
			k.known = listed{}
		}
		first = k.known.add(c)
	}
	for _, step := range c.Steps {
		if step.Scripted == nil {
			k.n += max(0, c.Samples-first)
		}
	}
}

// requestKey is equal for cases that make the same single call.
func requestKey(c *probes.Case) (string, bool) {
	if len(c.Steps) != 1 {
		return "", false
	}
	var options []string
	if c.OptionLogprob {
		for _, o := range c.Options {
			options = append(options, o.Text)
		}
	}
	key, err := json.Marshal([]any{c.Opening(), c.Sampling, options})
	return string(key), err == nil
}

// tokens estimates what a call sends, and bounds what comes back.
func (p plannedCall) tokens() (input, output int) {
	input = p.c.SystemTokens()
	for i, step := range p.c.Steps[:p.turn+1] {
		input += step.Tokens()
		switch {
		case i == p.turn:
		case step.Scripted != nil:
			input += prose.CountTokens(*step.Scripted)
		default:
			input += p.c.Sampling.MaxTokens
		}
	}
	if !p.c.OptionLogprob {
		return input, p.c.Sampling.MaxTokens
	}
	for _, o := range p.c.Options {
		input += prose.CountTokens(o.Text)
	}
	return input, 0
}
