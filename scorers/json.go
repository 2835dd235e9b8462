package scorers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var _ = register("json", newJSON,
	"the whole answer is one JSON value, which holds the schema and equals a value where one is given")

// jsonValue demands that the answer is one JSON value with nothing but white
// space around it: a code fence is text outside, and makes it unparsed, as do
// numbers of more than some hundred digits.
type jsonValue struct {
	schema *jsonschema.Schema // nil: any value
	equals *jsonschema.Schema // holds for one value only; nil: any value
}

var _ Scorer = jsonValue{}

func newJSON(arg any, _ Context) (Scorer, error) {
	if arg == true {
		return jsonValue{}, nil
	}
	if _, isMap := arg.(map[string]any); !isMap {
		return nil, expected("true or a map with schema, equals", arg)
	}
	f, err := readFields(arg, "schema", "equals")
	if err != nil {
		return nil, err
	}
	if len(f) == 0 {
		return nil, errors.New("expected schema or equals in the map, or true for any value")
	}
	var s jsonValue
	if schema, given := f["schema"]; given {
		if s.schema, err = compileSchema(schema); err != nil {
			return nil, fmt.Errorf("schema: %w", err)
		}
	}
	if value, given := f["equals"]; given {
		if s.equals, err = compileSchema(map[string]any{"const": value}); err != nil {
			return nil, fmt.Errorf("equals: %w", err)
		}
	}
	return s, nil
}

// compileSchema compiles a JSON Schema (draft 2020-12 unless it says another)
// that stands in the probe.
func compileSchema(value any) (*jsonschema.Schema, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	const address = "gambit:schema"
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	if err := compiler.AddResource(address, document); err != nil {
		return nil, err
	}
	schema, err := compiler.Compile(address)
	if err != nil {
		return nil, errors.New(oneLine(err.Error()))
	}
	return schema, nil
}

// noLoader keeps a schema from reading files or the network.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("a schema may only refer to itself, got a reference to %q", url)
}

func (s jsonValue) Score(a Answer) Result {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(a.Text))
	if err == nil {
		err = checkNumbers(value)
	}
	if err != nil {
		return unparsed("no JSON in %s: %v", quote(a.Text), err)
	}
	if s.schema != nil {
		if err := s.schema.Validate(value); err != nil {
			return wrong("schema: %s", reason(err))
		}
	}
	if s.equals != nil {
		if err := s.equals.Validate(value); err != nil {
			return wrong("not the value wanted: %s", reason(err))
		}
	}
	return passed()
}

// reason is the schema's complaint without its heading. It may repeat parts of
// the answer.
func reason(err error) string {
	text := err.Error()
	if _, complaints, found := strings.Cut(text, "\n"); found {
		text = complaints
	}
	return quote(strings.TrimPrefix(oneLine(text), "- "))
}

func oneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}

// checkNumbers refuses numbers whose exact value would fill the memory.
func checkNumbers(value any) error {
	switch value := value.(type) {
	case json.Number:
		if !isModest(value.String()) {
			return errors.New("a number is out of range")
		}
	case []any:
		for _, item := range value {
			if err := checkNumbers(item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, item := range value {
			if err := checkNumbers(item); err != nil {
				return err
			}
		}
	}
	return nil
}
