package probes

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gambit-audit/gambit/scorers"
	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// maxCases bounds one probe.
const maxCases = 1_000_000

// maxTemplateProblems bounds the errors of cases that are reported for one
// probe: a wrong template is wrong in every case.
const maxTemplateProblems = 5

// expand makes the cases of a checked probe.
func (s *spec) expand() {
	combinations := s.combinations()
	combinations = s.excluded(combinations)
	if len(combinations) == 0 && len(s.Problems) == s.Unexpected {
		s.At(s.node, "zero cases: expected at least one combination that is not excluded")
	}
	before := len(s.Problems)
	for made, err := range s.inTime(combinations) {
		if err != nil {
			s.templateProblem(err)
		}
		if errors.Is(err, errTooSlow) || len(s.Problems)-before >= maxTemplateProblems {
			return
		}
		s.probe.cases = append(s.probe.cases, made...)
	}
	s.probe.count = len(s.probe.cases)
	s.checkIDs()
	s.settleAnchors()
	s.checkGuard(combinations)
	if s.bundle != nil {
		s.checkBundles()
	}
}

// remake makes the cases again that expand made.
func (s *spec) remake() []*Case {
	list := s.combinations()
	for _, f := range s.exclude {
		list = slices.DeleteFunc(list, f.matches)
	}
	var cases []*Case
	for _, c := range list {
		made, err := s.expandOne(c)
		if err != nil {
			panic(fmt.Sprintf("probe %s: its cases were made before and cannot be made again: %v", s.probe.ID, err))
		}
		cases = append(cases, made...)
	}
	return cases
}

func (s *spec) templateProblem(err error) {
	node := s.node
	var t *templateError
	if errors.As(err, &t) {
		node = t.node
	}
	problem := strictyaml.Position(s.Name, node, "%v", err)
	if !slices.ContainsFunc(s.Problems, func(e error) bool { return e.Error() == problem.Error() }) {
		s.Problems = append(s.Problems, problem)
	}
}

// combinations multiplies the axes, the first outermost.
func (s *spec) combinations() []combination {
	rows := [][]axisValue{nil}
	for i, a := range s.axes {
		for j := range a.values {
			a.values[j] = a.values[j].placed(a.name)
		}
		var next [][]axisValue
		for _, row := range rows {
			values := a.values
			if a.eachAxis != "" {
				values = s.each(a, combination{s.axes[:i], row})
			}
			for _, v := range values {
				next = append(next, append(slices.Clip(row), v))
			}
			if len(next) > maxCases {
				s.At(a.node, "more than %d cases: expected smaller axes", maxCases)
				return nil
			}
		}
		rows = next
	}
	list := make([]combination, len(rows))
	for i, row := range rows {
		list[i] = combination{s.axes, row}
	}
	return list
}

// each gives the values of an axis that runs over a list in an earlier one.
func (s *spec) each(a axis, c combination) []axisValue {
	i := slices.IndexFunc(c.axes, func(o axis) bool { return o.name == a.eachAxis })
	list, ok := c.values[i].value.get(a.eachField)
	if !ok || list.kind != yaml.SequenceNode || len(list.list) == 0 {
		s.At(c.values[i].value.node, "%s.%s of axis %q: expected a list with at least one value", a.eachAxis, a.eachField, a.name)
		return nil
	}
	var values []axisValue
	for _, item := range list.list {
		values = append(values, axisValue{key: keyOf(item), value: item}.placed(a.name))
	}
	values = taken(s.probe.ID, values, a.take)
	s.checkKeys(list.node, fmt.Sprintf("axis %q", a.name), values)
	return values
}

func (s *spec) excluded(list []combination) []combination {
	for _, f := range s.exclude {
		before := len(list)
		list = slices.DeleteFunc(list, f.matches)
		if len(list) == before {
			s.At(f.node, "exclude matches no combination: expected values that the axes have")
		}
	}
	return list
}

// maxCaseTime bounds the templates of one combination, as Jinja2 can loop for
// hours without making any text.
const maxCaseTime = 5 * time.Second

var errTooSlow = fmt.Errorf("the templates of a case took longer than %s: expected smaller loops", maxCaseTime)

// inTime expands combinations, each within maxCaseTime; after one that takes
// longer nothing more comes. What does not come back in time is left to itself: it
// changes nothing of the spec.
func (s *spec) inTime(list []combination) iter.Seq2[[]*Case, error] {
	return func(yield func([]*Case, error) bool) {
		type result struct {
			made []*Case
			err  error
		}
		results, stop := make(chan result, expandAhead), make(chan struct{})
		defer close(stop)
		go func() {
			for _, c := range list {
				made, err := s.expandOne(c)
				select {
				case results <- result{made, err}:
				case <-stop:
					return
				}
			}
		}()
		timer := time.NewTimer(maxCaseTime)
		defer timer.Stop()
		for range list {
			timer.Reset(maxCaseTime)
			select {
			case r := <-results:
				if !yield(r.made, r.err) {
					return
				}
			case <-timer.C:
				yield(nil, errTooSlow)
				return
			}
		}
	}
}

// expandAhead is how many combinations may be expanded before they are looked at.
const expandAhead = 64

// expandOne makes the cases of one combination: one for each option order.
func (s *spec) expandOne(c combination) ([]*Case, error) {
	b := s.body
	if cases := s.cases(); len(cases) > 0 {
		b = b.over(*c.values[0].body)
		if err := s.checkCase(b, c.values[0].value.node); err != nil {
			return nil, err
		}
	}
	scope, err := s.scope(c, b)
	if err != nil {
		return nil, err
	}
	context, err := s.context(c, b, scope)
	if err != nil {
		return nil, err
	}
	options, err := s.options(b, scope)
	if err != nil {
		return nil, err
	}
	var list []*Case
	for i, order := range s.orders(len(options)) {
		made, err := s.makeCase(c, b, scope, context, reordered(options, order), i)
		if err != nil {
			return nil, err
		}
		list = append(list, made)
	}
	return list, nil
}

// checkCase holds a hand-written case to what a probe must have.
func (s *spec) checkCase(b body, node *yaml.Node) error {
	switch {
	case b.prompt.isZero() && !b.hasTurns():
		return &templateError{node, fmt.Errorf("case without \"prompt\" or \"turns\": expected one, here or in the probe")}
	case !b.prompt.isZero() && b.want.isZero():
		return &templateError{node, fmt.Errorf("case without \"want\": expected a scorer, here or in the probe")}
	case b.hasTurns() && !b.want.isZero():
		return &templateError{node, fmt.Errorf("\"want\" beside \"turns\": expected it inside a turn")}
	case s.output == "option_logprob" && (b.hasTurns() || !b.system.isZero()):
		return &templateError{node, fmt.Errorf("option_logprob with \"turns\" or \"system\": expected a single prompt")}
	}
	return nil
}

// scope fills in, in this order: axis values without templates, random draws,
// the axes' own templates in file order, vars.
func (s *spec) scope(c combination, b body) (map[string]any, error) {
	scope := map[string]any{}
	for i, a := range c.axes {
		if a.name != casesAxis {
			bindPlain(scope, a.name, c.values[i].value)
		}
	}
	for _, d := range s.random {
		v, err := d.value(newStream(s.seed, s.seedParts(d.name, d.per, c)...), scope)
		if err != nil {
			return nil, err
		}
		scope[d.name] = v
	}
	for i, a := range c.axes {
		if a.name != casesAxis {
			if err := bindTemplates(scope, a.name, c.values[i].value); err != nil {
				return nil, err
			}
		}
	}
	for _, v := range b.vars {
		out, err := v.value.render(scope)
		if err != nil {
			return nil, err
		}
		scope[v.name] = out
	}
	return scope, nil
}

// context plans the long text of a case, nil for none.
func (s *spec) context(c combination, b body, scope map[string]any) (*longText, error) {
	if b.context == nil {
		return nil, nil
	}
	return b.context.plan(newStream(s.seed, s.seedParts("context", nil, c)...), scope)
}

// seedParts are what a draw's seed is made of. Without per it depends on all
// axes but those that a bundle runs over, so that a bundle shares its draws.
func (s *spec) seedParts(name string, per []string, c combination) []string {
	keep := func(axis string) bool {
		if per != nil {
			return slices.Contains(per, axis)
		}
		return s.bundle == nil || !slices.Contains(s.bundle.over, axis)
	}
	parts := []string{s.probe.ID, fmt.Sprint(s.probe.Version), name}
	return append(parts, c.keys(keep)...)
}

// bindPlain binds what needs no rendering; a template stays undefined until
// its turn, so that using it too early is an error.
func bindPlain(scope map[string]any, name string, v value) {
	switch {
	case v.kind == yaml.MappingNode:
		fields := make(map[string]any, len(v.fields))
		for _, f := range v.fields {
			if !f.value.templated() {
				fields[f.name] = f.value.raw()
			}
		}
		scope[name] = fields
	case !v.templated():
		scope[name] = v.raw()
	}
}

func bindTemplates(scope map[string]any, name string, v value) error {
	if !v.templated() {
		return nil
	}
	if v.kind != yaml.MappingNode {
		out, err := v.render(scope)
		scope[name] = out
		return err
	}
	fields := scope[name].(map[string]any)
	for _, f := range v.fields {
		if !f.value.templated() {
			continue
		}
		out, err := f.value.render(scope)
		if err != nil {
			return err
		}
		fields[f.name] = out
	}
	return nil
}

// makeCase renders one case of a combination with its options in order.
func (s *spec) makeCase(c combination, b body, scope map[string]any, context *longText, options []option, order int) (*Case, error) {
	scope = maps.Clone(scope)
	scope["order"] = order
	if len(options) > 0 {
		scope["option"], scope["menu"] = optionScope(options), menu(options)
	}
	made := &Case{
		Probe: s.probe, Line: s.probe.Line, OptionLogprob: s.output == "option_logprob",
		Sampling: s.sampling, Samples: s.samples, Mandatory: b.mandatory,
	}
	if b.id != "" || len(s.cases()) > 0 {
		made.Line = c.values[0].value.node.Line
	}
	for _, o := range options {
		made.Options = append(made.Options, o.Option)
	}
	if err := s.ask(made, b, scope, context); err != nil {
		return nil, err
	}
	s.place(made, c, order)
	if err := s.measures(made, c, b, scope, options); err != nil {
		return nil, err
	}
	return made, nil
}

// ask renders the system message, the turns and what is wanted of them.
func (s *spec) ask(made *Case, b body, scope map[string]any, context *longText) (err error) {
	if !b.system.isZero() {
		if made.system, err = b.system.message(scope, "system", context); err != nil {
			return err
		}
	}
	turns := b.turns
	if !b.prompt.isZero() {
		turns = []turn{{node: b.prompt.node, user: b.prompt, want: b.want}}
	}
	var wants []any
	for _, t := range turns {
		if !t.assistant.isZero() {
			reply, err := t.assistant.renderText(scope, "assistant")
			if err != nil {
				return err
			}
			made.Steps[len(made.Steps)-1].Scripted = &reply
			continue
		}
		step, want, err := s.step(t, scope, context, made.Options)
		if err != nil {
			return err
		}
		if step.Want != nil {
			wants = append(wants, want)
		}
		made.Steps = append(made.Steps, step)
	}
	if len(wants) == 0 {
		return &templateError{turns[0].node, fmt.Errorf("no turn has a \"want\": expected at least one")}
	}
	if made.OptionLogprob && len(made.Options) == 0 {
		return &templateError{turns[0].node, fmt.Errorf("option_logprob without options: expected \"options\"")}
	}
	made.Want = oneLine(wants)
	return nil
}

func (s *spec) step(t turn, scope map[string]any, context *longText, options []scorers.Option) (Step, any, error) {
	user, err := t.user.message(scope, "prompt", context)
	if err != nil {
		return Step{}, nil, err
	}
	if strings.TrimSpace(user.text) == "" {
		return Step{}, nil, &templateError{t.user.node, fmt.Errorf("empty prompt: expected a text")}
	}
	if t.want.isZero() {
		return Step{user: user}, nil, nil
	}
	want, err := t.want.render(scope)
	if err != nil {
		return Step{}, nil, err
	}
	scorer, err := scorers.Parse(want, scorers.Context{Options: options})
	if err != nil {
		return Step{}, nil, &templateError{t.want.node, fmt.Errorf("want: %w", err)}
	}
	return Step{user: user, Want: scorer}, want, nil
}

// place gives a case its id, cluster, groups and bundle.
func (s *spec) place(made *Case, c combination, order int) {
	orderKey := ""
	if len(made.Options) > 0 && !made.OptionLogprob && s.order != "fixed" {
		orderKey = fmt.Sprint(order)
	}
	id, rest := "", ""
	if cases := s.cases(); len(cases) > 0 {
		id = c.values[0].key
	}
	keys := c.keys(func(name string) bool { return name != casesAxis })
	if orderKey != "" {
		keys = append(keys, orderKey)
	}
	rest = strings.Join(keys, "-")
	if len(rest) > 60 {
		rest = shortHash(keys...)
	}
	switch {
	case id != "" && rest != "":
		id += "-" + rest
	case id == "" && rest != "":
		id = rest
	case id == "":
		id = "1"
	}
	made.ID = s.probe.ID + "/" + id
	made.Cluster = s.clusterOf(c)
	made.Groups = s.groupsOf(c)
	for _, v := range c.values {
		made.Axes = append(made.Axes, v.places...)
	}
	if s.bundle != nil {
		keep := func(name string) bool { return !slices.Contains(s.bundle.over, name) }
		others := c.keys(keep)
		if orderKey != "" && keep("order") {
			others = append(others, orderKey)
		}
		made.Bundle = s.probe.ID + "/" + shortHash(others...)
	}
}

// clusterOf is the value of the cluster paths; without any, the key of the
// first axis, so that cases of one template count as correlated.
func (s *spec) clusterOf(c combination) string {
	if len(s.cluster) == 0 {
		if len(c.values) == 0 {
			return s.probe.ID
		}
		return c.values[0].key
	}
	var parts []string
	for _, node := range s.cluster {
		v, ok := c.at(node.Value)
		if !ok {
			v = "?"
		}
		parts = append(parts, v)
	}
	return strings.Join(parts, "/")
}

func (s *spec) groupsOf(c combination) []string {
	var groups []string
	for _, path := range s.probe.CompareBy {
		if v, ok := c.at(path); ok {
			groups = append(groups, path+"="+v)
		}
	}
	if s.probe.GuardAtLeast != nil && s.guard.matches(c) {
		groups = append(groups, "guard")
	}
	return groups
}

func oneLine(wants []any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	var x any = wants
	if len(wants) == 1 {
		x = wants[0]
	}
	if err := enc.Encode(x); err != nil {
		return fmt.Sprint(x)
	}
	return strings.TrimSpace(b.String())
}

func (s *spec) checkIDs() {
	seen := map[string]bool{}
	for _, c := range s.probe.Cases() {
		if seen[c.ID] {
			s.At(s.node, "two cases have the id %q: expected distinct axis keys (give values an `id`)", c.ID)
			return
		}
		seen[c.ID] = true
	}
}

func (s *spec) checkGuard(list []combination) {
	if s.probe.GuardAtLeast != nil && !slices.ContainsFunc(list, s.guard.matches) {
		s.At(s.guard.node, "guard matches no case: expected values that the axes have")
	}
}
