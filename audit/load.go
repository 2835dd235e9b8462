package audit

import (
	"errors"
	"fmt"
	"maps"

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

// importing reads {import: FORMAT, file: …}.
func (r *fileReader) importing(n *yaml.Node) {
	m, ok := r.Map(n, "import", "import", "file", "licence", "limit", "fields")
	if !ok {
		return
	}
	i := importers.Import{
		Format: r.OneOf(m.Get("import"), "import", importers.Formats()...), File: r.Text(m.Get("file"), "file"),
		Path: r.path(m.Get("file"), "file", ""), Licence: r.Text(m.Get("licence"), "licence"),
		Limit: r.Integer(m.Get("limit"), "limit", 1, 0),
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

// field reads the field of imported files that holds a recorded model's
// answers.
func (r *fileReader) field(m strictyaml.Map, c *Model) {
	n := m.Get("field")
	switch {
	case n != nil && c.Provider != "recorded":
		r.At(n, "field on provider %s: expected it with provider recorded", c.Provider)
	case n == nil && c.Provider == "recorded":
		r.At(m.Node, "provider recorded without `field`: expected the field of the imported files that holds this model's answers")
	}
	c.Field = r.Text(n, "field")
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
	answers := map[string]map[string]string{} // by field, then case
	for _, i := range f.Imports {
		result, err := importers.Load(i, o)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if suite != nil {
			errs = append(errs, suite.Add(o, result.Probe))
			suite.Notes = append(suite.Notes, result.Note)
		}
		for _, m := range f.models() {
			if m.Field == "" {
				continue
			}
			found, err := result.Answers(m.Field)
			if err != nil {
				errs = append(errs, fmt.Errorf("model %s: import %s of %s: %w", m.Name, i.Format, i.File, err))
			}
			if answers[m.Field] == nil {
				answers[m.Field] = map[string]string{}
			}
			maps.Copy(answers[m.Field], found)
		}
	}
	f.Reference.Answers = answers[f.Reference.Field]
	for i, c := range f.Candidates {
		f.Candidates[i].Answers = answers[c.Field]
	}
	return errors.Join(errs...)
}
