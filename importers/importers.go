// Package importers reads public benchmark files, which the user already has,
// into probes.
//
// It never downloads. A file whose fields do not fit is refused, with row and
// field; rows that a format has to leave out are counted with the reason. A
// format is one Go file, which turns the benchmark's rows into ours, and one
// YAML file beside it, an ordinary probe over a table of those rows: what is
// asked and how it is scored is read there.
package importers

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/probes"
)

// Import names a benchmark file, as an audit file does.
type Import struct {
	Format string // one of [Formats]
	File   string // as written, for reports
	Path   string // on disk
	// Licence is the user's word on the file's licence; empty takes the one that
	// is known for the format.
	Licence string
	Limit   int // the most rows to keep; 0 keeps all
	// Fields maps the names of a format's fields to those of the file, where
	// they differ; nil for none.
	Fields map[string]string
}

// Result is what came of a file.
type Result struct {
	Probe *probes.Probe
	// Note says, in one line for reports, what was read, kept and dropped.
	Note string

	rows []row // those that were kept
}

// Answers are the texts of a field of the file by case, such as a published
// model's predictions; a case whose field is null or missing has none. No row
// with the field is an error that names it.
func (r Result) Answers(field string) (map[string]string, error) {
	byRow := map[string]string{}
	for _, row := range r.rows {
		switch v := row.record.values[field].(type) {
		case nil:
		case string:
			byRow[row.id] = v
		case json.Number:
			byRow[row.id] = v.String()
		default:
			return nil, row.record.wrong(field, "it is %s: expected a text, an answer", kind(v))
		}
	}
	if len(byRow) == 0 {
		return nil, fmt.Errorf("no row has an answer in field %q: expected one of %s", field, strings.Join(r.fieldNames(), ", "))
	}
	answers := map[string]string{}
	for _, c := range r.Probe.Cases {
		for _, place := range c.Axes {
			if id, ok := strings.CutPrefix(place, "row="); ok {
				if text, ok := byRow[id]; ok {
					answers[c.ID] = text
				}
			}
		}
	}
	return answers, nil
}

func (r Result) fieldNames() []string {
	names := map[string]bool{}
	for _, row := range r.rows {
		for name := range row.record.values {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// row is one case of a benchmark.
type row struct {
	id string // of its own in the file
	// group is what a sample is balanced over, and cluster names rows that are
	// correlated, which are sampled together; empty: each for itself.
	group, cluster string
	fields         map[string]any // what the probe's YAML reads
	record         record         // of the file, with whatever else stands there
}

// format is one benchmark.
type format struct {
	about   string // one line for people
	licence string // that is known; empty: the user must say
	// read turns the records of the file into rows. What it leaves out it
	// reports by drop.
	read func(f *file) ([]row, error)
}

var formats = map[string]format{}

func register(name string, f format) bool {
	if _, taken := formats[name]; taken {
		panic(fmt.Sprintf("import format %q is registered twice", name))
	}
	formats[name] = f
	return true
}

// Formats are the names of all formats, sorted.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// About says in one line what a format is; empty for an unknown one.
func About(name string) string { return formats[name].about }

//go:embed *.yaml
var definitions embed.FS

// Load reads the file into one probe, import.FORMAT.NAME, where NAME is the
// file's name. Every error names the file, and where it can the row and field.
func Load(i Import, o probes.LoadOptions) (Result, error) {
	f, ok := formats[i.Format]
	if !ok {
		return Result{}, fmt.Errorf("import %q: expected one of %s", i.Format, strings.Join(Formats(), ", "))
	}
	licence := i.Licence
	if licence == "" {
		licence = f.licence
	}
	if licence == "" {
		return Result{}, fmt.Errorf("import %s of %s: no licence is known for this format: expected `licence`, under which you have the file", i.Format, i.File)
	}
	data, err := open(i)
	if err != nil {
		return Result{}, err
	}
	rows, err := f.read(data)
	if err == nil {
		err = checkRows(rows)
	}
	if err == nil && len(rows) == 0 {
		err = errors.New("no row is left: expected at least one")
	}
	if err != nil {
		return Result{}, fmt.Errorf("import %s of %s: %w", i.Format, i.File, err)
	}
	kept := sample(rows, i.limit(o.Size), o.Seed)
	probe, err := define(i, kept, o)
	if err != nil {
		return Result{}, fmt.Errorf("import %s of %s: %w", i.Format, i.File, err)
	}
	note := fmt.Sprintf("import %s of %s (%s): %s", i.Format, i.File, licence, data.account(len(rows), len(kept)))
	return Result{probe, note, kept}, nil
}

// smokeRows is how many rows are kept at smoke size.
const smokeRows = 32

func (i Import) limit(size probes.Size) int {
	if size == probes.Smoke && (i.Limit == 0 || i.Limit > smokeRows) {
		return smokeRows
	}
	return i.Limit
}

func checkRows(rows []row) error {
	seen := map[string]bool{}
	for _, r := range rows {
		if r.id == "" || seen[r.id] {
			return fmt.Errorf("the id %q is used twice, or empty: expected one of its own for each row", r.id)
		}
		seen[r.id] = true
	}
	return nil
}

// define expands the format's probe over the rows.
func define(i Import, rows []row, o probes.LoadOptions) (*probes.Probe, error) {
	name := i.Format + ".yaml"
	text, err := definitions.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var table strings.Builder
	for _, r := range rows {
		fields := maps.Clone(r.fields)
		fields["id"], fields["group"], fields["cluster"] = r.id, r.group, r.cluster
		if r.cluster == "" {
			fields["cluster"] = r.id
		}
		line, err := json.Marshal(fields)
		if err != nil {
			return nil, err
		}
		table.Write(line)
		table.WriteByte('\n')
	}
	id := "import." + word(i.Format) + "." + word(strings.TrimSuffix(filepath.Base(i.File), filepath.Ext(i.File)))
	text = []byte(strings.Replace(string(text), "import.NAME", id, 1))
	files := memory{name: text, "rows.jsonl": []byte(table.String())}
	return probes.ParseFS(files, name, "importers/"+name, o)
}

var noWord = regexp.MustCompile(`[^a-z0-9_]+`)

// word makes a part of a probe id of a text.
func word(text string) string {
	w := strings.Trim(noWord.ReplaceAllString(strings.ToLower(text), "_"), "_")
	if w == "" {
		return "file"
	}
	return w
}
