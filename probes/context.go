package probes

import (
	"fmt"
	"maps"

	"github.com/gambit-audit/gambit/fixtures/prose"
	"gopkg.in/yaml.v3"
)

// contextSpec is a long text with sentences put into it.
type contextSpec struct {
	node    *yaml.Node
	corpus  string
	user    []string // the sentences of a user's own file
	tokens  value
	inserts []insertSpec
}

// maxTokens bounds a context: twice what the longest models read.
const maxTokens = 2_000_000

const (
	chronicle = "builtin:chronicle"
	noise     = "builtin:noise"
)

// endless tells a built-in corpus, which is as long as it needs to be.
func (c *contextSpec) endless() bool { return c.corpus == chronicle || c.corpus == noise }

type insertSpec struct {
	node        *yaml.Node
	text, depth value
	each        value // a list that makes one insertion an item
}

func (s *spec) parseContext(n *yaml.Node) *contextSpec {
	if n == nil {
		return nil
	}
	m, ok := s.Map(n, "context", "corpus", "tokens", "insert")
	if !ok {
		return nil
	}
	c := &contextSpec{node: m.Node, corpus: chronicle}
	if corpus := m.Get("corpus"); corpus != nil {
		c.corpus = s.Text(corpus, "corpus")
		if !c.endless() {
			data, err := s.dir.read(c.corpus)
			if err != nil {
				s.At(corpus, "corpus %q: %v: expected builtin:chronicle, builtin:noise or a file beside the probe", c.corpus, err)
			}
			c.user = prose.Sentences(string(data))
		}
	}
	if m.Get("tokens") == nil {
		s.At(m.Node, "context without \"tokens\": expected the length of the text in tokens")
		return nil
	}
	c.tokens = s.value(m.Get("tokens"))
	for _, item := range s.Items(m.Get("insert"), "insert") {
		if i, ok := s.parseInsert(item); ok {
			c.inserts = append(c.inserts, i)
		}
	}
	return c
}

func (s *spec) parseInsert(n *yaml.Node) (insertSpec, bool) {
	m, ok := s.Map(n, "insertion", "text", "depth", "each")
	if !ok {
		return insertSpec{}, false
	}
	i := insertSpec{node: m.Node}
	for _, key := range []string{"text", "depth"} {
		if m.Get(key) == nil {
			s.At(m.Node, "insertion without %q: expected {text, depth}", key)
			return i, false
		}
	}
	i.text, i.depth = s.value(m.Get("text")), s.value(m.Get("depth"))
	if each := m.Get("each"); each != nil {
		i.each = s.value(each)
	}
	return i, true
}

// plan settles what the context of one case is made of. All that can go wrong
// with it goes wrong here, so that the text itself, which may be a book's
// length, is made only when it is read.
func (c *contextSpec) plan(s stream, scope map[string]any) (*longText, error) {
	out, err := c.tokens.render(scope)
	if err != nil {
		return nil, err
	}
	tokens, ok := out.(int)
	if !ok || tokens < 1 || tokens > maxTokens {
		return nil, &templateError{c.tokens.node, fmt.Errorf("tokens is %s: expected a whole number from 1 to %d", describe(out), maxTokens)}
	}
	var inserts []prose.Insert
	for _, i := range c.inserts {
		list, err := i.make(scope)
		if err != nil {
			return nil, err
		}
		inserts = append(inserts, list...)
	}
	t := &longText{c, tokens, inserts, s.pcg.Uint64()}
	if err := t.check(); err != nil {
		return nil, &templateError{c.node, fmt.Errorf("context: %w", err)}
	}
	return t, nil
}

// make renders one insertion, or one for each item.
func (i insertSpec) make(scope map[string]any) ([]prose.Insert, error) {
	if i.each.isZero() {
		one, err := i.one(scope)
		return []prose.Insert{one}, err
	}
	out, err := i.each.render(scope)
	if err != nil {
		return nil, err
	}
	items, ok := out.([]any)
	if !ok {
		return nil, &templateError{i.each.node, fmt.Errorf("each is %s: expected a list", describe(out))}
	}
	scope = maps.Clone(scope)
	var list []prose.Insert
	for index, item := range items {
		scope["item"], scope["index"] = item, index
		one, err := i.one(scope)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func (i insertSpec) one(scope map[string]any) (prose.Insert, error) {
	text, err := i.text.renderText(scope, "text")
	if err != nil {
		return prose.Insert{}, err
	}
	depth, err := i.depth.render(scope)
	if err != nil {
		return prose.Insert{}, err
	}
	insert := prose.Insert{Text: text}
	switch d := depth.(type) {
	case int:
		insert.Depth = float64(d)
	case float64:
		insert.Depth = d
	case string:
		insert.Random, insert.Spread = d == "random", d == "spread"
	}
	if depth != "random" && depth != "spread" && !isShare(depth) {
		return prose.Insert{}, &templateError{i.depth.node, fmt.Errorf("depth is %s: expected a number from 0 to 1, spread or random", describe(depth))}
	}
	return insert, nil
}

func isShare(x any) bool {
	switch x := x.(type) {
	case int:
		return x == 0 || x == 1
	case float64:
		return x >= 0 && x <= 1
	}
	return false
}
