package probes

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxNodes bounds a document after its aliases are followed, so that a small
// file cannot stand for a huge one.
const maxNodes = 1_000_000

// problems collects what is wrong with one file.
type problems struct {
	file  string
	list  []error
	nodes int
}

// at adds a problem at a node, as file:line:col: message.
func (p *problems) at(n *yaml.Node, format string, args ...any) {
	p.list = append(p.list, position(p.file, n, format, args...))
}

func position(file string, n *yaml.Node, format string, args ...any) error {
	line, col := 1, 1
	if n != nil && n.Line > 0 {
		line, col = n.Line, n.Column
	}
	return fmt.Errorf("%s:%d:%d: %s", file, line, col, fmt.Sprintf(format, args...))
}

func (p *problems) err() error { return errors.Join(p.list...) }

// parseDocument reads the single document of a file.
func (p *problems) parseDocument(data []byte) (*yaml.Node, bool) {
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		p.list = append(p.list, fmt.Errorf("%s:%s", p.file, yamlMessage(err)))
		return nil, false
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		p.at(&second, "second document: expected one probe a file")
		return nil, false
	}
	if len(doc.Content) != 1 {
		p.at(nil, "empty file: expected a probe")
		return nil, false
	}
	return doc.Content[0], true
}

// yamlMessage turns "yaml: line 3: …" into "3:1: …".
func yamlMessage(err error) string {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(msg, "line "); ok {
		if line, text, ok := strings.Cut(rest, ": "); ok {
			return line + ":1: not YAML: " + text
		}
	}
	if msg == "EOF" {
		msg = "empty file: expected a probe"
	}
	return "1:1: " + msg
}

// follow resolves an alias.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// mapping is a YAML map with its keys in file order.
type mapping struct {
	node   *yaml.Node
	keys   []*yaml.Node
	values map[string]*yaml.Node
}

func (m mapping) get(key string) *yaml.Node { return m.values[key] }

// mapping reads a map. Duplicate keys are problems, and so are keys outside
// allowed where any are given.
func (p *problems) mapping(n *yaml.Node, what string, allowed ...string) (mapping, bool) {
	n = follow(n)
	m := mapping{node: n, values: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		p.at(n, "%s is %s: expected a map", what, kindOf(n))
		return m, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			p.at(key, "key of %s is %s: expected a text", what, kindOf(key))
		case m.values[key.Value] != nil:
			p.at(key, "duplicate key %q in %s", key.Value, what)
		case len(allowed) > 0 && !slices.Contains(allowed, key.Value):
			p.at(key, "unexpected key %q in %s: expected one of %s", key.Value, what, quoted(allowed))
		default:
			m.keys = append(m.keys, key)
			m.values[key.Value] = value
		}
	}
	return m, true
}

func quoted(names []string) string {
	names = slices.Sorted(slices.Values(names))
	for i, n := range names {
		names[i] = strconv.Quote(n)
	}
	return strings.Join(names, ", ")
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!null":
		return "empty"
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!bool":
		return "the truth value " + n.Value
	}
	return fmt.Sprintf("the text %q", n.Value)
}

// text reads a string; an absent node is "".
func (p *problems) text(n *yaml.Node, what string) string {
	if n == nil {
		return ""
	}
	n = follow(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		p.at(n, "%s is %s: expected a text", what, kindOf(n))
		return ""
	}
	return n.Value
}

// integer reads a whole number of at least low; an absent node is otherwise.
func (p *problems) integer(n *yaml.Node, what string, low, otherwise int) int {
	if n == nil {
		return otherwise
	}
	n = follow(n)
	var i int
	if n.Tag != "!!int" || n.Decode(&i) != nil || i < low {
		p.at(n, "%s is %s: expected a whole number of at least %d", what, kindOf(n), low)
		return otherwise
	}
	return i
}

// number reads a number in [low, high]; an absent node is nil.
func (p *problems) number(n *yaml.Node, what string, low, high float64) *float64 {
	if n == nil {
		return nil
	}
	n = follow(n)
	var f float64
	if (n.Tag != "!!int" && n.Tag != "!!float") || n.Decode(&f) != nil || !(f >= low && f <= high) {
		p.at(n, "%s is %s: expected a number from %g to %g", what, kindOf(n), low, high)
		return nil
	}
	return &f
}

// boolean reads true or false; an absent node is false.
func (p *problems) boolean(n *yaml.Node, what string) bool {
	if n == nil {
		return false
	}
	n = follow(n)
	var b bool
	if n.Tag != "!!bool" || n.Decode(&b) != nil {
		p.at(n, "%s is %s: expected true or false", what, kindOf(n))
	}
	return b
}

// items gives the elements of a list; an absent node has none.
func (p *problems) items(n *yaml.Node, what string) []*yaml.Node {
	if n == nil {
		return nil
	}
	n = follow(n)
	if n.Kind != yaml.SequenceNode {
		p.at(n, "%s is %s: expected a list", what, kindOf(n))
		return nil
	}
	return n.Content
}

// texts reads a text or a list of texts.
func (p *problems) texts(n *yaml.Node, what string) []string {
	if n == nil {
		return nil
	}
	if follow(n).Kind == yaml.ScalarNode {
		return []string{p.text(n, what)}
	}
	var list []string
	for _, item := range p.items(n, what) {
		list = append(list, p.text(item, what))
	}
	return list
}

// oneOf reads a text that must be one of words; an absent node is the first.
func (p *problems) oneOf(n *yaml.Node, what string, words ...string) string {
	if n == nil {
		return words[0]
	}
	s := p.text(n, what)
	if !slices.Contains(words, s) {
		p.at(n, "%s is %s: expected one of %s", what, kindOf(follow(n)), quoted(words))
		return words[0]
	}
	return s
}

// sized picks the node of a size map for size: a missing size takes the next
// smaller one, else the smallest given. Any other node is returned as it is.
func (p *problems) sized(n *yaml.Node, size Size) *yaml.Node {
	if n == nil {
		return nil
	}
	n = follow(n)
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		return n
	}
	given := map[Size]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		s := Size(n.Content[i].Value)
		if !slices.Contains(sizes, s) {
			return n
		}
		given[s] = n.Content[i+1]
	}
	at := slices.Index(sizes, size)
	for i := at; i >= 0; i-- {
		if v := given[sizes[i]]; v != nil {
			return follow(v)
		}
	}
	for _, s := range sizes[at:] {
		if v := given[s]; v != nil {
			return follow(v)
		}
	}
	return n
}

var sizes = []Size{Smoke, Standard, Full}
