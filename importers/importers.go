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
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/gambit-audit/gambit/probes"
)

// Import names the files of a benchmark, as an audit file does.
type Import struct {
	Format string // one of [Formats]
	// Name is that of the probe, after import.FORMAT; empty takes the name of the
	// file, or "all" where there are several.
	Name  string
	Files []string // as written, for reports; at least one
	Paths []string // of each on disk
	// Licence is the user's word on the file's licence; empty takes the one that
	// is known for the format.
	Licence string
	Limit   int // the most rows to keep; 0 keeps all
	// Fields maps the names of a format's fields to those of the file, where
	// they differ; nil for none.
	Fields map[string]string
	// Order is how the options of a choice are shown: empty as the file has them,
	// "rotations" in every rotation.
	Order string
}

// Result is what came of a file.
type Result struct {
	Probe *probes.Probe
	// Note says, in one line for reports, what was read, kept and dropped.
	Note string

	all   []row             // those that were read
	rows  []row             // those that were kept
	cases map[string]string // the id of the case of each row; "" where there are several
}

// Answers are the texts of a field of the files by case, such as a published
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
	return r.byCase(byRow)
}

// byCase turns answers to rows into answers to cases. A row that is asked in
// several ways has no recorded answer, as none says to which it belongs.
func (r Result) byCase(byRow map[string]string) (map[string]string, error) {
	answers := map[string]string{}
	for _, row := range r.rows {
		text, answered := byRow[row.id]
		if !answered {
			continue
		}
		id := r.cases[row.id]
		if id == "" {
			return nil, fmt.Errorf("row %q is asked in several ways, and a recorded answer does not say to which it belongs: expected a format and an order that ask each row once", row.id)
		}
		answers[id] = text
	}
	return answers, nil
}

// casesOf finds the case of each row by its place on the axes row and member.
func casesOf(p *probes.Probe) map[string]string {
	ids := map[string]string{}
	for _, c := range p.Cases() {
		row := ""
		for _, place := range c.Axes {
			for _, axis := range []string{"row=", "member="} { // a member is inside its row
				if id, ok := strings.CutPrefix(place, axis); ok {
					row = id
				}
			}
		}
		if _, several := ids[row]; several {
			ids[row] = ""
			continue
		}
		ids[row] = c.ID
	}
	return ids
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

// row is one record of a benchmark, as it is asked.
type row struct {
	id string // of its own in its file
	// group is what a sample is balanced over, and cluster names rows that are
	// correlated, which are sampled together; empty: each for itself.
	group, cluster string
	// bundle names rows that are judged together; empty for a format without. The
	// probe sees a bundle as a row, and its rows as members of it.
	bundle string
	fields map[string]any // what the probe's YAML reads
	record record         // of the file, with whatever else stands there
}

// format is one benchmark.
type format struct {
	about   string // one line for people
	licence string // that is known; empty: the user must say
	// read turns the records of the file into rows. What it leaves out it
	// reports by drop.
	read func(f *file) ([]row, error)
	// parallel tells that equal clusters of several files belong together, as
	// translations of one item do.
	parallel bool
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

// Load reads the files into one probe, import.FORMAT.NAME. Every error names the
// file, and where it can the row and field.
func Load(i Import, o probes.LoadOptions) (Result, error) {
	f, ok := formats[i.Format]
	if !ok {
		return Result{}, fmt.Errorf("import %q: expected one of %s", i.Format, strings.Join(Formats(), ", "))
	}
	shown := "import " + i.Format + " of " + strings.Join(i.Files, ", ")
	licence := cmp.Or(i.Licence, f.licence)
	if licence == "" {
		return Result{}, fmt.Errorf("%s: no licence is known for this format: expected `licence`, under which you have the file", shown)
	}
	r, err := f.readAll(i)
	if err != nil {
		return Result{}, fmt.Errorf("import %s of %w", i.Format, err)
	}
	if len(r.rows) == 0 {
		return Result{}, fmt.Errorf("%s: no row is left of %d: expected at least one%s", shown, r.read, r.reasons())
	}
	kept := sample(r.rows, i.limit(o.Size), o.Seed)
	probe, err := r.define(i, kept, o)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", shown, err)
	}
	note := fmt.Sprintf("%s (%s): %s", shown, licence, r.account(len(kept)))
	return Result{Probe: probe, Note: note, all: r.rows, rows: kept, cases: casesOf(probe)}, nil
}

// content is what all files of an import hold.
type content struct {
	rows       []row
	read       int
	dropped    map[string]int // rows by reason
	definition string         // the name of the YAML file, without its ending
}

// readAll reads the files one after the other. With several, ids and clusters
// begin with the name of their file.
func (f format) readAll(i Import) (content, error) {
	all := content{dropped: map[string]int{}}
	prefixes := distinct(i.Files)
	for n, name := range i.Files {
		data, err := open(i, n)
		if err != nil {
			return all, err
		}
		rows, err := f.read(data)
		if err == nil && data.read == 0 {
			err = errors.New("it has no rows: expected at least one")
		}
		if err == nil {
			err = checkRows(rows)
		}
		if err != nil {
			return all, fmt.Errorf("%s: %w", name, err)
		}
		definition := cmp.Or(data.definition, i.Format)
		if all.definition != "" && all.definition != definition {
			return all, fmt.Errorf("%s: it is of another kind (%s) than the files before it (%s): expected files of one kind", name, definition, all.definition)
		}
		all.definition = definition
		if len(i.Files) > 1 {
			f.prefix(rows, prefixes[n])
		}
		all.rows, all.read = append(all.rows, rows...), all.read+data.read
		for reason, n := range data.dropped {
			all.dropped[reason] += n
		}
	}
	if err := checkRows(all.rows); err != nil {
		return all, fmt.Errorf("%s: %w", strings.Join(i.Files, ", "), err)
	}
	return all, nil
}

// prefix tells the rows of one file from those of others.
func (f format) prefix(rows []row, name string) {
	for i := range rows {
		r := &rows[i]
		r.id, r.group = name+"/"+r.id, name+"/"+r.group
		if r.cluster != "" && !f.parallel {
			r.cluster = name + "/" + r.cluster
		}
		if r.bundle != "" {
			r.bundle = name + "/" + r.bundle
		}
	}
}

// distinct are short names of files: their stems, or with the folder where two
// stems are equal.
func distinct(files []string) []string {
	seen := map[string]bool{}
	short, long := make([]string, len(files)), make([]string, len(files))
	equal := false
	for i, name := range files {
		short[i] = stem(name)
		long[i] = folder(name) + "/" + short[i]
		equal = equal || seen[short[i]]
		seen[short[i]] = true
	}
	if equal {
		return long
	}
	return short
}

// stem is the name of a file without folders and ending.
func stem(name string) string {
	base := unpacked(filepath.Base(filepath.ToSlash(name)))
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// folder is the name of the folder that a file lies in.
func folder(name string) string { return filepath.Base(filepath.Dir(filepath.ToSlash(name))) }

// account says what was read, dropped and kept.
func (c content) account(kept int) string {
	text := fmt.Sprintf("%d rows read, %d kept", c.read, kept)
	if kept < len(c.rows) {
		text += fmt.Sprintf(" of %d usable (a seeded sample)", len(c.rows))
	}
	return text + c.reasons()
}

// reasons are why rows were dropped.
func (c content) reasons() string {
	text := ""
	for _, reason := range slices.Sorted(maps.Keys(c.dropped)) {
		text += fmt.Sprintf("; %d dropped: %s", c.dropped[reason], reason)
	}
	return text
}

// smokeRows is how many rows are kept at smoke size.
const smokeRows = 32

func (i Import) limit(size probes.Size) int {
	if size == probes.Smoke && (i.Limit == 0 || i.Limit > smokeRows) {
		return smokeRows
	}
	return i.Limit
}

// maxID bounds the id of a row, in bytes.
const maxID = 200

func checkRows(rows []row) error {
	seen := map[string]bool{}
	for _, r := range rows {
		if r.id == "" || len(r.id) > maxID || strings.ContainsFunc(r.id, unicode.IsControl) {
			return fmt.Errorf("row %d: the id %.60q is empty, longer than %d bytes or holds control characters: expected a plain one", r.record.row, r.id, maxID)
		}
		if seen[r.id] {
			return fmt.Errorf("row %d: the id %q is used twice: expected one of its own for each row", r.record.row, r.id)
		}
		seen[r.id] = true
	}
	return nil
}

// define expands the format's probe over the rows.
func (c content) define(i Import, rows []row, o probes.LoadOptions) (*probes.Probe, error) {
	name := c.definition + ".yaml"
	text, err := definitions.ReadFile(name)
	if err != nil {
		return nil, err
	}
	table, err := tableOf(rows)
	if err != nil {
		return nil, err
	}
	last := cmp.Or(i.Name, stem(i.Files[0]))
	if i.Name == "" && len(i.Files) > 1 {
		last = "all"
	}
	id := "import." + word(i.Format) + "." + word(last)
	source := strings.Replace(string(text), "import.NAME", id, 1)
	if i.Order != "" {
		if !strings.Contains(source, "\norder: fixed\n") {
			return nil, fmt.Errorf("order %s: format %s shows no options in an order of the file: expected it without", i.Order, i.Format)
		}
		source = strings.Replace(source, "\norder: fixed\n", "\norder: "+i.Order+"\n", 1)
	}
	files := memory{name: []byte(source), "rows.jsonl": table}
	p, err := probes.ParseFS(files, name, "importers/"+name, o)
	if err != nil {
		return nil, err
	}
	withoutWholeGroups(p)
	return p, nil
}

// withoutWholeGroups takes away groups that all cases are in, such as the category
// of a file of one: they would be judged twice.
func withoutWholeGroups(p *probes.Probe) {
	size := map[string]int{}
	for _, c := range p.Cases() {
		for _, g := range c.Groups {
			size[g]++
		}
	}
	for _, c := range p.Cases() {
		c.Groups = slices.DeleteFunc(c.Groups, func(g string) bool { return size[g] == len(p.Cases()) })
	}
}

// tableOf writes rows, and bundles of rows, as the JSON lines of a probe's table.
func tableOf(rows []row) ([]byte, error) {
	var lines []map[string]any
	bundles := map[string]map[string]any{}
	for _, r := range rows {
		fields := maps.Clone(r.fields)
		fields["id"], fields["cluster"] = r.id, cmp.Or(r.cluster, r.id)
		if r.bundle == "" {
			lines = append(lines, fields)
			continue
		}
		b := bundles[r.bundle]
		if b == nil {
			b = map[string]any{"id": r.bundle, "cluster": cmp.Or(r.cluster, r.bundle), "members": []any{}}
			bundles[r.bundle], lines = b, append(lines, b)
		}
		b["members"] = append(b["members"].([]any), fields)
	}
	var table bytes.Buffer
	enc := json.NewEncoder(&table) // one line each
	for _, line := range lines {
		if err := enc.Encode(line); err != nil {
			return nil, err
		}
	}
	return table.Bytes(), nil
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
