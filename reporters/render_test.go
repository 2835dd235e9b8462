package reporters

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/drift"
)

func TestSecondRegistrationPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("want a panic, got none")
		}
	}()
	register("json", format{})
}

func TestExcerptIsBoundedAndVisible(t *testing.T) {
	tests := map[string]struct {
		in   string
		max  int
		want string
	}{
		"short":               {"Nowruz", 6, "Nowruz"},
		"the middle goes":     {"abcdefghij", 6, "abc … hij"},
		"code points count":   {"نوروز", 5, "نوروز"},
		"bytes cut in two":    {"\xe2\x82abcdef", 4, `\xe2\x82 … ef`},
		"white space":         {"a\r\n\tb", 9, `a\r\n\tb`},
		"escapes":             {"\x1b[31m", 9, `\u001b[31m`},
		"directions":          {"\u202eabc\u2066", 9, `\u202eabc\u2066`},
		"hidden tags":         {"x\U000e0041", 9, `x\U000e0041`},
		"not in XML":          {"\x00\ufffe\uffff", 9, `\u0000\ufffe\uffff`},
		"line separators":     {"a\u2028b\u0085c", 9, `a\u2028b\u0085c`},
		"joiners stay":        {"می\u200cخواهم", 9, "می\u200cخواهم"},
		"wide space stays":    {"一\u3000二", 9, "一\u3000二"},
		"replacement stays":   {"\ufffd", 9, "\ufffd"},
		"backslash is single": {`\frac`, 9, `\frac`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := excerpt(test.in, test.max); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestNumbersAreForPeople(t *testing.T) {
	tests := []struct{ what, got, want string }{
		{"loss", signed(-3.14), "−3.1"},
		{"gain", signed(0.25), "+0.2"},
		{"rounded away", signed(-0.04), "0.0"},
		{"share", percent(0.9114), "91.1 %"},
		{"whole margin", plain(0.07), "7"},
		{"half margin", plain(0.025), "2.5"},
		{"hundred", plain(1), "100"},
		{"small count", count(999), "999"},
		{"large count", count(1_020_003), "1,020,003"},
		{"negative count", count(-1234), "−1,234"},
		{"bytes", byteCount(812), "812 B"},
		{"gigabytes", byteCount(2_200_000_000), "2.2 GB"},
		{"just a megabyte", byteCount(999_960), "1.0 MB"},
		{"unknown size", byteCount(0), "?"},
		{"tiny p", probability(0.00099), "< 0.001"},
		{"p", probability(0.0432), "0.043"},
		{"undefined share", share(nil), "?"},
		{"one", plural(1, "pair", "pairs"), "1 pair"},
		{"none", plural(0, "pair", "pairs"), "0 pairs"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.what, test.got, test.want)
		}
	}
}

func TestChangeSaysWhatIsNotThere(t *testing.T) {
	at := func(low, high, confidence float64) *drift.Interval {
		return &drift.Interval{Low: low, High: high, Confidence: confidence}
	}
	drop := -0.031
	tests := map[string]struct {
		in   drift.Comparison
		want string
	}{
		"undefined":       {drift.Comparison{}, "?"},
		"no interval":     {drift.Comparison{Change: &drop}, "−3.1 [?]"},
		"a drop":          {drift.Comparison{Change: &drop, Interval: at(-0.06, -0.002, 0.95)}, "−3.1 [−6.0, −0.2]"},
		"no difference":   {drift.Comparison{Change: &drop, Interval: at(-0.07, 0.01, 0.95)}, "~ −3.1 [−7.0, +1.0]"},
		"ends at zero":    {drift.Comparison{Change: &drop, Interval: at(-0.07, 0, 0.95)}, "~ −3.1 [−7.0, 0.0]"},
		"90 % confidence": {drift.Comparison{Change: &drop, Interval: at(-0.06, -0.01, 0.9)}, "−3.1 [−6.0, −1.0] at 90 %"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := change(test.in); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestColumnsLineUpInEveryScript(t *testing.T) {
	g := grid{columns: []column{{title: "name"}, {"n", true}}, rows: [][]string{
		{"日本語", "1"}, {"e\u0301tude", "22"}, {"한국", "333"}, {"می\u200cخواهم", "4"}, {"🙂", "5"},
	}}
	want := []string{
		// The longest name takes 7 cells.
		"name       n",
		"日本語     1",
		"e\u0301tude     22",
		"한국     333",
		"می\u200cخواهم    4",
		"🙂         5",
	}
	if diff := cmp.Diff(want, g.lines()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatBlocksComesFirstThenTheGreatestHarm(t *testing.T) {
	small, large := -0.02, -0.2
	a := &drift.Audit{Comparisons: []drift.Comparison{
		{Probe: "passes", Candidate: "q4", Gated: true, Verdict: drift.VerdictPass, Change: &large},
		{Probe: "waived", Candidate: "q4", Gated: true, Verdict: drift.VerdictFail, Change: &large, Waived: &drift.Waiver{}},
		{Probe: "unknown", Candidate: "q4", Gated: true, Verdict: drift.VerdictFail},
		{Probe: "small", Candidate: "q4", Gated: true, Verdict: drift.VerdictFail, Change: &small},
		{Probe: "other", Candidate: "q8", Gated: true, Verdict: drift.VerdictFail, Change: &large},
		{Probe: "large", Candidate: "q4", Gated: true, Verdict: drift.VerdictFail, Change: &large},
	}}
	var got []string
	for _, c := range comparisonsOf(a, "q4") {
		got = append(got, c.Probe)
	}
	if diff := cmp.Diff([]string{"large", "small", "unknown", "waived", "passes"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMarkdownCannotBeOpenedByALine(t *testing.T) {
	tests := map[string]string{
		"1. one":   `1\. one`,
		"12) one":  `12\) one`,
		"2026 was": "2026 was",
		"- item":   `\- item`,
		"# title":  `\# title`,
		"--- x":    `\--- x`,
		"[x]: y":   `\[x]: y`,
		"plain":    "plain",
	}
	for in, want := range tests {
		if got := opening(in); got != want {
			t.Errorf("opening(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestConsoleSaysHowMuchItLeavesUnexplained(t *testing.T) {
	a := &drift.Audit{Candidates: []drift.Model{{Name: "q4", Expect: drift.ExpectPass}}}
	for range maxExplained + 3 {
		a.Comparisons = append(a.Comparisons, drift.Comparison{Candidate: "q4", Gated: true, Verdict: drift.VerdictFail})
	}
	got, err := renderConsole(a)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(got), "\n  3 more not explained here: see the other formats\n") {
		t.Errorf("no word on what is left out:\n%s", got)
	}
}
