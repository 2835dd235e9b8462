package audit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"gopkg.in/yaml.v3"
)

// All models get the same messages and the same sampling by construction. What
// can differ in silence is how a server turns messages into a prompt, how much
// of it the model can read, and whether the model reasons before it answers.

// The differences between reference and candidate that an audit file may allow.
const (
	differNumCtx   = "num_ctx"
	differTemplate = "chat_template"
	differThought  = "reasoning"
	differContext  = "context" // cases that are longer than a model's context
)

// allows tells whether the audit file lists a difference.
func (f *File) allows(difference string) bool { return slices.Contains(f.Differences, difference) }

// differences reads what reference and candidates may differ in.
func (r *fileReader) differences(n *yaml.Node) {
	for _, item := range r.Items(n, "differences") {
		r.out.Differences = append(r.out.Differences, r.OneOf(item, "difference", differNumCtx, differTemplate, differThought, differContext))
	}
}

// compare refuses settings of a candidate that differ from the reference's,
// unless the file allows it: then every report says so.
func (r *fileReader) compare(items []*yaml.Node) {
	for i, c := range r.out.Candidates {
		for _, d := range differing(r.out.Reference, c) {
			if !r.out.allows(d.name) {
				r.At(items[i], "%s of %s is %v, but that of the reference is %v: expected the same, or %s among `differences`",
					d.name, c.Name, d.candidate, d.reference, d.name)
				continue
			}
			r.out.Notes = append(r.out.Notes, fmt.Sprintf("not asked alike, as the audit file allows: %s of %s is %v, that of the reference %v",
				d.name, c.Name, d.candidate, d.reference))
		}
	}
}

// difference is one setting in which a candidate is not asked like the
// reference.
type difference struct {
	name                 string
	reference, candidate any
}

func differing(reference, c Model) []difference {
	if !asksServer(reference) || !asksServer(c) {
		return nil
	}
	var list []difference
	if c.ChatTemplate != reference.ChatTemplate {
		list = append(list, difference{differTemplate, orServers(reference.ChatTemplate), orServers(c.ChatTemplate)})
	}
	if c.Reasoning != reference.Reasoning {
		list = append(list, difference{differThought, orServers(reference.Reasoning), orServers(c.Reasoning)})
	}
	if c.NumCtx != reference.NumCtx && setsContext(reference) && setsContext(c) {
		list = append(list, difference{differNumCtx, orServers(reference.NumCtx), orServers(c.NumCtx)})
	}
	return list
}

// orServers is a setting; zero leaves it to the server.
func orServers[T comparable](x T) any {
	if x == *new(T) {
		return "the server's own"
	}
	return x
}

// asksServer tells whether the model's answers are made now, by a server: a
// recording was made under settings of its own, and a specimen has no others.
func asksServer(m Model) bool {
	switch m.Provider {
	case "replay", "recorded", "specimen":
		return false
	}
	return true
}

func setsContext(m Model) bool {
	p, err := models.LookUp(m.Provider)
	return err == nil && p.Can.NumCtx
}

// counter is a model whose server counts the tokens of a prompt.
type counter interface {
	// PromptTokens is false where the server does not count.
	PromptTokens(context.Context, models.Request) (n int, ok bool, err error)
}

// fits refuses, before anything is asked, a case that is longer than the context
// of a model whose server counts tokens. Where none counts, an estimate makes a
// warning.
func (p *Plan) fits(ctx context.Context, sessions []*session) error {
	longest := map[*probes.Probe]*probes.Case{}
	var errs []error
	for _, s := range sessions {
		if s.info.Context == 0 || !asksServer(s.model) || s.model.Planted != nil {
			continue
		}
		long, err := s.longest(ctx, longest)
		if err != nil {
			return fmt.Errorf("model %s: count tokens: %w", s.model.Name, err)
		}
		if long == nil || long.need <= s.info.Context {
			continue
		}
		text := fmt.Sprintf("model %s: case %s takes %s tokens with its answer, but the context holds %d",
			s.model.Name, long.c.ID, long.count(), s.info.Context)
		switch {
		case long.estimated:
			s.notes = append(s.notes, text+": where that is so, its case stays undecided")
		case p.file.allows(differContext):
			s.notes = append(s.notes, text+": such cases stay undecided, as the audit file allows")
		default:
			errs = append(errs, fmt.Errorf("%s: give the server a longer one, leave out probe %s, or list context among `differences`", text, long.c.Probe.ID))
		}
	}
	return errors.Join(errs...)
}

// length is how many tokens a case takes, question and answer.
type length struct {
	c         *probes.Case
	need      int
	estimated bool
}

func (l length) count() string {
	if l.estimated {
		return fmt.Sprintf("about %d", l.need)
	}
	return fmt.Sprint(l.need)
}

// templateTokens bounds what a chat template adds to a conversation.
const templateTokens = 512

// longest measures the longest case of each probe, and returns the one that
// takes most; nil where all are so short that they fit by their bytes. Known are
// the longest cases of probes that were looked at before.
func (s *session) longest(ctx context.Context, known map[*probes.Probe]*probes.Case) (*length, error) {
	var most *length
	for _, c := range longestOf(s.cases, known) {
		req, turns := whole(c)
		if bytesOf(req)+turns*req.MaxTokens+templateTokens <= s.info.Context {
			continue
		}
		l, err := s.measure(ctx, c, req, turns)
		if err != nil {
			return nil, err
		}
		if most == nil || l.need > most.need {
			most = &l
		}
	}
	return most, nil
}

// measure counts by the model's own server where it does that.
func (s *session) measure(ctx context.Context, c *probes.Case, req models.Request, turns int) (length, error) {
	if m, ok := s.asker.(counter); ok {
		n, ok, err := m.PromptTokens(ctx, req)
		if ok || err != nil {
			return length{c, n + turns*req.MaxTokens, false}, err
		}
	}
	input, output := plannedCall{c: c, turn: len(c.Steps) - 1}.tokens()
	return length{c, input + output, true}, nil
}

// longestOf is the case with most bytes of each probe, in order of the probes.
func longestOf(cases []*probes.Case, known map[*probes.Probe]*probes.Case) []*probes.Case {
	size, at := map[*probes.Probe]int{}, map[*probes.Probe]*probes.Case{}
	var order []*probes.Probe
	for _, c := range cases {
		if at[c.Probe] == nil {
			order = append(order, c.Probe)
			at[c.Probe] = known[c.Probe]
		}
		if known[c.Probe] != nil {
			continue
		}
		req, _ := whole(c)
		if n := bytesOf(req); at[c.Probe] == nil || n > size[c.Probe] {
			size[c.Probe], at[c.Probe] = n, c
		}
	}
	list := make([]*probes.Case, 0, len(order))
	for _, probe := range order {
		known[probe] = at[probe]
		list = append(list, at[probe])
	}
	return list
}

// whole is the last request of a case without the model's own replies, and the
// number of those, with that of the last.
func whole(c *probes.Case) (req models.Request, turns int) {
	var messages []models.Message
	if system := c.System(); system != "" {
		messages = append(messages, models.Message{Role: "system", Text: system})
	}
	for i, step := range c.Steps {
		messages = append(messages, models.Message{Role: "user", Text: step.User()})
		if step.Scripted == nil {
			turns++
		}
		if i == len(c.Steps)-1 {
			break
		}
		reply := ""
		if step.Scripted != nil {
			reply = *step.Scripted
		}
		messages = append(messages, models.Message{Role: "assistant", Text: reply})
	}
	return request(c, messages, 0), turns
}

func bytesOf(req models.Request) int {
	n := 0
	for _, m := range req.Messages {
		n += len(m.Text)
	}
	longest := 0
	for _, o := range req.Options {
		longest = max(longest, len(o))
	}
	return n + longest
}

// maxHeard bounds the questions whose prompts are compared.
const maxHeard = 2000

// heard is what the answers tell of how a model was asked.
type heard struct {
	answers  int
	reasoned int            // of them, with reasoning before the answer
	served   map[string]int // answers by the name that the server gave
	prompts  map[string]int // prompt tokens of plain questions, by case
}

func (h *heard) note(c *probes.Case, r models.Response) {
	h.answers++
	if r.Reasoned {
		h.reasoned++
	}
	if r.Served != "" {
		if h.served == nil {
			h.served = map[string]int{}
		}
		h.served[r.Served]++
	}
	if r.PromptTokens > 0 && len(c.Steps) == 1 && !c.OptionLogprob && len(h.prompts) < maxHeard {
		if h.prompts == nil {
			h.prompts = map[string]int{}
		}
		h.prompts[c.ID] = r.PromptTokens
	}
}

// unlike names what shows that models were not asked alike, although the same
// was sent to them.
func unlike(sessions []*session) []string {
	var list []string
	reference := sessions[0]
	for i, s := range sessions {
		if len(s.heard.served) > 1 {
			list = append(list, fmt.Sprintf("%s: its server answered under several names, %s: make sure that one model gave all answers",
				s.model.Name, counted(s.heard.served)))
		}
		if i == 0 || s.model.Planted != nil && s.model.Planted.Damage != "none" {
			continue
		}
		list = append(list, contexts(reference, s)...)
		list = append(list, prompts(reference, s)...)
		list = append(list, reasoning(reference, s)...)
	}
	return list
}

func contexts(reference, s *session) []string {
	was, is := reference.info.Context, s.info.Context
	if was == 0 || is == 0 || was == is || !asksServer(reference.model) || !asksServer(s.model) {
		return nil
	}
	return []string{fmt.Sprintf("%s: its context holds %d tokens, that of %s %d: some models read even short texts in another way with another length",
		s.model.Name, is, reference.model.Name, was)}
}

// prompts compares the servers' token counts of the same questions. Some servers
// leave out what they remember, so that a few may differ.
func prompts(reference, s *session) []string {
	both, differ, example := 0, 0, ""
	for _, id := range slices.Sorted(maps.Keys(s.heard.prompts)) {
		was, ok := reference.heard.prompts[id]
		if !ok {
			continue
		}
		both++
		if is := s.heard.prompts[id]; is != was {
			if differ++; example == "" {
				example = fmt.Sprintf("case %s took %d tokens, of %s %d", id, is, reference.model.Name, was)
			}
		}
	}
	if 2*differ <= both {
		return nil
	}
	return []string{fmt.Sprintf("%s: it read other prompts for %d of %d questions (%s): another chat template, default system message or tokeniser",
		s.model.Name, differ, both, example)}
}

// reasoningApart is the difference of the shares of answers after reasoning that
// is worth a word.
const reasoningApart = 0.1

func reasoning(reference, s *session) []string {
	was, is := reference.heard, s.heard
	if was.answers == 0 || is.answers == 0 {
		return nil
	}
	apart := float64(is.reasoned)/float64(is.answers) - float64(was.reasoned)/float64(was.answers)
	if max(apart, -apart) <= reasoningApart {
		return nil
	}
	return []string{fmt.Sprintf("%s: it reasoned before %d of %d answers, %s before %d of %d: have both do it, or neither",
		s.model.Name, is.reasoned, is.answers, reference.model.Name, was.reasoned, was.answers)}
}

// counted lists names with their counts, the most frequent first.
func counted(m map[string]int) string {
	text := ""
	for i, name := range byCount(m) {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%q (%d)", name, m[name])
	}
	return text
}
