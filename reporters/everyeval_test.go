package reporters_test

import (
	"strings"
	"testing"
)

// Each line is a record of its own, which follows the schema.
func TestRecordsOfEveryEvalEverFollowTheirSchema(t *testing.T) {
	schema := schemaOf(t, "every-eval-ever.schema.json")
	if schema.Validate(map[string]any{}) == nil {
		t.Error("the schema accepts {}")
	}
	for situation, build := range situations() {
		t.Run(situation, func(t *testing.T) {
			text := render(t, "every-eval-ever", build(t))
			lines := 0
			for line := range strings.Lines(text) {
				checkJSONReport(t, schema, line)
				lines++
			}
			if lines == 0 {
				t.Error("no record, not even of the reference")
			}
			checkVisible(t, "every-eval-ever", text)
		})
	}
}
