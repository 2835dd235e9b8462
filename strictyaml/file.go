// Package strictyaml reads YAML that people wrote, strictly and with positions.
//
// It is opinionated. Unknown keys, duplicate keys and wrong types are problems;
// all problems of a file are collected before it is refused; each says
// file:line:col, what stands there and what was expected.
package strictyaml

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// File collects what is wrong with one file.
type File struct {
	Name     string
	Problems []error
	// Unexpected counts the problems that are unexpected keys: what was read is
	// sound without them, so that a caller can go on to find more.
	Unexpected int
}

// At adds a problem at a node, as file:line:col: message.
func (f *File) At(n *yaml.Node, format string, args ...any) {
	f.Problems = append(f.Problems, Position(f.Name, n, format, args...))
}

// Position is an error at a node, or at the start of the file for nil.
func Position(file string, n *yaml.Node, format string, args ...any) error {
	line, col := 1, 1
	if n != nil && n.Line > 0 {
		line, col = n.Line, n.Column
	}
	return fmt.Errorf("%s:%d:%d: %s", file, line, col, fmt.Sprintf(format, args...))
}

// Err is all problems as one error; nil for none.
func (f *File) Err() error { return errors.Join(f.Problems...) }

// Document reads the single document of a file, which is what.
func (f *File) Document(data []byte, what string) (*yaml.Node, bool) {
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		f.Problems = append(f.Problems, fmt.Errorf("%s:%s", f.Name, explained(string(data), yamlMessage(err, what))))
		return nil, false
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		f.At(&second, "second document: expected %s alone", what)
		return nil, false
	}
	if len(doc.Content) != 1 {
		f.At(nil, "empty file: expected %s", what)
		return nil, false
	}
	return doc.Content[0], true
}

var (
	tabbed        = regexp.MustCompile(`(?m)^ *\t`)
	bareReference = regexp.MustCompile(`(?m)^[^#\n]*[:,\[{][ \t]*(\$\{\w+\})`)
)

// explained adds to the parser's message what most often makes a file no YAML,
// which the parser words badly and places a line off.
func explained(text, message string) string {
	at := func(i int) string {
		return fmt.Sprintf("%d:%d", strings.Count(text[:i], "\n")+1, i-strings.LastIndex(text[:i], "\n"))
	}
	if m := tabbed.FindStringIndex(text); m != nil && (strings.Contains(message, "cannot start any token") || strings.Contains(message, "tab character")) {
		return at(m[1]-1) + ": a tab in the indentation: expected spaces"
	}
	if m := bareReference.FindStringSubmatchIndex(text); m != nil && strings.Contains(message, "not YAML") {
		return fmt.Sprintf("%s; is it %s in line %s? It needs quotes: %q", message, text[m[2]:m[3]], at(m[2]), text[m[2]:m[3]])
	}
	return message
}

// yamlMessage turns "yaml: line 3: …" into "3:1: …".
func yamlMessage(err error, what string) string {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(msg, "line "); ok {
		if line, text, ok := strings.Cut(rest, ": "); ok {
			return line + ":1: not YAML: " + text
		}
	}
	if msg == "EOF" {
		msg = "empty file: expected " + what
	}
	return "1:1: " + msg
}

// Follow resolves an alias.
func Follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// Map is a YAML map with its keys in file order.
type Map struct {
	Node   *yaml.Node
	Keys   []*yaml.Node
	values map[string]*yaml.Node
}

// Get gives the value of a key, nil where it is absent.
func (m Map) Get(key string) *yaml.Node { return m.values[key] }

// Map reads a map. Duplicate keys are problems, and so are keys outside
// allowed where any are given.
func (f *File) Map(n *yaml.Node, what string, allowed ...string) (Map, bool) {
	n = Follow(n)
	m := Map{Node: n, values: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		f.At(n, "%s is %s: expected a map", what, KindOf(n))
		return m, false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			f.At(key, "key of %s is %s: expected a text", what, KindOf(key))
		case m.values[key.Value] != nil:
			f.At(key, "duplicate key %q in %s", key.Value, what)
		case len(allowed) > 0 && !slices.Contains(allowed, key.Value):
			f.Unexpected++
			f.At(key, "unexpected key %q in %s: %sexpected one of %s", key.Value, what, DidYouMean(key.Value, allowed), Quoted(allowed))
		default:
			m.Keys = append(m.Keys, key)
			m.values[key.Value] = value
		}
	}
	return m, true
}

// Quoted lists names, sorted, for an error.
func Quoted(names []string) string {
	names = slices.Sorted(slices.Values(names))
	for i, n := range names {
		names[i] = strconv.Quote(n)
	}
	return strings.Join(names, ", ")
}

// KindOf names what stands at a node, for an error.
func KindOf(n *yaml.Node) string {
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

// Text reads a string; an absent node is "".
func (f *File) Text(n *yaml.Node, what string) string {
	if n == nil {
		return ""
	}
	n = Follow(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		f.At(n, "%s is %s: expected a text", what, KindOf(n))
		return ""
	}
	return n.Value
}

// Integer reads a whole number of at least low; an absent node is otherwise.
func (f *File) Integer(n *yaml.Node, what string, low, otherwise int) int {
	if n == nil {
		return otherwise
	}
	n = Follow(n)
	var i int
	if n.Tag != "!!int" || n.Decode(&i) != nil || i < low {
		f.At(n, "%s is %s: expected a whole number of at least %d", what, KindOf(n), low)
		return otherwise
	}
	return i
}

// Number reads a number in [low, high]; an absent node is nil.
func (f *File) Number(n *yaml.Node, what string, low, high float64) *float64 {
	if n == nil {
		return nil
	}
	n = Follow(n)
	var x float64
	if (n.Tag != "!!int" && n.Tag != "!!float") || n.Decode(&x) != nil || !(x >= low && x <= high) {
		f.At(n, "%s is %s: expected a number from %g to %g", what, KindOf(n), low, high)
		return nil
	}
	return &x
}

// Boolean reads true or false; an absent node is false.
func (f *File) Boolean(n *yaml.Node, what string) bool {
	if n == nil {
		return false
	}
	n = Follow(n)
	var b bool
	if n.Tag != "!!bool" || n.Decode(&b) != nil {
		f.At(n, "%s is %s: expected true or false", what, KindOf(n))
	}
	return b
}

// Items gives the elements of a list; an absent node has none.
func (f *File) Items(n *yaml.Node, what string) []*yaml.Node {
	if n == nil {
		return nil
	}
	n = Follow(n)
	if n.Kind != yaml.SequenceNode {
		f.At(n, "%s is %s: expected a list", what, KindOf(n))
		return nil
	}
	return n.Content
}

// Texts reads a text or a list of texts.
func (f *File) Texts(n *yaml.Node, what string) []string {
	if n == nil {
		return nil
	}
	if Follow(n).Kind == yaml.ScalarNode {
		return []string{f.Text(n, what)}
	}
	var list []string
	for _, item := range f.Items(n, what) {
		list = append(list, f.Text(item, what))
	}
	return list
}

// OneOf reads a text that must be one of words; an absent node is the first.
func (f *File) OneOf(n *yaml.Node, what string, words ...string) string {
	if n == nil {
		return words[0]
	}
	s := f.Text(n, what)
	if !slices.Contains(words, s) {
		f.At(n, "%s is %s: %sexpected one of %s", what, KindOf(Follow(n)), DidYouMean(s, words), Quoted(words))
		return words[0]
	}
	return s
}
