package probes

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gambit-audit/gambit/scorers"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

const schemaFile = "../docs/schemas/probe.schema.json"

// Editors check probes by the published schema. It must know every key and
// scorer that the loader knows, and no other.
func TestThePublishedSchemaHasTheLoadersKeys(t *testing.T) {
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type object struct{ Properties map[string]json.RawMessage }
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	var cases struct{ Items object }
	if err := json.Unmarshal(schema.Properties["cases"], &cases); err != nil {
		t.Fatal(err)
	}
	for what, keys := range map[string][2][]string{
		"probe":  {probeKeys, slices.Collect(maps.Keys(schema.Properties))},
		"case":   {caseKeys, slices.Collect(maps.Keys(cases.Items.Properties))},
		"scorer": {scorers.Names(), slices.Collect(maps.Keys(schema.Defs["scorer"].Properties))},
		"draw":   {append([]string{"n", "per"}, drawKinds...), slices.Collect(maps.Keys(schema.Defs["draw"].Properties))},
	} {
		if diff := cmp.Diff(slices.Sorted(slices.Values(keys[0])), slices.Sorted(slices.Values(keys[1]))); diff != "" {
			t.Errorf("%s (-loader +schema):\n%s", what, diff)
		}
	}
}

func TestProbesThatLoadFitThePublishedSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, root := range []fs.FS{shipped, os.DirFS("testdata/examples")} {
		err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !isYAML(name) {
				return err
			}
			n++
			data, err := fs.ReadFile(root, name)
			if err != nil {
				return err
			}
			if err := schema.Validate(decoded(t, name, data)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 24 {
		t.Errorf("%d probes: want all", n)
	}
}

func TestTheSchemaRefusesWhatTheLoaderDoes(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"unknown_key", "unknown_scorer", "wrong_types"} {
		file := filepath.Join("testdata", "err", name+".yaml")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(decoded(t, file, data)) == nil {
			t.Errorf("%s fits the schema", file)
		}
	}
}

// decoded is a YAML document as JSON values.
func decoded(t *testing.T, name string, data []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
