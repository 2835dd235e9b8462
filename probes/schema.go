package probes

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// Harms are the four harms, and PackHarm what a shipped pack tests unless its
// probe says otherwise.
var (
	Harms    = []string{"bias-amplification", "context-bleeding", "shallower-reasoning", "edge-case"}
	PackHarm = map[string]string{
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

// spec is a probe file as written, checked but not expanded.
type spec struct {
	*strictyaml.File
	dir    source // where tables and corpora are read from
	nodes  int    // values read so far
	size   Size
	seed   uint64
	probe  *Probe
	node   *yaml.Node
	keys   []*yaml.Node // of the document's map
	tables []string     // files that axes take their values from
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
	anchors []anchor
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
	measures  []measureSpec
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
	"want", "anchors", "bundle", "cluster", "compare", "measure", "guard", "mandatory"}

var caseKeys = []string{"id", "mandatory", "vars", "context", "options", "system", "prompt", "turns", "want", "measure"}

// parse reads the document of one probe file.
func (s *spec) parse(root *yaml.Node) {
	m, ok := s.Map(root, "probe", probeKeys...)
	if !ok {
		return
	}
	s.node, s.keys = m.Node, m.Keys
	s.identity(m)
	s.parseAxes(m.Get("axes"), m.Get("cases"))
	s.parseRandom(m.Get("random"))
	s.body = s.parseBody(m, "probe")
	s.order = s.OneOf(m.Get("order"), "order", "rotations", "permutations", "fixed")
	s.output = s.OneOf(m.Get("output"), "output", "text", "option_logprob")
	s.samples = s.Integer(sized(m.Get("samples"), s.size), "samples", 1, 1)
	s.parseSampling(m.Get("sampling"))
	s.exclude = s.parseFilters(m.Get("exclude"))
	s.parseBundle(m.Get("bundle"))
	s.cluster = s.paths(m.Get("cluster"), "cluster")
	s.parseCompare(m.Get("compare"))
	s.parseGuard(m.Get("guard"))
	s.parseAnchors(m.Get("anchors"))
	s.checkWhole(m)
}

func (s *spec) identity(m strictyaml.Map) {
	p := s.probe
	p.File = s.Name
	p.ID = s.Text(m.Get("probe"), "probe")
	switch node := m.Get("probe"); {
	case node == nil:
		s.At(m.Node, "no key \"probe\": expected an id such as pack.dimension.name")
	case !idPattern.MatchString(p.ID):
		s.At(node, "probe id %q: expected three parts of [a-z0-9_] joined by dots, such as pack.dimension.name", p.ID)
	default:
		p.Line = node.Line
	}
	p.Pack, _, _ = strings.Cut(p.ID, ".")
	p.Version = s.Integer(m.Get("version"), "version", 1, 1)
	for _, n := range s.Items(m.Get("aliases"), "aliases") {
		alias := s.Text(n, "alias")
		if !idPattern.MatchString(alias) {
			s.At(n, "alias %q: expected an id such as pack.dimension.name", alias)
		}
		p.Aliases = append(p.Aliases, alias)
	}
	p.Harm = PackHarm[p.Pack]
	if n := m.Get("harm"); n != nil {
		p.Harm = s.OneOf(n, "harm", Harms...)
	} else if p.Harm == "" && p.ID != "" {
		s.At(m.Node, "no key \"harm\": a pack of your own needs one of %s", strictyaml.Quoted(Harms))
	}
	p.About = s.Text(m.Get("about"), "about")
	p.Source = s.Text(m.Get("source"), "source")
}

func (s *spec) parseBody(m strictyaml.Map, what string) body {
	b := body{
		id:        s.Text(m.Get("id"), "id"),
		mandatory: s.Boolean(m.Get("mandatory"), "mandatory"),
		context:   s.parseContext(m.Get("context")),
		measures:  s.parseMeasures(m.Get("measure")),
	}
	if n := m.Get("vars"); n != nil {
		vars, _ := s.Map(n, "vars")
		for _, key := range vars.Keys {
			s.checkName(key, "var")
			b.vars = append(b.vars, field{key.Value, s.value(vars.Get(key.Value))})
		}
	}
	for key, at := range map[string]*value{"options": &b.options, "system": &b.system, "prompt": &b.prompt, "want": &b.want} {
		if n := m.Get(key); n != nil {
			*at = s.value(n)
		}
	}
	b.turns = s.parseTurns(m.Get("turns"))
	if m.Get("prompt") != nil && m.Get("turns") != nil {
		s.At(m.Get("turns"), "both \"prompt\" and \"turns\" in %s: expected one of them", what)
	}
	return b
}

func (s *spec) parseTurns(n *yaml.Node) []turn {
	var turns []turn
	for _, item := range s.Items(n, "turns") {
		m, ok := s.Map(item, "turn", "user", "assistant", "want")
		if !ok {
			continue
		}
		t := turn{node: m.Node}
		for key, at := range map[string]*value{"user": &t.user, "assistant": &t.assistant, "want": &t.want} {
			if v := m.Get(key); v != nil {
				*at = s.value(v)
			}
		}
		scripted := !t.assistant.isZero()
		switch {
		case scripted == !t.user.isZero():
			s.At(m.Node, "turn: expected exactly one of \"user\" and \"assistant\"")
		case scripted && !t.want.isZero():
			s.At(m.Get("want"), "\"want\" on a scripted reply: expected it on a user turn")
		case scripted && (len(turns) == 0 || !turns[len(turns)-1].assistant.isZero()):
			s.At(m.Node, "scripted reply: expected a user turn before it")
		case scripted && !turns[len(turns)-1].want.isZero():
			s.At(m.Node, "scripted reply to a turn with \"want\": such a turn is asked")
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
	m, _ := s.Map(n, "sampling", "temperature", "max_tokens", "stop", "top_p", "seed", "json")
	if t := s.Number(m.Get("temperature"), "temperature", 0, 2); t != nil {
		s.sampling.Temperature = *t
	}
	s.sampling.MaxTokens = s.Integer(m.Get("max_tokens"), "max_tokens", 1, 256)
	s.sampling.Stop = s.Texts(m.Get("stop"), "stop")
	s.sampling.TopP = s.Number(m.Get("top_p"), "top_p", 0, 1)
	if n := m.Get("seed"); n != nil {
		seed := s.Integer(n, "seed", 0, 0)
		s.sampling.Seed = &seed
	}
	s.parseJSONMode(m)
}

func (s *spec) parseJSONMode(m strictyaml.Map) {
	n := m.Get("json")
	s.sampling.JSON = s.Boolean(n, "json")
	if s.sampling.JSON && len(s.sampling.Stop) > 0 {
		s.At(n, "json with \"stop\": a stop text could cut the JSON in two: expected one of them")
	}
}

func (s *spec) parseBundle(n *yaml.Node) {
	if n == nil {
		return
	}
	m, ok := s.Map(n, "bundle", "over", "relation")
	if !ok {
		return
	}
	b := &bundle{node: m.Node, over: s.Texts(m.Get("over"), "over")}
	b.relation = s.OneOf(m.Get("relation"), "relation", "all", "invariant", "rising", "falling", "paired")
	if len(b.over) == 0 {
		s.At(m.Node, "bundle without \"over\": expected the axes that a bundle runs over")
	}
	for _, name := range b.over {
		if name != "order" && s.axis(name) == nil {
			s.At(m.Get("over"), "bundle over %q: %sexpected one of the axes %s", name,
				strictyaml.DidYouMean(name, s.axisNames()), strictyaml.Quoted(append(s.axisNames(), "order")))
		}
	}
	if (b.relation == "rising" || b.relation == "falling") && len(b.over) > 1 {
		s.At(m.Get("over"), "relation %s over %d axes: expected one", b.relation, len(b.over))
	}
	s.bundle, s.probe.Relation = b, b.relation
}

// paths reads a path or a list of paths and checks that each names an axis.
func (s *spec) paths(n *yaml.Node, what string) []*yaml.Node {
	if n == nil {
		return nil
	}
	nodes := []*yaml.Node{strictyaml.Follow(n)}
	if nodes[0].Kind == yaml.SequenceNode {
		nodes = nodes[0].Content
	}
	for _, node := range nodes {
		s.checkPath(node, s.Text(node, what), what)
	}
	return nodes
}

func (s *spec) checkPath(node *yaml.Node, path, what string) {
	name, _, _ := strings.Cut(path, ".")
	if path != "" && name != "order" && s.axis(name) == nil {
		s.At(node, "%s path %q: %sexpected an axis or axis.field, with one of the axes %s", what, path,
			strictyaml.DidYouMean(name, s.axisNames()), strictyaml.Quoted(s.axisNames()))
	}
}

func (s *spec) parseCompare(n *yaml.Node) {
	if n == nil {
		return
	}
	m, ok := s.Map(n, "compare", "by", "base")
	if !ok {
		return
	}
	s.compare = s.paths(m.Get("by"), "compare")
	for _, node := range s.compare {
		s.probe.CompareBy = append(s.probe.CompareBy, node.Value)
	}
	if base := m.Get("base"); base != nil {
		b, _ := s.Map(base, "base")
		for _, key := range b.Keys {
			if !slices.Contains(s.probe.CompareBy, key.Value) {
				s.At(key, "base %q: %sexpected one of the paths of \"by\"", key.Value, strictyaml.DidYouMean(key.Value, s.probe.CompareBy))
				continue
			}
			if s.probe.Base == nil {
				s.probe.Base = map[string]string{}
			}
			s.probe.Base[key.Value] = s.Text(b.Get(key.Value), "base")
		}
	}
}

func (s *spec) parseGuard(n *yaml.Node) {
	if n == nil {
		return
	}
	m, ok := s.Map(n, "guard", "where", "at_least")
	if !ok {
		return
	}
	for _, key := range []string{"where", "at_least"} {
		if m.Get(key) == nil {
			s.At(m.Node, "guard without %q: expected {where: filter, at_least: 0..1}", key)
			return
		}
	}
	s.guard = s.parseFilter(m.Get("where"))
	s.probe.GuardAtLeast = s.Number(m.Get("at_least"), "at_least", 0, 1)
}

func (s *spec) checkName(key *yaml.Node, what string) {
	switch {
	case !namePattern.MatchString(key.Value):
		s.At(key, "%s %q: expected a name of letters, digits and _", what, key.Value)
	case slices.Contains(reserved, key.Value):
		s.At(key, "%s %q: the name is reserved", what, key.Value)
	case what != "axis" && s.axis(key.Value) != nil:
		s.At(key, "%s %q: an axis has that name", what, key.Value)
	case what == "var" && slices.ContainsFunc(s.random, func(d draw) bool { return d.name == key.Value }):
		s.At(key, "var %q: a random draw has that name", key.Value)
	}
}

// checkWhole holds the rules that tie several keys together.
func (s *spec) checkWhole(m strictyaml.Map) {
	if s.samples > 1 && s.sampling.Temperature == 0 {
		s.At(m.Get("samples"), "%d samples at temperature 0 are one answer: expected sampling.temperature above 0", s.samples)
	}
	if s.samples > 1 && s.body.mandatory {
		s.At(m.Get("mandatory"), "mandatory with samples over 1: a mandatory case is asked once")
	}
	if s.output == "option_logprob" && s.body.hasTurns() {
		s.At(m.Get("output"), "option_logprob with \"turns\": expected a single prompt")
	}
	if s.output == "option_logprob" && s.sampling.JSON {
		s.At(m.Get("sampling"), "option_logprob with sampling.json: nothing is written: expected one of them")
	}
	if s.output == "option_logprob" && !s.body.system.isZero() {
		s.At(m.Get("system"), "option_logprob with \"system\": the prompt is text to be continued, without a system message")
	}
	if len(s.cases()) > 0 {
		return // each case is checked when it is made
	}
	if s.body.prompt.isZero() && !s.body.hasTurns() {
		s.At(m.Node, "no key \"prompt\" or \"turns\": expected one of them")
	}
	if !s.body.prompt.isZero() && s.body.want.isZero() {
		s.At(m.Node, "no key \"want\": expected a scorer such as {any: [\"May\"]}")
	}
	if s.body.hasTurns() && !s.body.want.isZero() {
		s.At(m.Get("want"), "\"want\" beside \"turns\": expected it inside a turn")
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
	if len(c.measures) > 0 {
		b.measures = c.measures
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
