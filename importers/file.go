package importers

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// largest bounds a benchmark file in bytes, unpacked.
const largest = 1 << 30

// file is a benchmark file, and the account of its rows.
type file struct {
	name    string // as written
	data    []byte // valid UTF-8, without a byte order mark
	fields  map[string]string
	read    int
	dropped map[string]int // rows by reason
}

func open(i Import) (*file, error) {
	data, err := readAll(i.Path)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", i.Format, err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := invalid(data); at >= 0 {
		return nil, fmt.Errorf("import %s of %s: line %d is not UTF-8: expected the file as it was published",
			i.Format, i.File, 1+bytes.Count(data[:at], []byte("\n")))
	}
	return &file{name: i.File, data: data, fields: i.Fields, dropped: map[string]int{}}, nil
}

// readAll reads a file, unpacked where its name ends in .gz.
func readAll(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if filepath.Ext(path) == ".gz" {
		unpacked, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		r = unpacked
	}
	data, err := io.ReadAll(io.LimitReader(r, largest+1))
	if err == nil && len(data) > largest {
		err = fmt.Errorf("larger than %d bytes", largest)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// invalid is where the first byte lies that is no UTF-8; -1 where all is.
func invalid(data []byte) int {
	for at := 0; at < len(data); {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n == 1 {
			return at
		}
		at += n
	}
	return -1
}

// drop leaves a row out, for a reason.
func (f *file) drop(reason string) { f.dropped[reason]++ }

// account says what was read, dropped and kept.
func (f *file) account(usable, kept int) string {
	text := fmt.Sprintf("%d rows read, %d kept", f.read, kept)
	if kept < usable {
		text += fmt.Sprintf(" of %d usable (a seeded sample)", usable)
	}
	for _, reason := range slices.Sorted(maps.Keys(f.dropped)) {
		text += fmt.Sprintf("; %d dropped: %s", f.dropped[reason], reason)
	}
	return text
}

// record is one record of a file, with the place that errors name.
type record struct {
	f      *file
	row    int // from 1, as the file counts: a header is none
	values map[string]any
}

// records reads JSON lines, or CSV or TSV with a header, by the file's name.
func (f *file) records() ([]record, error) {
	switch ext := filepath.Ext(strings.TrimSuffix(f.name, ".gz")); ext {
	case ".jsonl", ".json", ".ndjson":
		return f.jsonLines()
	case ".csv":
		return f.table(',')
	case ".tsv", ".txt":
		return f.table('\t')
	default:
		return nil, fmt.Errorf("the name ends in %q: expected .jsonl, .csv or .tsv", ext)
	}
}

func (f *file) jsonLines() ([]record, error) {
	var list []record
	lines := bufio.NewScanner(bytes.NewReader(f.data))
	lines.Buffer(nil, largest)
	for line := 1; lines.Scan(); line++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		f.read++
		dec := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		dec.UseNumber()
		values := map[string]any{}
		if err := dec.Decode(&values); err != nil {
			return nil, fmt.Errorf("line %d: %w: expected one JSON object a line", line, err)
		}
		if dec.More() {
			return nil, fmt.Errorf("line %d: more than one JSON value: expected one object a line", line)
		}
		list = append(list, record{f, f.read, values})
	}
	return list, lines.Err()
}

func (f *file) table(comma rune) ([]record, error) {
	r := csv.NewReader(bytes.NewReader(f.data))
	r.Comma = comma
	r.LazyQuotes = comma == '\t'
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: expected a header and rows")
	}
	if err != nil {
		return nil, err
	}
	for i, name := range header {
		if slices.Contains(header[:i], name) {
			return nil, fmt.Errorf("two columns are named %q: expected a name of its own for each", name)
		}
	}
	var list []record
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		f.read++
		values := map[string]any{}
		for i, name := range header {
			values[name] = cells[i]
		}
		list = append(list, record{f, f.read, values})
	}
}

// wrong is an error about one field of the record.
func (r record) wrong(field, format string, args ...any) error {
	return fmt.Errorf("row %d, field %q: %s", r.row, r.name(field), fmt.Sprintf(format, args...))
}

// name is the file's name for a field.
func (r record) name(field string) string {
	if mapped, ok := r.f.fields[field]; ok {
		return mapped
	}
	return field
}

func (r record) value(field string) (any, error) {
	v, ok := r.values[r.name(field)]
	if !ok || v == nil {
		return nil, r.wrong(field, "it is missing")
	}
	return v, nil
}

// has tells whether a field is there and not null.
func (r record) has(field string) bool { return r.values[r.name(field)] != nil }

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
	var n int
	var rest string
	if read, _ := fmt.Sscanf(text, "%d%s", &n, &rest); read != 1 || n < low || n > high {
		return 0, r.wrong(field, "it is %q: expected a whole number from %d to %d", text, low, high)
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
		var inner []any
		if json.Unmarshal([]byte(s), &inner) != nil {
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
	}
	return "an object"
}
