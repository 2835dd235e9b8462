package audit

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/gambit-audit/gambit/importers"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// probes reads the sources of probes: texts, and imports of benchmark files.
func (r *fileReader) probes(n *yaml.Node) {
	for _, item := range r.Items(n, "probes") {
		if strictyaml.Follow(item).Kind == yaml.MappingNode {
			r.importing(item)
			continue
		}
		r.out.Probes = append(r.out.Probes, r.Text(item, "probes"))
	}
}

// importing reads {import: FORMAT, file: …}, where file is one or a list.
func (r *fileReader) importing(n *yaml.Node) {
	m, ok := r.Map(n, "import", "import", "file", "name", "licence", "limit", "fields", "order")
	if !ok {
		return
	}
	i := importers.Import{
		Format: r.OneOf(m.Get("import"), "import", importers.Formats()...), Name: r.Text(m.Get("name"), "name"),
		Licence: r.Text(m.Get("licence"), "licence"), Limit: r.Integer(m.Get("limit"), "limit", 1, 0),
	}
	if order := m.Get("order"); order != nil {
		i.Order = r.OneOf(order, "order", "rotations")
	}
	for _, file := range r.oneOrMore(m.Get("file"), "file") {
		i.Files = append(i.Files, filepath.ToSlash(r.Text(file, "file")))
		i.Paths = append(i.Paths, r.path(file, "file", ""))
	}
	for _, key := range []string{"import", "file"} {
		if m.Get(key) == nil {
			r.At(m.Node, "import without %q: expected {import: bbq, file: Religion.jsonl}", key)
		}
	}
	if fields := m.Get("fields"); fields != nil {
		i.Fields = map[string]string{}
		f, _ := r.Map(fields, "fields")
		for _, key := range f.Keys {
			i.Fields[key.Value] = r.Text(f.Get(key.Value), key.Value)
		}
	}
	r.out.Imports = append(r.out.Imports, i)
}

// oneOrMore are the items of a list, or the one thing that is none.
func (r *fileReader) oneOrMore(n *yaml.Node, what string) []*yaml.Node {
	if n == nil || strictyaml.Follow(n).Kind != yaml.SequenceNode {
		return slices.DeleteFunc([]*yaml.Node{n}, func(n *yaml.Node) bool { return n == nil })
	}
	return r.Items(n, what)
}

// answers reads where a recorded model's answers are: a field of the imported
// files, or logs of other tools.
func (r *fileReader) answers(m strictyaml.Map, c *Model) {
	field, logs := m.Get("field"), m.Get("logs")
	if c.Provider != "recorded" {
		for _, key := range []string{"field", "logs", "tool"} {
			if n := m.Get(key); n != nil {
				r.At(n, "%s on provider %s: expected it with provider recorded", key, c.Provider)
			}
		}
		return
	}
	if (field == nil) == (logs == nil) || (logs == nil) != (m.Get("tool") == nil) {
		r.At(m.Node, "provider recorded: expected either `field`, the field of the imported files that holds this model's answers, or `logs` and `tool`")
		return
	}
	// What is recorded costs nothing to ask, and gives no second answer.
	r.out.Curtail, r.out.Floor = false, 0
	c.Field = r.Text(field, "field")
	tool := r.OneOf(m.Get("tool"), "tool", importers.Tools()...)
	for _, n := range r.oneOrMore(logs, "logs") {
		c.Logs = append(c.Logs, importers.Log{
			Tool: tool, File: filepath.ToSlash(r.Text(n, "logs")), Path: r.path(n, "logs", ""), Model: c.Recorded,
		})
	}
}

// LoadProbes loads the probes that the file names and the benchmark files that
// it imports, and leaves out what is skipped as unsupported.
func (f *File) LoadProbes() (*probes.Suite, error) {
	o := probes.LoadOptions{Dir: f.Dir, Size: f.Size, Seed: f.Seed, GroupMargin: f.Policy.GroupMargin}
	suite := &probes.Suite{}
	var err error
	if len(f.Probes) > 0 {
		suite, err = probes.Load(f.Probes, o)
	}
	err = errors.Join(err, f.imports(suite, o))
	if err != nil {
		return nil, err
	}
	return f.supported(suite)
}

// imports adds the imported probes to the suite, and gives recorded models
// their answers to them.
func (f *File) imports(suite *probes.Suite, o probes.LoadOptions) error {
	var errs []error
	var results []importers.Result
	for _, i := range f.Imports {
		result, err := importers.Load(i, o)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		results = append(results, result)
		if suite != nil {
			errs = append(errs, suite.Add(o, result.Probe))
			suite.Notes = append(suite.Notes, result.Note)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	errs = append(errs, f.Reference.recorded(results))
	for i := range f.Candidates {
		errs = append(errs, f.Candidates[i].recorded(results))
	}
	return errors.Join(errs...)
}

// recorded gives a recorded model its answers to all imports; each needs some.
func (m *Model) recorded(results []importers.Result) error {
	if m.Provider != "recorded" {
		return nil
	}
	m.Answers = map[string]string{}
	used := make([]bool, len(m.Logs))
	for _, result := range results {
		found, err := m.answersTo(result, used)
		if err != nil {
			return fmt.Errorf("model %s: %s: %w", m.Name, result.Probe.ID, err)
		}
		maps.Copy(m.Answers, found)
	}
	if i := slices.Index(used, false); i >= 0 && len(results) > 0 {
		return fmt.Errorf("model %s: log %s answers none of the imports: expected a log of one of their files", m.Name, m.Logs[i].File)
	}
	return nil
}

// answersTo finds a model's answers to one import, and marks the logs they are in.
func (m *Model) answersTo(result importers.Result, used []bool) (map[string]string, error) {
	if m.Field != "" {
		return result.Answers(m.Field)
	}
	answers := map[string]string{}
	var others []error
	for i, l := range m.Logs {
		found, err := result.Logged(l)
		if errors.Is(err, importers.ErrOtherLog) {
			others = append(others, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		used[i] = true
		maps.Copy(answers, found)
	}
	if len(answers) == 0 {
		return nil, errors.Join(append([]error{errors.New("no log answers it")}, others...)...)
	}
	return answers, nil
}
