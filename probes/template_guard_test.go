package probes_test

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/probes"
	"github.com/google/go-cmp/cmp"
)

// promptOf parses a probe whose prompt is one template.
func promptOf(template string) (string, error) {
	text := "probe: edge.a.b\naxes: {x: [[a, b]]}\nwant: {any: [z]}\nprompt: |-\n  " + template + "\n"
	p, err := probes.Parse("probe.yaml", []byte(text), probes.LoadOptions{})
	if err != nil {
		return "", err
	}
	return p.Cases()[0].Steps[0].User(), nil
}

func TestATemplateThatMakesTooMuchIsRefused(t *testing.T) {
	for name, template := range map[string]string{
		"product":                `{{ 'a' * 99999999999 }}`,
		"product in a structure": `{% if ('a' * 99999999999) == 'a' %}x{% endif %}`,
		"product set":            `{% set a = 'a' * 99999999999 %}{{ a | length }}`,
		"product in a loop":      `{% for i in range(3) %}{{ ('a' * 99999999999) | length }}{% endfor %}`,
		"product of a product":   `{{ ('a' * 99999999 * 99999999) | length }}`,
		"product in a list":      `{{ ['a' * 99999999999] | join }}`,
		"sum doubled":            `{% set a = 'a' * 6000000 %}{% set b = a + a %}{% set c = b + b %}{{ c | length }}`,
		"join doubled":           `{% set a = 'a' * 6000000 %}{% set b = a ~ a %}{% set c = b ~ b %}{{ c | length }}`,
		"set block":              `{% set a %}{% for i in range(100000) %}{{ 'a' * 8000000 }}{% endfor %}{% endset %}x`,
		"format":                 `{{ '%99999999999d' | format(1) }}`,
		"format by argument":     `{{ '%*d' | format(99999999, 1) }}`,
		"indent":                 `{{ 'a' | indent(99999999999, true) }}`,
		"batch":                  `{{ x | batch(99999999999, 'a') | length }}`,
		"slice":                  `{{ x | slice(99999999999) | length }}`,
		"tojson":                 `{{ x | tojson(indent=99999999999) }}`,
		"replace":                `{{ ('a' * 4000000) | replace('a', 'b' * 4000000) }}`,
		"join":                   `{{ range(100000) | join('a' * 4000000) }}`,
		"map":                    `{% for i in range(100000) | map('replace', '0', 'a' * 8000000) %}x{% endfor %}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := promptOf(template)
			if err == nil || !strings.Contains(err.Error(), "probe.yaml:4:9: template makes more than 8388608 bytes") {
				t.Errorf("%s: got error %v", template, err)
			}
		})
	}
}

func TestMethodsThatWidenATextAreUnknown(t *testing.T) {
	for _, template := range []string{`{{ 'a'.center(99999999999) }}`, `{{ 'a'.ljust(99999999999) }}`, `{{ '{:99999999999}'.format(1) }}`} {
		if _, err := promptOf(template); err == nil || !strings.Contains(err.Error(), "unknown method") {
			t.Errorf("%s: got error %v, want an unknown method", template, err)
		}
	}
}

func TestAnErrorInAListIsAnError(t *testing.T) {
	for _, template := range []string{`{{ [nope] }}`, `{{ [nope] | join }}`, `a {{ [nope] }}`, `{% for i in [nope] + x %}{{ i }}{% endfor %}`} {
		if _, err := promptOf(template); err == nil || !strings.Contains(err.Error(), `undefined name "nope"`) {
			t.Errorf("%s: got error %v, want an undefined name", template, err)
		}
	}
}

func TestBoundsLeaveOrdinaryTemplatesAsTheyAre(t *testing.T) {
	for template, want := range map[string]string{
		`{{ 'ab' * 3 }}`:                                   "ababab",
		`{{ 2 * 3 * 4 }}`:                                  "24",
		`{{ 2 * 0 }}`:                                      "0",
		`{{ 3000000 * 3000000 }}`:                          "9000000000000",
		`{{ 1.5 * 2 }}`:                                    "3",
		`{{ 2 + 3 * 4 - 1 }}`:                              "13",
		`{{ 'a' + 'b' ~ 3 }}`:                              "ab3",
		`{{ (x + ['c']) | join('-') }}`:                    "a-b-c",
		`{{ 'x' if x[0] == 'b' else 'y' * 2 }}`:            "yy",
		`{% for i in x %}{{ i * 2 }}{% endfor %}`:          "aabb",
		`{% set a = 'a' * 2 %}{{ a }}`:                     "aa",
		`{{ '%05.1f|%s' | format(2.5, 'a') }}`:             "002.5|a",
		`{{ x | tojson }}`:                                 `["a","b"]`,
		`{{ 'a b' | replace(' ', '__') }}`:                 "a__b",
		`{{ ('a\nb') | indent(2) }}`:                       "a\n  b",
		`{{ x | batch(3, '-') | first | join }}`:           "ab-",
		`{{ 'a b c'.split(' ')[1:] | join(',') | upper }}`: "B,C",
	} {
		got, err := promptOf(template)
		if err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", template, diff)
		}
	}
}
