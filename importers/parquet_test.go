package importers_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/importers"
	"github.com/gambit-audit/gambit/probes"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// inParquet are the examples that pyarrow wrote as Parquet, with several
// codecs, page versions, encodings and sizes of row groups.
var inParquet = map[string]string{
	"babilong":            "babilong/4k/qa1-00000-of-00001.parquet",
	"bbq":                 "bbq/Own.parquet",
	"condaqa":             "condaqa/own.parquet",
	"crows-pairs":         "crows-pairs/own.parquet",
	"discrim-eval":        "discrim-eval/explicit.parquet",
	"ifeval":              "ifeval/own.parquet",
	"kobbq":               "kobbq/own.parquet",
	"persona":             "persona/likes-boats.parquet",
	"popqa":               "popqa/own.parquet",
	"ruler":               "ruler/niah_multivalue.parquet",
	"survey":              "survey/own.parquet",
	"winogenerated":       "winogenerated/own.parquet",
	"xcopa of one folder": "xcopa/it/test-00000-of-00001.parquet",
}

func TestAParquetFileMakesTheCasesOfTheSameRowsAsText(t *testing.T) {
	for name, path := range inParquet {
		t.Run(name, func(t *testing.T) {
			i := examples[name]
			if name == "xcopa of one folder" {
				i = importers.Import{Format: "xcopa", Files: []string{"xcopa/test.it.jsonl"}}
			}
			i.Name = "own"
			want := loaded(t, i)
			was := i.Files[0]
			i.Files = []string{path}
			got := strings.Replace(loaded(t, i), path, was, 1)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-text +Parquet):\n%s", path, diff)
			}
		})
	}
}

func loaded(t *testing.T, i importers.Import) string {
	t.Helper()
	r, err := importers.Load(in("testdata", i), probes.LoadOptions{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return shown(r)
}

func TestAPackedFileIsReadAsTheFileInsideIt(t *testing.T) {
	i := examples["bbq"]
	i.Name = "own"
	want := loaded(t, i)
	content, err := os.ReadFile(filepath.Join("testdata", i.Files[0]))
	if err != nil {
		t.Fatal(err)
	}
	was := i.Files[0]
	i.Files = []string{"Own.jsonl.zst"}
	dir := t.TempDir()
	var packed bytes.Buffer
	z, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(content); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, i.Files[0])
	for cut, wanted := range map[int]string{0: want, packed.Len() / 2: ""} {
		if err := os.WriteFile(path, packed.Bytes()[:packed.Len()-cut], 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := importers.Load(in(dir, i), probes.LoadOptions{Seed: 1})
		switch {
		case wanted == "" && err == nil:
			t.Errorf("cut by %d bytes it was read: %s", cut, r.Note)
		case wanted != "" && err != nil:
			t.Error(err)
		case wanted != "" && strings.Replace(shown(r), i.Files[0], was, 1) != wanted:
			t.Error("the packed file makes other cases")
		}
	}
}
