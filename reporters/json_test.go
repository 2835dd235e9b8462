package reporters_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
)

func TestJSONIsReadBackAsItWas(t *testing.T) {
	for situation, build := range audits {
		want := build(t)
		got, err := reporters.ReadJSON(strings.NewReader(render(t, "json", want)))
		want.Pairs = nil // they have a file of their own
		if err != nil {
			t.Fatalf("%s: %v", situation, err)
		}
		// JSON has no place for a byte that is no UTF-8.
		valid := cmp.Transformer("valid", func(s string) string { return strings.ToValidUTF8(s, "\ufffd") })
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), valid); diff != "" {
			t.Errorf("%s (-want +got):\n%s", situation, diff)
		}
	}
}

func TestReadJSONRefusesWhatItCannotUnderstand(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"another schema": {`{"schema": "gambit.audit/99", "seed": "x"}`, `read report: unknown schema "gambit.audit/99": expected "gambit.audit/1"`},
		"no schema":      {`{}`, `read report: unknown schema "": expected "gambit.audit/1"`},
		"a second value": {`{"schema": "gambit.audit/1"} {}`, "read report: invalid character '{' after top-level value"},
		"a wrong type": {
			`{"schema": "gambit.audit/1", "title": 1}`,
			"read report: json: cannot unmarshal number into Go struct field Audit.title of type string",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := reporters.ReadJSON(strings.NewReader(test.in)); err == nil || err.Error() != test.want {
				t.Errorf("got error %v, want %s", err, test.want)
			}
		})
	}
}

func TestReadJSONPassesOverFieldsThatALaterVersionAdds(t *testing.T) {
	got, err := reporters.ReadJSON(strings.NewReader(`{"schema": "gambit.audit/1", "title": "check", "mood": "good"}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&drift.Audit{Schema: "gambit.audit/1", Title: "check"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONFollowsItsSchema(t *testing.T) {
	schema := strictSchema(t)
	for situation, build := range audits {
		report, err := jsonschema.UnmarshalJSON(strings.NewReader(render(t, "json", build(t))))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(report); err != nil {
			t.Errorf("%s: %v", situation, err)
		}
	}
}

func TestTheSchemaRefusesAPercentage(t *testing.T) {
	a := passedAudit(t)
	a.Comparisons[0].Change = ptr(-3.1)
	report, err := jsonschema.UnmarshalJSON(strings.NewReader(render(t, "json", a)))
	if err != nil {
		t.Fatal(err)
	}
	if err := strictSchema(t).Validate(report); err == nil || !strings.Contains(err.Error(), "/comparisons/0/change") {
		t.Errorf("got error %v, want one at /comparisons/0/change", err)
	}
}

// strictSchema is the schema with every field that it does not describe
// forbidden, so that no field goes undescribed.
func strictSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	root := doc.(map[string]any)
	root["additionalProperties"] = false
	for _, def := range root["$defs"].(map[string]any) {
		if def := def.(map[string]any); def["type"] == "object" {
			def["additionalProperties"] = false
		}
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestAReportOfNothingHasListsNotNulls(t *testing.T) {
	var report map[string]any
	if err := json.Unmarshal([]byte(render(t, "json", &drift.Audit{})), &report); err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"candidates", "probes", "comparisons"} {
		if _, ok := report[field].([]any); !ok {
			t.Errorf("%s is %v, want a list", field, report[field])
		}
	}
}
