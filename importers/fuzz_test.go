package importers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// names are what files of a format may be called, where the name tells something.
var fuzzNames = map[string]string{
	"babilong": "qa1_4k.csv", "winobias": "pro_stereotyped_type1.txt.dev", "xcopa": "test.qu.jsonl", "ruler": "niah_single_1.jsonl",
	"kobbq": "own.tsv", "popqa": "own.tsv", "winogender": "own.tsv",
	"crows-pairs": "own.csv", "crows-pairs-causal": "own.csv", "scone": "own.csv", "choice": "own.csv",
}

// FuzzReaders gives any text to the reader of every format, and to those of the
// logs of other tools: they may refuse it, and nothing else.
func FuzzReaders(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		if data, err := os.ReadFile(name); err == nil && utf8.Valid(data) {
			f.Add(string(data))
		}
	}
	folder := f.TempDir()
	for _, name := range []string{"anti_stereotyped_type1.txt.dev", "male_occupations.txt", "female_occupations.txt"} {
		data, err := os.ReadFile(filepath.Join("testdata/winobias", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), data, 0o644)
		}
		if err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		for _, format := range Formats() {
			name := fuzzNames[format]
			if name == "" {
				name = "own.jsonl"
			}
			data := &file{name: name, path: filepath.Join(folder, name), data: []byte(text), dropped: map[string]int{}}
			rows, err := formats[format].read(data)
			if err != nil || checkRows(rows) != nil {
				continue
			}
			if _, err := tableOf(rows); err != nil {
				t.Errorf("%s: its rows are no table: %v", format, err)
			}
			if kept := sample(rows, 3, 1); len(rows) > 0 && len(kept) == 0 {
				t.Errorf("%s: a sample of %d rows is empty", format, len(rows))
			}
		}
		for _, tool := range Tools() {
			samples, err := tools[tool](&file{name: "own.jsonl", data: []byte(text), dropped: map[string]int{}}, "")
			if err == nil && slices.ContainsFunc(samples, func(s logged) bool { return s.at == "" }) {
				t.Errorf("%s: a sample does not say where it stands", tool)
			}
		}
	})
}
