package reporters

import (
	"bytes"
	"encoding/json"
)

// indentJSON writes a value for people and machines, with a newline at its end.
// Signs that only HTML gives a meaning stay as they are.
func indentJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
