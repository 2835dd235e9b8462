package audit

import (
	"os"
	"strings"
	"testing"
)

func TestEveryKeyIsDocumented(t *testing.T) {
	data, err := os.ReadFile("../docs/audit-file.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(data)
	for section, keys := range map[string][]string{"## Keys": fileKeys, "## Models": modelKeys, "## Policy": policyKeys} {
		_, text, ok := strings.Cut(doc, section+"\n")
		if !ok {
			t.Errorf("no section %q", section)
		}
		text, _, _ = strings.Cut(text, "\n## ")
		rows := 0
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "| `") && strings.Count(line, "|") == 4 {
				rows++
			}
		}
		for _, key := range keys {
			if !strings.Contains(text, "\n| `"+key+"` |") {
				t.Errorf("%s: key %q has no row", section, key)
			}
		}
		if section != "## Models" && rows != len(keys) {
			t.Errorf("%s: %d rows for %d keys", section, rows, len(keys))
		}
	}
}
