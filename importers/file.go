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
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// largest bounds a benchmark file in bytes, unpacked.
const largest = 1 << 30

// file is a benchmark file, and the account of its rows.
type file struct {
	name    string // as written
	path    string // on disk
	data    []byte // valid UTF-8, without a byte order mark
	fields  map[string]string
	read    int
	dropped map[string]int // rows by reason
	// definition names the YAML file that asks these rows, without its ending;
	// empty is that of the format.
	definition string
}

func open(i Import, n int) (*file, error) {
	f := &file{name: i.Files[n], path: i.Paths[n], fields: i.Fields, dropped: map[string]int{}}
	var err error
	f.data, err = readText(f.path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	return f, nil
}

// beside opens a file in the same folder.
func (f *file) beside(name string) (*file, error) {
	path := filepath.Join(filepath.Dir(f.path), name)
	data, err := readText(path)
	if err != nil {
		return nil, fmt.Errorf("%s beside it: %w", name, err)
	}
	return &file{name: name, path: path, data: data, dropped: map[string]int{}}, nil
}

// readText reads a file of text, without a byte order mark.
func readText(path string) ([]byte, error) {
	data, err := readAll(path)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := invalid(data); at >= 0 {
		return nil, fmt.Errorf("line %d is not UTF-8: expected the file as it was published", 1+bytes.Count(data[:at], []byte("\n")))
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("the file is empty: expected the file as it was published")
	}
	return data, nil
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
			return nil, err
		}
		r = unpacked
	}
	data, err := io.ReadAll(io.LimitReader(r, largest+1))
	if err == nil && len(data) > largest {
		err = fmt.Errorf("larger than %d bytes", largest)
	}
	return data, err
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

// plainLines are the lines of a plain text that are not blank, as records with one
// field, line.
func (f *file) plainLines() []record {
	var list []record
	for line := range strings.Lines(string(f.data)) {
		if line = strings.TrimSpace(line); line != "" {
			f.read++
			list = append(list, record{f, f.read, map[string]any{"line": line}})
		}
	}
	return list
}

// document reads the file as one JSON value.
func (f *file) document() (any, error) {
	dec := json.NewDecoder(bytes.NewReader(f.data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("%w: expected one JSON document", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON document: expected one alone")
	}
	return v, nil
}

// object reads the file as one JSON object.
func (f *file) object() (record, error) {
	v, err := f.document()
	if err != nil {
		return record{}, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return record{}, fmt.Errorf("the document is %s: expected an object", kind(v))
	}
	return record{f, 0, m}, nil
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
		if _, err := dec.Token(); !errors.Is(err, io.EOF) {
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

// rows makes a row of each record of the file. Of gives the row, or why it is
// left out, which is counted; an error ends the reading.
func (f *file) rows(of func(record) (made row, dropped string, err error)) ([]row, error) {
	records, err := f.records()
	if err != nil {
		return nil, err
	}
	var list []row
	for _, r := range records {
		made, dropped, err := of(r)
		switch {
		case err != nil:
			return nil, err
		case dropped != "":
			f.drop(dropped)
		default:
			list = append(list, made)
		}
	}
	return list, nil
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
	}
	return "an object"
}
