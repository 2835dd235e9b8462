package probes

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// filter selects cases by the values at paths; all of its terms must match.
type filter struct {
	node  *yaml.Node
	terms []filterTerm
}

type filterTerm struct {
	path string
	any  []string
}

func (s *spec) parseFilters(n *yaml.Node) []filter {
	var list []filter
	for _, item := range s.Items(n, "exclude") {
		list = append(list, s.parseFilter(item))
	}
	return list
}

func (s *spec) parseFilter(n *yaml.Node) filter {
	m, ok := s.Map(n, "filter")
	f := filter{node: m.Node}
	if !ok {
		return f
	}
	for _, key := range m.Keys {
		s.checkPath(key, key.Value, "filter")
		f.terms = append(f.terms, filterTerm{key.Value, s.Texts(m.Get(key.Value), "filter value")})
	}
	if len(f.terms) == 0 {
		s.At(m.Node, "empty filter: expected {path: value}")
	}
	return f
}

// matches tells whether a combination of axis values is selected. A path that
// is absent in a value matches nothing.
func (f filter) matches(c combination) bool {
	for _, t := range f.terms {
		got, ok := c.at(t.path)
		if !ok || !slices.Contains(t.any, got) {
			return false
		}
	}
	return len(f.terms) > 0
}

// combination is one value of each axis.
type combination struct {
	axes   []axis
	values []axisValue
}

// at gives the text at a path, an axis by its key. It is false where the path
// names nothing, or something without one text (null, a list, a template).
func (c combination) at(path string) (string, bool) {
	name, rest, deep := strings.Cut(path, ".")
	i := slices.IndexFunc(c.axes, func(a axis) bool { return a.name == name })
	if i < 0 {
		return "", false
	}
	if !deep {
		return c.values[i].key, true
	}
	v := c.values[i].value
	for part := range strings.SplitSeq(rest, ".") {
		var ok bool
		if v, ok = v.get(part); !ok {
			return "", false
		}
	}
	if v.kind != yaml.ScalarNode || v.tmpl != nil || v.scalar == nil {
		return "", false
	}
	return fmt.Sprint(v.scalar), true
}

// keys joins the keys of the axes that keep accepts, in axis order.
func (c combination) keys(keep func(name string) bool) []string {
	var keys []string
	for i, a := range c.axes {
		if keep(a.name) {
			keys = append(keys, c.values[i].key)
		}
	}
	return keys
}
