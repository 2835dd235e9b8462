package probes

import "testing"

func TestTemplateOfTextAndNamesNeedsNoEngine(t *testing.T) {
	scope := map[string]any{"name": "Ada", "n": 3, "yes": true, "half": 0.5, "list": []any{1}, "row": map[string]any{"place": "Ombrel", "items": "seven"}}
	for _, test := range []struct {
		source string
		want   any
		ok     bool
	}{
		{"{{name}}", "Ada", true},
		{"{{ n }}", 3, true},
		{"{{yes}}", true, true},
		{"{{row.place}}", "Ombrel", true},
		{"{{row.items}} of {{n}}.", "seven of 3.", true},
		{"a {{name}}\nb", "a Ada\nb", true},
		{"it is {{yes}}", nil, false}, // Jinja2 writes True
		{"{{half}}", nil, false},      // its digits are the engine's to write
		{"{{list}}", nil, false},      // copied by the engine
		{"{{nobody}}", nil, false},    // the engine's error
		{"{{row.nothing}}", nil, false},
		{"{{name.length}}", nil, false},
		{"{{name | upper}}", nil, false},
		{"{{name}}{% if yes %}x{% endif %}", nil, false},
		{"{{name}} {#- note #}", nil, false},
		{"{{- name }}", nil, false},
	} {
		got, ok := newPlain(test.source).render(scope)
		if ok != test.ok || got != test.want {
			t.Errorf("%s: got %v, %v: want %v, %v", test.source, got, ok, test.want, test.ok)
		}
	}
}

func TestPlainTemplateIsWhatTheEngineMakesOfIt(t *testing.T) {
	scope := map[string]any{"name": "Ada & <b>", "n": -3, "row": map[string]any{"place": "Ómbrel", "items": "{{n}}"}}
	for _, source := range []string{"{{name}}", "{{n}}", "{{row.place}}", "{{row.items}}", "{{name}} in {{row.place}}\n", "\n {{n}} }} {{ n }}{{n}}"} {
		fast, err := newTemplate(source)
		if err != nil {
			t.Fatal(err)
		}
		slow := *fast
		slow.plain = nil
		got, err := fast.render(scope)
		if err != nil {
			t.Fatal(err)
		}
		want, err := slow.render(scope)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%q: got %#v: want %#v", source, got, want)
		}
	}
}
