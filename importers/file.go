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
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

// largest bounds a benchmark file in bytes, unpacked, and mostWindow what a zstd
// file may ask to be remembered of it.
const (
	largest    = 1 << 30
	mostWindow = 1 << 27
)

// file is a benchmark file, and the account of its rows.
type file struct {
	name    string // as written
	path    string // on disk
	data    []byte // of a Parquet file as it is; else valid UTF-8, without a byte order mark
	fields  map[string]string
	read    int
	dropped map[string]int // rows by reason
	// definition names the YAML file that asks these rows, without its ending;
	// empty is that of the format.
	definition string
}

func open(i Import, n int) (*file, error) {
	f := &file{name: i.Files[n], path: i.Paths[n], fields: i.Fields, dropped: map[string]int{}}
	read := readText
	if f.ending() == ".parquet" {
		read = readAll
	}
	var err error
	f.data, err = read(f.path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	return f, nil
}

// unpacked is the name of a file without the ending of a packed one.
func unpacked(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
}

// ending is that of the file's name, which tells what it is.
func (f *file) ending() string { return filepath.Ext(unpacked(f.name)) }

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

// readAll reads a file, unpacked where its name ends in .gz or .zst.
func readAll(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	switch filepath.Ext(path) {
	case ".gz":
		r, err = gzip.NewReader(f)
	case ".zst":
		var z *zstd.Decoder
		z, err = zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(mostWindow))
		if err == nil {
			defer z.Close()
		}
		r = z
	}
	if err != nil {
		return nil, err
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

// records reads JSON lines, CSV or TSV with a header, or Parquet, by the file's
// name.
func (f *file) records() ([]record, error) {
	switch ext := f.ending(); ext {
	case ".jsonl", ".json", ".ndjson":
		return f.jsonLines()
	case ".csv":
		return f.table(',')
	case ".tsv", ".txt":
		return f.table('\t')
	case ".parquet":
		return f.parquetRows()
	default:
		return nil, fmt.Errorf("the name ends in %q: expected .jsonl, .csv, .tsv or .parquet", ext)
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
