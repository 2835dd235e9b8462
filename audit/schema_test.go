package audit

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gambit-audit/gambit/models"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

const schemaFile = "../docs/schemas/audit.schema.json"

// Editors check audit files by the published schema. It must know every key
// that the loader knows, and no other.
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
	var policy object
	var providers, damages struct{ Enum []string }
	for text, v := range map[*json.RawMessage]any{
		new(schema.Properties["policy"]): &policy, new(schema.Defs["model"].Properties["provider"]): &providers,
		new(schema.Defs["model"].Properties["damage"]): &damages,
	} {
		if err := json.Unmarshal(*text, v); err != nil {
			t.Fatal(err)
		}
	}
	var known []string
	for _, d := range models.Damages {
		known = append(known, d.Name)
	}
	for what, keys := range map[string][2][]string{
		"audit file": {fileKeys, slices.Collect(maps.Keys(schema.Properties))},
		"model":      {modelKeys, slices.Collect(maps.Keys(schema.Defs["model"].Properties))},
		"policy":     {policyKeys, slices.Collect(maps.Keys(policy.Properties))},
		"provider":   {models.Providers(), providers.Enum},
		"damage":     {known, damages.Enum},
	} {
		if diff := cmp.Diff(slices.Sorted(slices.Values(keys[0])), slices.Sorted(slices.Values(keys[1]))); diff != "" {
			t.Errorf("%s (-loader +schema):\n%s", what, diff)
		}
	}
}

func TestTheSchemaAcceptsWhatIsShippedAndRefusesWhatTheLoaderDoes(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	for pattern, fits := range map[string]bool{
		"../fixtures/audits/*.yaml": true, "../fixtures/recorded/*.yaml": true, "../fixtures/specimens/*.yaml": true,
		"../cmd/gambit/template/gambit.yaml": true,
		"testdata/err/keys.yaml":             false, "testdata/err/types.yaml": false,
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no file: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var v any
			if err := yaml.Unmarshal(data, &v); err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &v); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); (err == nil) != fits {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
