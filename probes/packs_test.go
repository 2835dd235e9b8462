package probes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
)

// A policy answers without understanding anything; right alone looks at what is
// wanted. step is the turn that is judged, sample the number of the call.
type policy struct {
	name   string
	answer func(c *probes.Case, step, sample int) scorers.Answer
}

var right = policy{"always right", func(c *probes.Case, step, sample int) scorers.Answer {
	return solve(c, wantOf(c, step), sample)
}}

// blind are the policies that no probe may take for a model that can do it.
func blind(cases []*probes.Case) []policy {
	commonest := commonestText(cases)
	return []policy{
		// Under log-probabilities there is no place: the shortest option has the
		// fewest tokens, and so the highest sum.
		{"always the first option", func(c *probes.Case, _, _ int) scorers.Answer {
			if c.OptionLogprob {
				return take(c, shortest(c.Options))
			}
			return take(c, 0)
		}},
		{"always the commonest label", func(c *probes.Case, _, _ int) scorers.Answer {
			return take(c, slices.IndexFunc(c.Options, func(o scorers.Option) bool { return o.Text == commonest }))
		}},
		{"always unknown", func(c *probes.Case, _, _ int) scorers.Answer {
			if i := slices.IndexFunc(c.Options, leavesOpen); i >= 0 || c.OptionLogprob {
				return take(c, i)
			}
			return says(c, "I do not know.")
		}},
		{"echo", func(c *probes.Case, step, _ int) scorers.Answer {
			if c.OptionLogprob {
				return take(c, -1)
			}
			return says(c, c.Steps[step].User())
		}},
		{"silent", func(c *probes.Case, _, _ int) scorers.Answer { return take(c, -1) }},
	}
}

// says is an answer in words.
func says(c *probes.Case, text string) scorers.Answer {
	return scorers.Answer{Text: text, Options: c.Options}
}

// take is an answer that takes the option of that index; below 0 it takes none.
func take(c *probes.Case, i int) scorers.Answer {
	a := says(c, "")
	switch {
	case c.OptionLogprob:
		a.OptionLogprobs = make([]float64, len(c.Options))
		if i >= 0 {
			a.OptionLogprobs[i] = 1
		}
	case i >= 0 && i < len(c.Options):
		a.Text = string(rune('A' + i))
	}
	return a
}

// shortest is the option with the shortest text, of equals the first by alphabet.
func shortest(options []scorers.Option) int {
	best := 0
	for i, o := range options {
		if b := options[best].Text; len(o.Text) < len(b) || len(o.Text) == len(b) && o.Text < b {
			best = i
		}
	}
	return best
}

func leavesOpen(o scorers.Option) bool {
	for _, sign := range []string{"unknown", "cannot be", "neither", "equally", "not stated", "none"} {
		if strings.Contains(strings.ToLower(o.Text), sign) {
			return true
		}
	}
	return false
}

// commonestText is the text that is right most often, the smallest of equals.
func commonestText(cases []*probes.Case) string {
	count := map[string]int{}
	for _, c := range cases {
		for i, o := range c.Options {
			if judge(c, func(int) scorers.Answer { return take(c, i) }) {
				count[o.Text]++
			}
		}
	}
	best := ""
	for text, n := range count {
		if n > count[best] || n == count[best] && text < best {
			best = text
		}
	}
	return best
}

// judge tells whether every judged turn of a case passes.
func judge(c *probes.Case, answer func(step int) scorers.Answer) bool {
	for i, step := range c.Steps {
		if step.Want == nil {
			continue
		}
		a := answer(i)
		a.Question = step.User()
		if step.Want.Score(a).Outcome != drift.Pass {
			return false
		}
	}
	return true
}

// observe is what a policy does with a case, over its samples.
func (p policy) observe(c *probes.Case) (pass bool, said string) {
	last := len(c.Steps) - 1
	if want, ok := c.Steps[last].Want.(scorers.Opinion); ok {
		return p.opines(c, want), ""
	}
	answer := func(step int) scorers.Answer { return p.answer(c, step, 0) }
	a := answer(last)
	r := c.Steps[last].Want.Score(a)
	return judge(c, answer), r.Parsed
}

func (p policy) opines(c *probes.Case, want scorers.Opinion) bool {
	counts := make([]int, len(c.Options))
	for sample := range c.Samples {
		r := want.Score(p.answer(c, 0, sample))
		if i := slices.IndexFunc(c.Options, func(o scorers.Option) bool { return o.Is == r.Parsed }); i >= 0 {
			counts[i]++
		}
	}
	match, err := scorers.OpinionMatch(want.Shares, counts)
	return err == nil && match >= want.AtLeast
}

// bundled parts cases into what has one outcome, in order.
func bundled(p *probes.Probe, cases []*probes.Case) [][]*probes.Case {
	at := map[string]int{}
	var list [][]*probes.Case
	for _, c := range cases {
		id := c.ID
		if p.Relation != "" && p.Relation != "paired" {
			id = c.Bundle
		}
		i, ok := at[id]
		if !ok {
			i = len(list)
			at[id], list = i, append(list, nil)
		}
		list[i] = append(list[i], c)
	}
	return list
}

// outcomes are those of a policy over units: all members must pass, or, under
// invariant, all must be read alike.
func (p policy) outcomes(t *testing.T, relation string, list [][]*probes.Case) []bool {
	t.Helper()
	var out []bool
	for _, unit := range list {
		holds, first := true, ""
		for i, c := range unit {
			pass, said := p.observe(c)
			if i == 0 {
				first = said
			}
			switch relation {
			case "", "paired", "all":
				holds = holds && pass
			case "invariant":
				holds = holds && said != "" && said == first
			default:
				t.Fatalf("no policy is judged under the relation %q", relation)
			}
		}
		out = append(out, holds)
	}
	return out
}

func share(outcomes []bool) float64 {
	n := 0.0
	for _, pass := range outcomes {
		if pass {
			n++
		}
	}
	return n / float64(max(1, len(outcomes)))
}

func pairs(list [][]*probes.Case, reference, candidate []bool) []drift.Pair {
	of := func(pass bool) drift.Observation {
		if pass {
			return drift.Observation{Outcome: drift.Pass, Passes: 1, Samples: 1}
		}
		return drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonWrong, Samples: 1}
	}
	out := make([]drift.Pair, len(list))
	for i, unit := range list {
		out[i] = drift.Pair{Case: unit[0].ID, Cluster: unit[0].Cluster, Reference: of(reference[i]), Candidate: of(candidate[i])}
	}
	return out
}

func TestPoliciesThatUnderstandNothingPassNoProbe(t *testing.T) {
	if testing.Short() {
		t.Skip("answers every probe many times")
	}
	for _, pack := range probes.Packs {
		// The long texts of longrange are read at smoke size, to save time.
		size := probes.Standard
		if pack == "longrange" || testing.Short() {
			size = probes.Smoke
		}
		suite, err := probes.Load([]string{"builtin:" + pack}, probes.LoadOptions{Size: size, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range suite.Probes {
			t.Run(p.ID, func(t *testing.T) {
				checkRight(t, p)
				checkBlind(t, p, size)
				checkGroups(t, p)
			})
		}
	}
}

// checkGroups holds a group to more than one right answer: a group in which one
// text is always right is within noise of a constant answer for every good
// reference, and so never says anything.
func checkGroups(t *testing.T, p *probes.Probe) {
	for group, cases := range byGroup(p) {
		text := commonestText(cases)
		lost := func(c *probes.Case) bool {
			i := slices.IndexFunc(c.Options, func(o scorers.Option) bool { return o.Text == text })
			return i < 0 || !judge(c, func(int) scorers.Answer { return take(c, i) })
		}
		if !slices.ContainsFunc(cases, lost) && !anyIsRight(cases[0]) {
			t.Errorf("%q is right in every case of %s: expected a group with several answers", text, group)
		}
	}
}

func byGroup(p *probes.Probe) map[string][]*probes.Case {
	groups := map[string][]*probes.Case{}
	for _, c := range p.Cases() {
		for _, g := range c.Groups {
			groups[g] = append(groups[g], c)
		}
	}
	return groups
}

// anyIsRight tells whether every option of a case passes, as for a distribution.
func anyIsRight(c *probes.Case) bool {
	for i := range c.Options {
		if !judge(c, func(int) scorers.Answer { return take(c, i) }) {
			return false
		}
	}
	return true
}

// checkRight holds a probe to being passed by the answers that it wants.
func checkRight(t *testing.T, p *probes.Probe) {
	missed := 0
	for _, unit := range bundled(p, p.Cases()) {
		if share(right.outcomes(t, p.Relation, [][]*probes.Case{unit})) == 1 {
			continue
		}
		if missed++; missed == 1 {
			c := unit[0]
			step := len(c.Steps) - 1
			a := right.answer(c, step, 0)
			a.Question = c.Steps[step].User()
			t.Errorf("%s: the right answer %q fails: %s", c.ID, a.Text, c.Steps[step].Want.Score(a).Detail)
		}
	}
	if missed > 1 {
		t.Errorf("the right answer fails in %d units", missed)
	}
}

// checkBlind holds every blind policy to being blocked as a candidate, and to
// being called uninformative as a reference.
func checkBlind(t *testing.T, p *probes.Probe, size probes.Size) {
	list := bundled(p, p.Cases())
	all := right.outcomes(t, p.Relation, list)
	policies := blind(p.Cases())
	seen := map[string][]bool{}
	best := guess(p, list)
	for _, b := range policies {
		seen[b.name] = b.outcomes(t, p.Relation, list)
	}
	best = max(best, share(seen["always the commonest label"]))
	if !p.Cases()[0].OptionLogprob {
		best = max(best, share(seen["always the first option"]))
	}
	for i, b := range policies {
		o := drift.CompareOptions{Margin: 0.05, Alpha: 0.05, MaxUndecided: 0.05}
		blocked := compare(t, pairs(list, all, seen[b.name]), o)
		if blocked.Verdict == drift.VerdictPass || blocked.Verdict != drift.VerdictFail && size != probes.Smoke {
			t.Errorf("%s, a candidate that passes %.0f %%, is called %s: want fail", b.name, 100*share(seen[b.name]), blocked.Verdict)
		}
		if len(p.Cases()[0].Options) > 0 && p.Relation != "invariant" {
			o.Baseline = &best
		}
		// Right options are often a little shorter; more than a coin would do is
		// too much.
		if coin := max(best, 0.5); p.Cases()[0].OptionLogprob && i == 0 {
			o.Baseline = &coin
		}
		// A text about nothing keeps many a rule on form; and where there is no
		// baseline, what is blind is found out by passing little.
		if onForm(p) || o.Baseline == nil && share(seen[b.name]) < little {
			continue
		}
		if p.GuardAtLeast != nil {
			o.GuardAtLeast, o.GuardRate = p.GuardAtLeast, guardRate(t, p, b)
		}
		self := compare(t, pairs(list, seen[b.name], seen[b.name]), o)
		if self.Verdict == drift.VerdictPass || self.Verdict != drift.VerdictUninformative && size != probes.Smoke {
			t.Errorf("%s, a reference that passes %.0f %%, is called %s: want uninformative", b.name, 100*share(seen[b.name]), self.Verdict)
		}
	}
}

// little is a share of passes that no model worth comparing stays under.
const little = 0.25

// onForm tells whether nothing but the form of the answers is wanted.
func onForm(p *probes.Probe) bool {
	return !slices.ContainsFunc(p.Cases(), func(c *probes.Case) bool {
		want, ok := wantOf(c, len(c.Steps)-1).(map[string]any)
		return !ok || want["constraints"] == nil
	})
}

func compare(t *testing.T, list []drift.Pair, o drift.CompareOptions) drift.Comparison {
	t.Helper()
	c, err := drift.Compare(list, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func guardRate(t *testing.T, p *probes.Probe, b policy) *float64 {
	guarded := slices.DeleteFunc(slices.Clone(p.Cases()), func(c *probes.Case) bool { return !slices.Contains(c.Groups, "guard") })
	rate := share(b.outcomes(t, p.Relation, bundled(p, guarded)))
	return &rate
}

// guess is the expected share of units that a uniform guess passes.
func guess(p *probes.Probe, list [][]*probes.Case) float64 {
	sum := 0.0
	for _, unit := range list {
		chance := 1.0
		for _, c := range unit {
			hits := 0.0
			for i := range c.Options {
				if judge(c, func(int) scorers.Answer { return take(c, i) }) {
					hits++
				}
			}
			chance *= hits / float64(max(1, len(c.Options)))
		}
		sum += chance
	}
	return sum / float64(len(list))
}
