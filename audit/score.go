package audit

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
)

func undecided(f *models.Failure) drift.Observation {
	return drift.Observation{Outcome: drift.Undecided, Reason: f.Kind, Detail: f.Error()}
}

// refusal finds an answer that declines the task.
var refusal = regexp.MustCompile(`(?i)^\W*(i['’]?m sorry|i am sorry|sorry,|i can(no|['’])t|i am unable|i['’]m unable|i won['’]t|as an ai)`)

// scoreCase judges the turns of one conversation: all that are judged must
// hold, and the first that does not gives the reason. A turn that fails settles
// the case, whatever is undecided of the others.
func scoreCase(c *probes.Case, responses []*models.Response, score func(scorers.Scorer, scorers.Answer) scorers.Result) drift.Observation {
	o := drift.Observation{Outcome: drift.Pass, Samples: 1, Digest: digest(responses)}
	for i, step := range c.Steps {
		r := responses[i]
		if r == nil {
			continue
		}
		o.Text = excerpt(r.Text)
		o.Cut = o.Cut || r.Finish == "length"
		o.Refused = o.Refused || refusal.MatchString(r.Text)
		if step.Want == nil {
			continue
		}
		result := score(step.Want, scorers.Answer{
			Text: r.Text, Question: step.User(), Options: c.Options, OptionLogprobs: r.OptionLogprobs,
		})
		o.Answer, o.Share, o.Tiers = result.Parsed, result.Share, result.Tiers
		o.TokenLogprobs, o.Votes = r.Logprobs, result.Votes
		if result.Outcome != drift.Pass && o.Outcome == drift.Pass || result.Outcome == drift.Fail && o.Outcome == drift.Undecided {
			o.Outcome, o.Reason, o.Detail = result.Outcome, result.Reason, result.Detail
		}
	}
	if c.OptionLogprob {
		o.Text = logprobText(c, responses[len(responses)-1])
		o.OptionLogprobs = optionLogprobs(c, responses[len(responses)-1])
	}
	if o.Answer == "" && o.Reason != drift.ReasonUnparsed {
		o.Answer = strings.Join(strings.Fields(o.Text), " ")
	}
	switch o.Outcome {
	case drift.Pass:
		o.Passes = 1
	case drift.Undecided:
		o.Samples = 0
	}
	return o
}

// digest is the hash of the responses to the asked turns, whole: what reports
// show of them is cut and rounded.
func digest(responses []*models.Response) string {
	var all strings.Builder
	for _, r := range responses {
		if r != nil {
			fmt.Fprintf(&all, "%q %v\n", r.Text, r.OptionLogprobs)
		}
	}
	return shortSum(all.String())
}

func excerpt(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + " …"
}

// logprobText shows what a model thought of the options, the likeliest first.
func logprobText(c *probes.Case, r *models.Response) string {
	order := make([]int, min(len(c.Options), len(r.OptionLogprobs)))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(r.OptionLogprobs[j], r.OptionLogprobs[i]) })
	var parts []string
	for _, i := range order[:min(4, len(order))] {
		parts = append(parts, fmt.Sprintf("%s (%.2f)", strings.TrimSpace(c.Options[i].Text), r.OptionLogprobs[i]))
	}
	return strings.Join(parts, ", ")
}

// optionLogprobs names the log-probabilities of the options; nil where they do
// not fit.
func optionLogprobs(c *probes.Case, r *models.Response) map[string]float64 {
	if len(r.OptionLogprobs) != len(c.Options) {
		return nil
	}
	by := map[string]float64{}
	for i, o := range c.Options {
		by[o.Is] = r.OptionLogprobs[i]
	}
	return by
}

// tally sums the samples of one case.
type tally struct {
	c      *probes.Case
	all    []drift.Observation
	passes int
}

func (t *tally) add(o drift.Observation) {
	t.all = append(t.all, o)
	t.passes += o.Passes
}

// observation is the case's: a pass where more than half of the samples pass.
// Its reason and text are those of the first sample that shows it.
func (t *tally) observation() drift.Observation {
	if len(t.all) == 1 {
		return t.all[0]
	}
	if o, ok := t.opinion(); ok {
		return o
	}
	outcome := drift.Fail
	if 2*t.passes > len(t.all) {
		outcome = drift.Pass
	}
	i := slices.IndexFunc(t.all, func(o drift.Observation) bool { return o.Outcome == outcome })
	o := t.all[max(0, i)]
	o.Passes, o.Samples, o.Digest = t.passes, len(t.all), t.digest()
	t.average(&o)
	return o
}

// digest is the hash of the answers of all samples.
func (t *tally) digest() string {
	var all strings.Builder
	for _, o := range t.all {
		fmt.Fprintln(&all, o.Digest)
	}
	return shortSum(all.String())
}

// average fills in what the samples show together.
func (t *tally) average(o *drift.Observation) {
	o.Share, o.Tiers = nil, nil
	share, tiers := 0.0, map[string]float64{}
	for _, sample := range t.all {
		o.Answers = append(o.Answers, sample.Answer)
		if sample.Share != nil {
			share += *sample.Share / float64(len(t.all))
			o.Share = &share
		}
		for tier, x := range sample.Tiers {
			tiers[tier] += x / float64(len(t.all))
			o.Tiers = tiers
		}
	}
}

// opinion judges the distribution of the samples against that of a group.
func (t *tally) opinion() (drift.Observation, bool) {
	want, ok := t.c.Steps[len(t.c.Steps)-1].Want.(scorers.Opinion)
	if !ok {
		return drift.Observation{}, false
	}
	counts := make([]int, len(t.c.Options))
	for _, o := range t.all {
		if i := slices.IndexFunc(t.c.Options, func(x scorers.Option) bool { return x.Is == o.Answer }); i >= 0 {
			counts[i]++
		}
	}
	o := drift.Observation{Outcome: drift.Fail, Reason: drift.ReasonUnparsed, Samples: 1, Text: fmt.Sprint(counts), Digest: t.digest()}
	match, err := scorers.OpinionMatch(want.Shares, counts)
	if err != nil {
		o.Detail = err.Error()
		return o, true
	}
	o.Share = &match
	o.Reason, o.Detail = drift.ReasonWrong, fmt.Sprintf("match %.2f, want at least %.2f", match, want.AtLeast)
	o.Answer = fmt.Sprintf("%.2f", match)
	if match >= want.AtLeast {
		o.Outcome, o.Reason, o.Detail, o.Passes = drift.Pass, "", "", 1
	}
	return o, true
}

// byCount lists keys by falling count, then by text.
func byCount(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b))
	})
	return keys
}
