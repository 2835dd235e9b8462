package probes

import (
	"fmt"

	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// maxNodes bounds the values of a file after its aliases are followed, so that
// a small file cannot stand for a huge one.
const maxNodes = 1_000_000

// value is a YAML value whose strings may be templates. It keeps where it
// stands, so that a template's error points to its own line.
type value struct {
	node   *yaml.Node
	scalar any // nil, bool, int, float64 or string
	tmpl   *template
	list   []value
	fields []field
	kind   yaml.Kind
	// settled tells that nothing in a list or map is a template; plain is what it
	// comes to then, made once: all cases share it, and none may change it.
	settled bool
	plain   any
}

type field struct {
	name  string
	value value
}

// templateError is an error of one template, with the node it stands at.
type templateError struct {
	node *yaml.Node
	err  error
}

func (e *templateError) Error() string { return e.err.Error() }
func (e *templateError) Unwrap() error { return e.err }

// value reads any YAML value and compiles the templates in it.
func (s *spec) value(n *yaml.Node) value {
	n = strictyaml.Follow(n)
	v := value{node: n, kind: n.Kind}
	if s.nodes++; s.nodes >= maxNodes {
		if s.nodes == maxNodes {
			s.At(n, "more than %d values: expected a smaller file (aliases count each time)", maxNodes)
		}
		return v
	}
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			v.list = append(v.list, s.value(item))
		}
	case yaml.MappingNode:
		m, _ := s.Map(n, "map")
		for _, key := range m.Keys {
			v.fields = append(v.fields, field{key.Value, s.value(m.Get(key.Value))})
		}
	default:
		s.scalar(n, &v)
	}
	return v.settle()
}

// settle makes the plain value of a list or map without templates.
func (v value) settle() value {
	if v.kind != yaml.ScalarNode && !v.templated() {
		v.settled, v.plain = true, v.raw()
	}
	return v
}

func (s *spec) scalar(n *yaml.Node, v *value) {
	if err := n.Decode(&v.scalar); err != nil {
		s.At(n, "%s: %v", strictyaml.KindOf(n), err)
		return
	}
	switch v.scalar.(type) {
	case nil, bool, int, float64, string:
	default:
		v.scalar = n.Value // dates and the like stay text
	}
	text, ok := v.scalar.(string)
	if !ok || !isTemplate(text) {
		return
	}
	t, err := newTemplate(text)
	if err != nil {
		s.At(n, "template: %v", err)
		return
	}
	v.tmpl = t
}

// isZero tells an absent value.
func (v value) isZero() bool { return v.node == nil }

// templated tells whether any string in v is a template.
func (v value) templated() bool {
	if v.settled {
		return false
	}
	if v.tmpl != nil {
		return true
	}
	for _, item := range v.list {
		if item.templated() {
			return true
		}
	}
	for _, f := range v.fields {
		if f.value.templated() {
			return true
		}
	}
	return false
}

// render gives v as plain Go values with its templates filled in.
func (v value) render(scope map[string]any) (any, error) {
	switch {
	case v.settled:
		return v.plain, nil
	case v.tmpl != nil:
		out, err := v.tmpl.render(scope)
		if err != nil {
			return nil, &templateError{v.node, err}
		}
		return out, nil
	case v.kind == yaml.SequenceNode:
		list := make([]any, 0, len(v.list))
		for _, item := range v.list {
			out, err := item.render(scope)
			if err != nil {
				return nil, err
			}
			list = append(list, out)
		}
		return list, nil
	case v.kind == yaml.MappingNode:
		m := make(map[string]any, len(v.fields))
		for _, f := range v.fields {
			out, err := f.value.render(scope)
			if err != nil {
				return nil, err
			}
			m[f.name] = out
		}
		return m, nil
	}
	return v.scalar, nil
}

// renderText is render for a value that must become a text.
func (v value) renderText(scope map[string]any, what string) (string, error) {
	out, err := v.render(scope)
	if err != nil {
		return "", err
	}
	switch out.(type) {
	case string, int, float64, bool:
		return fmt.Sprint(out), nil
	}
	return "", &templateError{v.node, fmt.Errorf("%s is %s: expected a text", what, describe(out))}
}

// get gives the field of a map.
func (v value) get(name string) (value, bool) {
	for _, f := range v.fields {
		if f.name == name {
			return f.value, true
		}
	}
	return value{}, false
}

// describe names a plain value in an error.
func describe(x any) string {
	switch x := x.(type) {
	case nil:
		return "empty"
	case []any:
		return fmt.Sprintf("a list of %d", len(x))
	case map[string]any:
		return "a map"
	case string:
		return fmt.Sprintf("the text %q", x)
	}
	return fmt.Sprint(x)
}
