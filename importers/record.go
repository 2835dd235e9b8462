package importers

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// record is one record of a file, with the place that errors name.
type record struct {
	f      *file
	row    int // from 1, as the file counts: a header is none
	values map[string]any
}

// wrong is an error about one field of the record.
func (r record) wrong(field, format string, args ...any) error {
	what := fmt.Sprintf("field %q: %s", r.name(field), fmt.Sprintf(format, args...))
	if r.row == 0 { // the document as a whole
		return errors.New(what)
	}
	return fmt.Errorf("row %d, %s", r.row, what)
}

// name is the file's name for a field.
func (r record) name(field string) string {
	if mapped, ok := r.f.fields[field]; ok {
		return mapped
	}
	return field
}

// at is the value of a field, nil where it is missing or null. A name with dots,
// such as choices.text, is that of a field inside another: of an object, or of each
// object of a list.
func (r record) at(field string) any {
	name := r.name(field)
	if v, ok := r.values[name]; ok {
		return v
	}
	return inside(r.values, strings.Split(name, "."))
}

func inside(v any, path []string) any {
	if len(path) == 0 {
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		return inside(v[path[0]], path[1:])
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = inside(item, path)
		}
		return list
	}
	return nil
}

func (r record) value(field string) (any, error) {
	v := r.at(field)
	if v == nil {
		return nil, r.wrong(field, "it is missing")
	}
	return v, nil
}

// has tells whether a field is there and not null.
func (r record) has(field string) bool { return r.at(field) != nil }

// text is a field of text that is not blank.
func (r record) text(field string) (string, error) {
	v, err := r.value(field)
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case string:
		if strings.TrimSpace(v) == "" {
			return "", r.wrong(field, "it is blank: expected a text")
		}
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	return "", r.wrong(field, "it is %s: expected a text", kind(v))
}

// oneOf is a field of text that is one of a few.
func (r record) oneOf(field string, allowed ...string) (string, error) {
	text, err := r.text(field)
	if err == nil && !slices.Contains(allowed, text) {
		err = r.wrong(field, "it is %q: expected one of %s", text, strings.Join(allowed, ", "))
	}
	return text, err
}

// whole is a field that holds a whole number from low to high.
func (r record) whole(field string, low, high int) (int, error) {
	text, err := r.text(field)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, r.wrong(field, "it is %.60q: expected a whole number from %d to %d", text, low, high)
	}
	return n, nil
}

// texts is a field that holds a list of texts: a JSON list, or a text that is
// one.
func (r record) texts(field string) ([]string, error) {
	v, err := r.value(field)
	if err != nil {
		return nil, err
	}
	if s, ok := v.(string); ok {
		inner, ok := literal(s)
		if !ok {
			return nil, r.wrong(field, "it is %.60q: expected a list of texts", s)
		}
		v = inner
	}
	list, ok := v.([]any)
	if !ok {
		return nil, r.wrong(field, "it is %s: expected a list of texts", kind(v))
	}
	var out []string
	for _, item := range list {
		s, ok := item.(string)
		if !ok {
			return nil, r.wrong(field, "it holds %s: expected texts", kind(item))
		}
		out = append(out, s)
	}
	return out, nil
}

// literal reads a text that is a list of texts, as JSON or Python writes it.
func literal(text string) ([]any, bool) {
	var list []any
	if json.Unmarshal([]byte(text), &list) == nil {
		return list, true
	}
	text = strings.TrimSpace(text)
	if len(text) < 2 || text[0] != '[' || text[len(text)-1] != ']' {
		return nil, false
	}
	inner := text[1 : len(text)-1]
	list = []any{}
	for inner = strings.TrimSpace(inner); inner != ""; {
		item, rest, ok := quoted(inner)
		if !ok {
			return nil, false
		}
		list = append(list, item)
		rest = strings.TrimSpace(rest)
		next, more := strings.CutPrefix(rest, ",")
		if !more && rest != "" {
			return nil, false
		}
		inner = strings.TrimSpace(next)
	}
	return list, true
}

// quoted reads a text in single or double quotes, with Python's escapes of
// quotes, backslashes and line ends, and gives what follows it.
func quoted(text string) (item, rest string, ok bool) {
	mark := text[0]
	if mark != '\'' && mark != '"' {
		return "", "", false
	}
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == mark:
			return out.String(), text[i+1:], true
		case c == '\\' && i+1 < len(text):
			i++
			if text[i] == 'n' {
				out.WriteByte('\n')
				continue
			}
			out.WriteByte(text[i])
		default:
			out.WriteByte(c)
		}
	}
	return "", "", false
}

// records is a field that holds a list of objects.
func (r record) records(field string) ([]record, error) {
	v, err := r.value(field)
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, r.wrong(field, "it is %s: expected a list of objects", kind(v))
	}
	var out []record
	for i, item := range list {
		m, ok := item.(map[string]any)
		if !ok {
			return nil, r.wrong(field, "item %d is %s: expected an object", i+1, kind(item))
		}
		out = append(out, record{r.f, r.row, m})
	}
	return out, nil
}

// number is a field that holds a finite number.
func (r record) number(field string) (float64, error) {
	text, err := r.text(field)
	if err != nil {
		return 0, err
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, r.wrong(field, "it is %.60q: expected a number", text)
	}
	return x, nil
}

// object is a field that holds an object.
func (r record) object(field string) (record, error) {
	v, err := r.value(field)
	if err != nil {
		return record{}, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return record{}, r.wrong(field, "it is %s: expected an object", kind(v))
	}
	return record{&file{name: r.f.name}, r.row, m}, nil
}

func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a text"
	case json.Number, float64, int:
		return "a number"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	case []byte:
		return "bytes that are no text"
	}
	return "an object"
}
