package importers

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Key-value retrieval: Liu et al. 2024, TACL, arXiv:2307.03172.
var _ = register("kv-retrieval", format{
	about:   "key-value retrieval of Lost in the Middle, JSON lines, packed (.gz) or not",
	licence: "MIT",
	read:    readKVRetrieval,
})

func readKVRetrieval(f *file) ([]row, error) {
	return f.rows(func(r record) (row, string, error) {
		t := reading{r: r}
		key, value := t.text("key"), t.text("value")
		if t.err != nil {
			return row{}, "", t.err
		}
		pairs, err := r.pairs("ordered_kv_records")
		if err != nil {
			return row{}, "", err
		}
		at := -1
		lines := make([]string, len(pairs))
		for i, p := range pairs {
			if p[0] == key && p[1] == value {
				at = i
			}
			lines[i] = fmt.Sprintf("%s: %s", quote(p[0]), quote(p[1]))
		}
		if at < 0 {
			return row{}, "", r.wrong("key", "%.60q with its value is not among the records: expected one of %d", key, len(pairs))
		}
		place := 1 + 5*at/len(pairs)
		return row{record: r, id: fmt.Sprint(r.row), group: fmt.Sprint(place), fields: map[string]any{
			"data": "{" + strings.Join(lines, ",\n ") + "}", "key": key, "value": value, "pairs": len(pairs), "position": at + 1, "fifth": place,
		}}, "", nil
	})
}

// quote writes a text as JSON.
func quote(text string) string {
	data, _ := json.Marshal(text) // a string always has JSON
	return string(data)
}

// pairs is a field that holds a list of pairs of texts.
func (r record) pairs(field string) ([][2]string, error) {
	v, err := r.value(field)
	if err != nil {
		return nil, err
	}
	list, _ := v.([]any)
	var out [][2]string
	for _, item := range list {
		pair, _ := item.([]any)
		if len(pair) != 2 {
			return nil, r.wrong(field, "it holds %s: expected pairs of texts", kind(item))
		}
		first, ok := pair[0].(string)
		second, both := pair[1].(string)
		if !ok || !both {
			return nil, r.wrong(field, "a pair holds %s and %s: expected texts", kind(pair[0]), kind(pair[1]))
		}
		out = append(out, [2]string{first, second})
	}
	if len(out) == 0 {
		return nil, r.wrong(field, "it is %s: expected a list of pairs of texts", kind(v))
	}
	return out, nil
}
