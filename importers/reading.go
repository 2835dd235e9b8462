package importers

import "strings"

// reading reads fields of a record one after the other and keeps the first error,
// so that a format can name its fields without asking after each.
type reading struct {
	r   record
	err error
}

func keep[T any](t *reading, v T, err error) T {
	if t.err == nil {
		t.err = err
	}
	return v
}

func (t *reading) text(field string) string {
	v, err := t.r.text(field)
	return keep(t, v, err)
}

func (t *reading) oneOf(field string, allowed ...string) string {
	v, err := t.r.oneOf(field, allowed...)
	return keep(t, v, err)
}

func (t *reading) whole(field string, low, high int) int {
	v, err := t.r.whole(field, low, high)
	return keep(t, v, err)
}

func (t *reading) texts(field string) []string {
	v, err := t.r.texts(field)
	return keep(t, v, err)
}

func (t *reading) object(field string) record {
	v, err := t.r.object(field)
	return keep(t, v, err)
}

func (t *reading) number(field string) float64 {
	v, err := t.r.number(field)
	return keep(t, v, err)
}

func (t *reading) records(field string) []record {
	v, err := t.r.records(field)
	return keep(t, v, err)
}

// optional is a field of text, empty where it is missing or blank.
func (t *reading) optional(field string) string {
	if text, ok := t.r.at(field).(string); !t.r.has(field) || ok && strings.TrimSpace(text) == "" {
		return ""
	}
	return t.text(field)
}
