package probes

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// plain is a template that is text and names alone, such as "{{name}} and
// {{row.place}}", as most are. It is filled in without the template engine,
// which is far slower. Nil for any other template.
type plain []plainPart

// plainPart is a text, or the path of a value in the scope.
type plainPart struct {
	text string
	path []string // nil for a text
}

// plainName is an expression of a name, or of a name and its fields.
var plainName = regexp.MustCompile(`\{\{ *([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*) *\}\}`)

// newPlain reads a template, and gives nil where the engine is needed.
func newPlain(source string) plain {
	var p plain
	end := 0
	for _, at := range plainName.FindAllStringSubmatchIndex(source, -1) {
		p = append(p, plainPart{text: source[end:at[0]]}, plainPart{path: strings.Split(source[at[2]:at[3]], ".")})
		end = at[1]
	}
	p = append(p, plainPart{text: source[end:]})
	p = slices.DeleteFunc(p, func(part plainPart) bool { return part.path == nil && part.text == "" })
	if slices.ContainsFunc(p, func(part plainPart) bool { return isTemplate(part.text) }) {
		return nil
	}
	return p
}

// render fills in the values of the scope. It is false where the engine has to
// do it: for what is undefined or too long, which is the engine's to refuse, and
// for what a text shows in another form than Go's.
func (p plain) render(scope map[string]any) (value any, ok bool) {
	if len(p) == 0 {
		return nil, false
	}
	if len(p) == 1 && p[0].path != nil {
		return scalarAt(scope, p[0].path)
	}
	var b strings.Builder
	for _, part := range p {
		text := part.text
		if part.path != nil {
			if text, ok = textAt(scope, part.path); !ok {
				return nil, false
			}
		}
		if b.Len()+len(text) > maxRendered {
			return nil, false
		}
		b.WriteString(text)
	}
	return b.String(), true
}

// scalarAt is the text, whole number or truth at a path.
func scalarAt(scope map[string]any, path []string) (any, bool) {
	var value any = scope
	for _, name := range path {
		fields, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = fields[name]; !ok {
			return nil, false
		}
	}
	switch value := value.(type) {
	case string:
		return value, len(value) <= maxRendered
	case int, bool:
		return value, true
	}
	return nil, false
}

// textAt is the value at a path as a text shows it.
func textAt(scope map[string]any, path []string) (string, bool) {
	value, _ := scalarAt(scope, path)
	switch value := value.(type) {
	case string:
		return value, true
	case int:
		return strconv.Itoa(value), true
	}
	return "", false
}
