package probes

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// harms are the four harms, and packHarm what a shipped pack tests unless its
// probe says otherwise.
var (
	harms    = []string{"bias-amplification", "context-bleeding", "shallower-reasoning", "edge-case"}
	packHarm = map[string]string{
		"minority": "bias-amplification", "longrange": "context-bleeding",
		"nuance": "shallower-reasoning", "edge": "edge-case",
	}
)

// reserved names belong to the templates' own scope. The names item and index
// are free: an insertion with `each` hides an axis of that name inside itself.
var reserved = []string{"context", "menu", "option", "order", "range", "loop", "case"}

var (
	idPattern   = regexp.MustCompile(`^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$`)
	namePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// measureArgs are the declared measures with the arguments each takes.
var measureArgs = map[string][]string{
	"bias_amb":     {"biased", "unknown", "where", "margin"},
	"bias_dis":     {"biased", "unknown", "where", "margin"},
	"rate_gap":     {"by", "base", "favourable", "where", "margin"},
	"gap":          {"by", "of", "base", "where", "margin"},
	"coverage_gap": {"of", "base", "where", "margin"},
	"slope":        {"over", "where", "margin"},
}

// spec is a probe file as written, checked but not expanded.
type spec struct {
	*problems
	dir    source // where tables and corpora are read from
	size   Size
	seed   uint64
	probe  *Probe
	node   *yaml.Node
	axes   []axis
	random []draw
	body   body
	order  string // rotations, permutations or fixed
	output string // text or option_logprob

	samples  int
	sampling Sampling

	exclude []filter
	guard   filter
	bundle  *bundle
	cluster []*yaml.Node
	compare []*yaml.Node
}

// body is what a hand-written case may replace.
type body struct {
	id        string
	mandatory bool
	vars      []field
	context   *contextSpec
	options   value
	system    value
	prompt    value
	turns     []turn
	want      value
	measure   []field
}

type turn struct {
	node            *yaml.Node
	user, assistant value
	want            value
}

type bundle struct {
	node     *yaml.Node
	over     []string
	relation string
}

var probeKeys = []string{"probe", "version", "aliases", "harm", "about", "source", "axes", "exclude", "cases",
	"random", "vars", "context", "options", "order", "system", "prompt", "turns", "output", "samples", "sampling",
	"want", "bundle", "cluster", "compare", "measure", "guard", "mandatory"}

var caseKeys = []string{"id", "mandatory", "vars", "context", "options", "system", "prompt", "turns", "want", "measure"}

// parse reads the document of one probe file.
func (s *spec) parse(root *yaml.Node) {
	m, ok := s.mapping(root, "probe", probeKeys...)
	if !ok {
		return
	}
	s.node = m.node
	s.identity(m)
	s.parseAxes(m.get("axes"), m.get("cases"))
	s.parseRandom(m.get("random"))
	s.body = s.parseBody(m, "probe")
	s.order = s.oneOf(m.get("order"), "order", "rotations", "permutations", "fixed")
	s.output = s.oneOf(m.get("output"), "output", "text", "option_logprob")
	s.samples = s.integer(s.sized(m.get("samples"), s.size), "samples", 1, 1)
	s.parseSampling(m.get("sampling"))
	s.exclude = s.parseFilters(m.get("exclude"))
	s.parseBundle(m.get("bundle"))
	s.cluster = s.paths(m.get("cluster"), "cluster")
	s.parseCompare(m.get("compare"))
	s.parseGuard(m.get("guard"))
	s.checkWhole(m)
}

func (s *spec) identity(m mapping) {
	p := s.probe
	p.File = s.file
	p.ID = s.text(m.get("probe"), "probe")
	switch node := m.get("probe"); {
	case node == nil:
		s.at(m.node, "no key \"probe\": expected an id such as pack.dimension.name")
	case !idPattern.MatchString(p.ID):
		s.at(node, "probe id %q: expected three parts of [a-z0-9_] joined by dots, such as pack.dimension.name", p.ID)
	default:
		p.Line = node.Line
	}
	p.Pack, _, _ = strings.Cut(p.ID, ".")
	p.Version = s.integer(m.get("version"), "version", 1, 1)
	for _, n := range s.items(m.get("aliases"), "aliases") {
		alias := s.text(n, "alias")
		if !idPattern.MatchString(alias) {
			s.at(n, "alias %q: expected an id such as pack.dimension.name", alias)
		}
		p.Aliases = append(p.Aliases, alias)
	}
	p.Harm = packHarm[p.Pack]
	if n := m.get("harm"); n != nil {
		p.Harm = s.oneOf(n, "harm", harms...)
	} else if p.Harm == "" && p.ID != "" {
		s.at(m.node, "no key \"harm\": a pack of your own needs one of %s", quoted(harms))
	}
	p.About = s.text(m.get("about"), "about")
	p.Source = s.text(m.get("source"), "source")
}

func (s *spec) parseBody(m mapping, what string) body {
	b := body{
		id:        s.text(m.get("id"), "id"),
		mandatory: s.boolean(m.get("mandatory"), "mandatory"),
		context:   s.parseContext(m.get("context")),
		measure:   s.parseMeasure(m.get("measure")),
	}
	if n := m.get("vars"); n != nil {
		vars, _ := s.mapping(n, "vars")
		for _, key := range vars.keys {
			s.checkName(key, "var")
			b.vars = append(b.vars, field{key.Value, s.value(vars.get(key.Value))})
		}
	}
	for key, at := range map[string]*value{"options": &b.options, "system": &b.system, "prompt": &b.prompt, "want": &b.want} {
		if n := m.get(key); n != nil {
			*at = s.value(n)
		}
	}
	b.turns = s.parseTurns(m.get("turns"))
	if m.get("prompt") != nil && m.get("turns") != nil {
		s.at(m.get("turns"), "both \"prompt\" and \"turns\" in %s: expected one of them", what)
	}
	return b
}

func (s *spec) parseTurns(n *yaml.Node) []turn {
	var turns []turn
	for _, item := range s.items(n, "turns") {
		m, ok := s.mapping(item, "turn", "user", "assistant", "want")
		if !ok {
			continue
		}
		t := turn{node: m.node}
		for key, at := range map[string]*value{"user": &t.user, "assistant": &t.assistant, "want": &t.want} {
			if v := m.get(key); v != nil {
				*at = s.value(v)
			}
		}
		scripted := !t.assistant.isZero()
		switch {
		case scripted == !t.user.isZero():
			s.at(m.node, "turn: expected exactly one of \"user\" and \"assistant\"")
		case scripted && !t.want.isZero():
			s.at(m.get("want"), "\"want\" on a scripted reply: expected it on a user turn")
		case scripted && (len(turns) == 0 || !turns[len(turns)-1].assistant.isZero()):
			s.at(m.node, "scripted reply: expected a user turn before it")
		case scripted && !turns[len(turns)-1].want.isZero():
			s.at(m.node, "scripted reply to a turn with \"want\": such a turn is asked")
		}
		turns = append(turns, t)
	}
	return turns
}

func (s *spec) parseSampling(n *yaml.Node) {
	s.sampling = Sampling{MaxTokens: 256}
	if n == nil {
		return
	}
	m, _ := s.mapping(n, "sampling", "temperature", "max_tokens", "stop", "top_p", "seed")
	if t := s.number(m.get("temperature"), "temperature", 0, 2); t != nil {
		s.sampling.Temperature = *t
	}
	s.sampling.MaxTokens = s.integer(m.get("max_tokens"), "max_tokens", 1, 256)
	s.sampling.Stop = s.texts(m.get("stop"), "stop")
	s.sampling.TopP = s.number(m.get("top_p"), "top_p", 0, 1)
	if n := m.get("seed"); n != nil {
		seed := s.integer(n, "seed", 0, 0)
		s.sampling.Seed = &seed
	}
}

func (s *spec) parseBundle(n *yaml.Node) {
	if n == nil {
		return
	}
	m, ok := s.mapping(n, "bundle", "over", "relation")
	if !ok {
		return
	}
	b := &bundle{node: m.node, over: s.texts(m.get("over"), "over")}
	b.relation = s.oneOf(m.get("relation"), "relation", "all", "invariant", "rising", "falling", "paired")
	if len(b.over) == 0 {
		s.at(m.node, "bundle without \"over\": expected the axes that a bundle runs over")
	}
	for _, name := range b.over {
		if name != "order" && s.axis(name) == nil {
			s.at(m.get("over"), "bundle over %q: expected one of the axes %s", name, quoted(append(s.axisNames(), "order")))
		}
	}
	if (b.relation == "rising" || b.relation == "falling") && len(b.over) > 1 {
		s.at(m.get("over"), "relation %s over %d axes: expected one", b.relation, len(b.over))
	}
	s.bundle, s.probe.Relation = b, b.relation
}

// paths reads a path or a list of paths and checks that each names an axis.
func (s *spec) paths(n *yaml.Node, what string) []*yaml.Node {
	if n == nil {
		return nil
	}
	nodes := []*yaml.Node{follow(n)}
	if nodes[0].Kind == yaml.SequenceNode {
		nodes = nodes[0].Content
	}
	for _, node := range nodes {
		s.checkPath(node, s.text(node, what), what)
	}
	return nodes
}

func (s *spec) checkPath(node *yaml.Node, path, what string) {
	name, _, _ := strings.Cut(path, ".")
	if path != "" && name != "order" && s.axis(name) == nil {
		s.at(node, "%s path %q: expected an axis or axis.field, with one of the axes %s", what, path, quoted(s.axisNames()))
	}
}

func (s *spec) parseCompare(n *yaml.Node) {
	if n == nil {
		return
	}
	m, ok := s.mapping(n, "compare", "by", "base")
	if !ok {
		return
	}
	s.compare = s.paths(m.get("by"), "compare")
	for _, node := range s.compare {
		s.probe.CompareBy = append(s.probe.CompareBy, node.Value)
	}
	if base := m.get("base"); base != nil {
		b, _ := s.mapping(base, "base")
		for _, key := range b.keys {
			if !slices.Contains(s.probe.CompareBy, key.Value) {
				s.at(key, "base %q: expected one of the paths of \"by\"", key.Value)
			}
		}
	}
}

func (s *spec) parseGuard(n *yaml.Node) {
	if n == nil {
		return
	}
	m, ok := s.mapping(n, "guard", "where", "at_least")
	if !ok {
		return
	}
	for _, key := range []string{"where", "at_least"} {
		if m.get(key) == nil {
			s.at(m.node, "guard without %q: expected {where: filter, at_least: 0..1}", key)
			return
		}
	}
	s.guard = s.parseFilter(m.get("where"))
	s.probe.GuardAtLeast = s.number(m.get("at_least"), "at_least", 0, 1)
}

func (s *spec) parseMeasure(n *yaml.Node) []field {
	if n == nil {
		return nil
	}
	m, _ := s.mapping(n, "measure")
	var list []field
	for _, key := range m.keys {
		args, known := measureArgs[key.Value]
		if !known {
			s.at(key, "unknown measure %q: expected one of %s", key.Value, quoted(sortedKeys(measureArgs)))
			continue
		}
		node := m.get(key.Value)
		if _, ok := s.mapping(node, "measure "+key.Value, args...); !ok {
			continue
		}
		list = append(list, field{key.Value, s.value(node)})
		s.probe.Measures = append(s.probe.Measures, key.Value)
	}
	slices.Sort(s.probe.Measures)
	s.probe.Measures = slices.Compact(s.probe.Measures)
	return list
}

func (s *spec) checkName(key *yaml.Node, what string) {
	switch {
	case !namePattern.MatchString(key.Value):
		s.at(key, "%s %q: expected a name of letters, digits and _", what, key.Value)
	case slices.Contains(reserved, key.Value):
		s.at(key, "%s %q: the name is reserved", what, key.Value)
	case what != "axis" && s.axis(key.Value) != nil:
		s.at(key, "%s %q: an axis has that name", what, key.Value)
	case what == "var" && slices.ContainsFunc(s.random, func(d draw) bool { return d.name == key.Value }):
		s.at(key, "var %q: a random draw has that name", key.Value)
	}
}

// checkWhole holds the rules that tie several keys together.
func (s *spec) checkWhole(m mapping) {
	if s.samples > 1 && s.sampling.Temperature == 0 {
		s.at(m.get("samples"), "%d samples at temperature 0 are one answer: expected sampling.temperature above 0", s.samples)
	}
	if s.samples > 1 && s.body.mandatory {
		s.at(m.get("mandatory"), "mandatory with samples over 1: a mandatory case is asked once")
	}
	if s.output == "option_logprob" && s.body.hasTurns() {
		s.at(m.get("output"), "option_logprob with \"turns\": expected a single prompt")
	}
	if s.output == "option_logprob" && !s.body.system.isZero() {
		s.at(m.get("system"), "option_logprob with \"system\": the prompt is text to be continued, without a system message")
	}
	if len(s.cases()) > 0 {
		return // each case is checked when it is made
	}
	if s.body.prompt.isZero() && !s.body.hasTurns() {
		s.at(m.node, "no key \"prompt\" or \"turns\": expected one of them")
	}
	if !s.body.prompt.isZero() && s.body.want.isZero() {
		s.at(m.node, "no key \"want\": expected a scorer such as {any: [\"May\"]}")
	}
	if s.body.hasTurns() && !s.body.want.isZero() {
		s.at(m.get("want"), "\"want\" beside \"turns\": expected it inside a turn")
	}
}

func (b body) hasTurns() bool { return len(b.turns) > 0 }

// over gives b with the keys of a hand-written case c laid over it.
func (b body) over(c body) body {
	b.id, b.mandatory = c.id, b.mandatory || c.mandatory
	if c.context != nil {
		b.context = c.context
	}
	for _, pair := range [][2]*value{{&b.options, &c.options}, {&b.system, &c.system}, {&b.want, &c.want}} {
		if !pair[1].isZero() {
			*pair[0] = *pair[1]
		}
	}
	if !c.prompt.isZero() {
		b.prompt, b.turns = c.prompt, nil
	}
	if c.hasTurns() {
		b.prompt, b.turns, b.want = value{}, c.turns, c.want
	}
	if len(c.measure) > 0 {
		b.measure = c.measure
	}
	b.vars = slices.Clone(b.vars)
	for _, v := range c.vars {
		if i := slices.IndexFunc(b.vars, func(f field) bool { return f.name == v.name }); i >= 0 {
			b.vars[i] = v
		} else {
			b.vars = append(b.vars, v)
		}
	}
	return b
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
