package probes

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/scorers"
	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// Measure is a declared measure of a probe: a statistic over its cases beside
// the pass rate.
type Measure struct {
	// Name is one of the keys of measureArgs, by itself or followed by a dot and
	// a word, where a probe has several of a kind: rate_gap.age.
	Name string
	// By is the path whose values are the groups, or option.FIELD, where the
	// chosen option says the group. Over is the path of a number.
	By, Over string
	// Of and Base are groups, or tiers of coverage_gap; empty for none.
	Of, Base string
	// Margin is the accepted change in (0,2], either way; nil for none.
	Margin *float64
}

// Kind is the key of measureArgs, without the word after it.
func (m Measure) Kind() string {
	kind, _, _ := strings.Cut(m.Name, ".")
	return kind
}

// CaseMeasure is a measure that counts a case, with what it needs of it.
type CaseMeasure struct {
	*Measure
	// Biased, Unknown and Favourable are names of options; empty for none.
	Biased, Unknown, Favourable string
	// Group is the case's value at By, and OptionGroups that of each option by
	// name, for option.FIELD.
	Group        string
	OptionGroups map[string]string
	At           float64 // the case's number at Over
	Checks       int     // of the case's constraints, for measure checks
}

// measureArgs are the measures that a probe may declare, with the arguments
// that each takes beside where and margin.
var measureArgs = map[string]measureKeys{
	"all_right":     {},
	"bias_amb":      {needed: []string{"biased", "unknown"}},
	"bias_dis":      {needed: []string{"biased"}, optional: []string{"unknown"}},
	"checks":        {},
	"correlation":   {needed: []string{"over", "favourable"}, optional: []string{"unknown"}},
	"coverage_gap":  {needed: []string{"of", "base"}},
	"gap":           {needed: []string{"by", "of", "base"}},
	"invariant":     {},
	"logprob_gap":   {optional: []string{"by", "favourable", "base"}},
	"mean_share":    {optional: []string{"by"}},
	"opinion_match": {},
	"pct_stereo":    {needed: []string{"biased"}, optional: []string{"unknown"}},
	"rate":          {optional: []string{"by", "favourable"}},
	"rate_gap":      {needed: []string{"by"}, optional: []string{"base", "favourable"}},
	"slope":         {needed: []string{"over"}},
}

type measureKeys struct{ needed, optional []string }

func (k measureKeys) all() []string {
	return slices.Concat(k.needed, k.optional, []string{"where", "margin"})
}

// measureSpec is a measure as written; the names of options may be templates.
type measureSpec struct {
	*Measure
	node    *yaml.Node
	where   filter // no terms: cases outside the guard
	options map[string]value
}

// measureWord is what may follow the kind of a measure.
var measureWord = regexp.MustCompile(`^[a-z0-9_]+$`)

// optionPrefix starts a path into the chosen option.
const optionPrefix = "option."

func (s *spec) parseMeasures(n *yaml.Node) []measureSpec {
	if n == nil {
		return nil
	}
	m, _ := s.Map(n, "measure")
	var list []measureSpec
	for _, key := range m.Keys {
		kind, word, named := strings.Cut(key.Value, ".")
		args, known := measureArgs[kind]
		if !known || named && !measureWord.MatchString(word) {
			s.At(key, "unknown measure %q: %sexpected one of %s", key.Value, strictyaml.DidYouMean(key.Value, sortedKeys(measureArgs)), strictyaml.Quoted(sortedKeys(measureArgs)))
			continue
		}
		if made, ok := s.parseMeasure(key.Value, m.Get(key.Value), args); ok {
			list = append(list, s.declared(made))
		}
	}
	return list
}

func (s *spec) parseMeasure(name string, n *yaml.Node, args measureKeys) (measureSpec, bool) {
	m, ok := s.Map(n, "measure "+name, args.all()...)
	if !ok {
		return measureSpec{}, false
	}
	for _, key := range args.needed {
		if m.Get(key) == nil {
			s.At(m.Node, "measure %s without %q: expected %s", name, key, strictyaml.Quoted(args.needed))
			return measureSpec{}, false
		}
	}
	made := measureSpec{node: m.Node, options: map[string]value{}, Measure: &Measure{
		Name: name, By: s.measurePath(m.Get("by"), optionGroups(name)), Over: s.measurePath(m.Get("over"), false),
		Of: s.plainText(m.Get("of"), "of"), Base: s.plainText(m.Get("base"), "base"),
		Margin: s.Number(m.Get("margin"), "margin", 0, 2),
	}}
	if made.Margin != nil && *made.Margin == 0 {
		s.At(m.Get("margin"), "margin 0: expected it in (0,2]")
	}
	if w := m.Get("where"); w != nil {
		made.where = s.parseFilter(w)
	}
	for _, key := range []string{"biased", "unknown", "favourable"} {
		if v := m.Get(key); v != nil {
			made.options[key] = s.value(v)
		}
	}
	if made.Kind() == "rate_gap" && strings.HasPrefix(made.By, optionPrefix) && m.Get("favourable") != nil {
		s.At(m.Get("favourable"), "favourable beside by: %s: the choices themselves are counted", made.By)
	}
	return made, true
}

// optionGroups tells whether the groups of a measure may be those of the chosen
// options.
func optionGroups(name string) bool {
	kind := Measure{Name: name}.Kind()
	return kind == "rate_gap" || kind == "gap"
}

// measurePath reads the path of an axis or, where options is set, one into the
// options.
func (s *spec) measurePath(n *yaml.Node, options bool) string {
	path := s.plainText(n, "path")
	if n == nil || options && strings.HasPrefix(path, optionPrefix) {
		return path
	}
	s.checkPath(n, path, "measure")
	return path
}

func (s *spec) plainText(n *yaml.Node, what string) string {
	text := s.Text(n, what)
	if isTemplate(text) {
		s.At(n, "%s %q: expected it without a template", what, text)
	}
	return text
}

// declared adds a measure to those of the probe. The cases of one measure may
// differ in the options that they name, and in nothing else.
func (s *spec) declared(m measureSpec) measureSpec {
	for _, known := range s.probe.Measures {
		if known.Name != m.Name {
			continue
		}
		if !known.equal(*m.Measure) {
			s.At(m.node, "measure %s differs from that of another case: expected equal by, over, of, base and margin", m.Name)
		}
		m.Measure = known
		return m
	}
	s.probe.Measures = append(s.probe.Measures, m.Measure)
	slices.SortFunc(s.probe.Measures, func(a, b *Measure) int { return strings.Compare(a.Name, b.Name) })
	return m
}

func (m Measure) equal(o Measure) bool {
	margins := (m.Margin == nil) == (o.Margin == nil) && (m.Margin == nil || *m.Margin == *o.Margin)
	m.Margin, o.Margin = nil, nil
	return margins && m == o
}

// measures gives the measures that count a case, with the options they name.
func (s *spec) measures(made *Case, c combination, b body, scope map[string]any, options []option) error {
	for _, m := range b.measures {
		if !s.counts(m, c) {
			continue
		}
		k := CaseMeasure{Measure: m.Measure}
		for key, at := range map[string]*string{"biased": &k.Biased, "unknown": &k.Unknown, "favourable": &k.Favourable} {
			name, err := m.option(key, scope, options)
			if err != nil {
				return err
			}
			*at = name
		}
		counted, err := k.locate(c, options, made)
		if err != nil {
			return &templateError{m.node, fmt.Errorf("measure %s: %w", m.Name, err)}
		}
		if counted {
			made.Measures = append(made.Measures, k)
		}
	}
	return nil
}

func (s *spec) counts(m measureSpec, c combination) bool {
	if len(m.where.terms) > 0 {
		return m.where.matches(c)
	}
	return s.probe.GuardAtLeast == nil || !s.guard.matches(c)
}

// option renders the name of an option; empty where the measure names none.
func (m measureSpec) option(key string, scope map[string]any, options []option) (string, error) {
	v, ok := m.options[key]
	if !ok {
		return "", nil
	}
	name, err := v.renderText(scope, key)
	if err != nil {
		return "", err
	}
	var names []string
	for _, o := range options {
		names = append(names, o.Is)
	}
	if !slices.Contains(names, name) {
		return "", &templateError{v.node, fmt.Errorf("measure %s: unknown option %q: %sexpected one of %s", m.Name, name, strictyaml.DidYouMean(name, names), strictyaml.Quoted(names))}
	}
	return name, nil
}

// locate fills in the group and the number of a case. A case without a value
// at the path is not counted, as it is in no group.
func (k *CaseMeasure) locate(c combination, options []option, made *Case) (counted bool, err error) {
	if field, ok := strings.CutPrefix(k.By, optionPrefix); ok {
		return true, k.optionGroups(field, options)
	}
	if k.By != "" {
		if k.Group, counted = c.at(k.By); !counted {
			return false, nil
		}
	}
	switch k.Kind() {
	case "correlation", "slope":
		return k.number(c)
	case "invariant":
		if made.Bundle == "" {
			return false, fmt.Errorf("no \"bundle\": expected the cases that should get one answer to be tied together")
		}
	case "opinion_match":
		if _, ok := made.lastWant().(scorers.Opinion); !ok {
			return false, fmt.Errorf("the case is not scored by opinion_match: expected `want: {opinion_match: …}`")
		}
	case "logprob_gap":
		if !made.OptionLogprob || len(options) != 2 {
			return false, fmt.Errorf("the case offers no two options by log-probability: expected `output: option_logprob` and two options")
		}
	case "mean_share":
		if made.lastWant() == nil || made.lastWant().Score(scorers.Answer{}).Share == nil {
			return false, fmt.Errorf("the scorer of the case gives no share: expected one such as recall or constraints")
		}
	case "checks":
		both, ok := made.lastWant().(interface{ BothModes() int })
		if !ok || both.BothModes() == 0 {
			return false, fmt.Errorf("the case is not scored in both modes: expected `want: {constraints: {mode: both, checks: …}}`")
		}
		k.Checks = both.BothModes()
	case "coverage_gap":
		return true, k.tiers(made)
	}
	return true, nil
}

func (k *CaseMeasure) optionGroups(field string, options []option) error {
	k.OptionGroups = map[string]string{}
	for _, o := range options {
		v, ok := o.fields[field]
		if !ok {
			return fmt.Errorf("option %q has no field %q: expected it in every option", o.Is, field)
		}
		k.OptionGroups[o.Is] = fmt.Sprint(v)
	}
	if len(options) == 0 {
		return fmt.Errorf("no options: expected a case with \"options\"")
	}
	return nil
}

func (k *CaseMeasure) number(c combination) (bool, error) {
	text, ok := c.at(k.Over)
	if !ok {
		return false, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return false, fmt.Errorf("%q at %s: expected a number", text, k.Over)
	}
	k.At = x
	return true, nil
}

// tiers checks that the scorer knows one of the tiers at least.
func (k *CaseMeasure) tiers(made *Case) error {
	tiers := made.tiers()
	_, of := tiers[k.Of]
	_, base := tiers[k.Base]
	if !of && !base {
		return fmt.Errorf("no item of tier %q or %q: expected `want: {coverage: [{any: …, tier: %s}]}`", k.Of, k.Base, k.Of)
	}
	return nil
}

// tiers are those that the scorer of a case knows, by what it says of no answer.
func (c *Case) tiers() map[string]float64 { return c.lastWant().Score(scorers.Answer{}).Tiers }

// lastWant is the scorer of the last judged turn.
func (c *Case) lastWant() scorers.Scorer {
	for _, step := range slices.Backward(c.Steps) {
		if step.Want != nil {
			return step.Want
		}
	}
	return nil
}

// unusedGroups names the bases and groups that no case has.
func unusedGroups(p *Probe) []string {
	have := map[string]bool{}
	measured := map[string]bool{}
	for _, c := range p.Cases() {
		for _, g := range c.Groups {
			have[g] = true
		}
		for _, m := range c.Measures {
			measured[m.Name+" "+m.Group] = true
			for _, g := range m.OptionGroups {
				measured[m.Name+" "+g] = true
			}
			if m.Kind() == "coverage_gap" {
				for tier := range c.tiers() {
					measured[m.Name+" "+tier] = true
				}
			}
		}
	}
	var list []string
	for _, path := range sortedKeys(p.Base) {
		if !have[path+"="+p.Base[path]] {
			list = append(list, fmt.Sprintf("no case has %s=%s, the base of `compare`: groups are compared with all others", path, p.Base[path]))
		}
	}
	for _, m := range p.Measures {
		for _, g := range []string{m.Of, m.Base} {
			if g != "" && !measured[m.Name+" "+g] {
				list = append(list, fmt.Sprintf("no case has the group or tier %q, which measure %s names: it will be undefined", g, m.Name))
			}
		}
	}
	return list
}
