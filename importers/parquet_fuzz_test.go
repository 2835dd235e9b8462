package importers

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	layout "github.com/parquet-go/parquet-go/format"
)

// readParquet reads a file, and fails the test where that takes much more memory
// than the content does.
func readParquet(t *testing.T, data []byte) ([]record, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f := &file{name: "own.parquet", data: data, dropped: map[string]int{}}
	list, err := f.parquetRows()
	runtime.ReadMemStats(&after)
	c, _ := checkParquet(data)
	most := 64<<20 + 200*len(data) + 8*c.size + 200*c.values
	if used := after.TotalAlloc - before.TotalAlloc; used > uint64(most) {
		t.Errorf("reading %d bytes, %d unpacked with %d values, took %d bytes of memory: want at most %d", len(data), c.size, c.values, used, most)
	}
	if err != nil && (strings.ContainsAny(err.Error(), "\n\x00") || len(err.Error()) > 400 || list != nil) {
		t.Errorf("error %q beside %d records: want one line and none", err, len(list))
	}
	return list, err
}

func parquetFiles(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/*/*.parquet")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files: %v", err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = data
	}
	return files
}

// FuzzParquet gives any bytes to the reader: it may refuse them, in one line and
// without much memory, and nothing else.
func FuzzParquet(f *testing.F) {
	for _, data := range parquetFiles(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { readParquet(t, data) })
}

// withFooter is a file of a body and a footer, as bytes.
func withFooter(body, footer string) []byte {
	data := append([]byte("PAR1"+body), footer...)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(footer)))
	return append(data, "PAR1"...)
}

func TestAHostileParquetFileIsOneClearError(t *testing.T) {
	list := parquetFiles(t)["testdata/choice/list.parquet"]
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"text":                          {[]byte(`{"question": "?"}`), "not Parquet"},
		"a pointer to the file":         {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"), "not Parquet"},
		"nothing but its marks":         {[]byte("PAR1PAR1"), "it is cut"},
		"an encrypted footer":           {[]byte("PAR1" + strings.Repeat("x", 20) + "PARE"), "encrypted"},
		"a footer longer than the file": {append([]byte("PAR1....\xff\xff\xff\x7f"), "PAR1"...), "footer is said to have 2147483647 bytes"},
		"a schema of 2^31 columns":      {withFooter("", "\x15\x02\x19\xfc\xff\xff\xff\xff\x07"), "damaged"},
		"a text of 2^31 bytes":          {withFooter("", "\x15\x02\x68\xff\xff\xff\xff\x07"), "damaged"},
		"structures in structures":      {withFooter("", strings.Repeat("\x1c", mostFooter)), "damaged"},
		"no columns":                    {withFooter("", "\x15\x02\x00"), "damaged"},
		"a cut page":                    {append(bytes.Clone(list[:200]), list[204:]...), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readParquet(t, c.data); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// Few bytes can say that a number is repeated often.
func TestRunsOfMoreNumbersThanThePageHasAreRefused(t *testing.T) {
	for _, c := range []struct {
		name     string
		runs     string
		width, n int
		ok       bool
	}{
		{"three of three", "\x06\x01", 1, 3, true},
		{"a group of eight for five", "\x03\xff", 1, 5, true},
		{"a group of 32 for five", "\x09\xff\xff\xff\xff", 1, 5, true},
		{"2^14 of three", "\x80\x80\x02\x01", 1, 3, false},
		{"2^30 of three", "\x80\x80\x80\x80\x08\x01", 1, 3, false},
		{"2^62 groups of no bits", "\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 0, 3, false},
		{"a count that does not end", "\xff\xff", 1, 3, false},
		{"a number that is cut", "\x06\x01", 9, 3, false},
		{"numbers of 40 bits", "\x06\x01\x01\x01\x01\x01", 40, 3, false},
	} {
		if err := checkRuns([]byte(c.runs), c.width, c.n); (err == nil) != c.ok {
			t.Errorf("%s: error %v, want none: %v", c.name, err, c.ok)
		}
	}
}

func TestPackedPagesOfAnotherSizeThanTheyStateAreRefused(t *testing.T) {
	content := bytes.Repeat([]byte("a"), 1000)
	var gz, zs bytes.Buffer
	z, err := zstd.NewWriter(&zs)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.WriteCloser{gzip.NewWriter(&gz), z} {
		if _, err := w.Write(content); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
	}
	for codec, packed := range map[layout.CompressionCodec][]byte{
		layout.Uncompressed: content, layout.Snappy: snappy.Encode(nil, content), layout.Gzip: gz.Bytes(), layout.Zstd: zs.Bytes(),
	} {
		if got, err := unpack(codec, packed, 1000); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %v, want the content", codec, err)
		}
		for _, size := range []int{-1, 0, 999, 1001} {
			if _, err := unpack(codec, packed, size); err == nil {
				t.Errorf("%s: 1000 bytes that are said to be %d were read", codec, size)
			}
		}
	}
	if _, err := unpack(layout.Brotli, content, 1000); err == nil || !strings.Contains(err.Error(), "packed by BROTLI") {
		t.Errorf("error %v, want one that names the codec", err)
	}
}

func TestAParquetFileThatIsCutAnywhereIsRefused(t *testing.T) {
	for name, data := range parquetFiles(t) {
		for cut := 0; cut < len(data); cut += 1 + len(data)/40 {
			if _, err := readParquet(t, data[:cut]); err == nil {
				t.Errorf("%s: cut at %d of %d it was read", name, cut, len(data))
			}
		}
	}
}

func TestAWrongByteInAParquetFileIsNoPanicAndTakesLittleMemory(t *testing.T) {
	for _, data := range parquetFiles(t) {
		for at := 0; at < len(data); at += 97 {
			wrong := bytes.Clone(data)
			wrong[at] ^= 0xff
			readParquet(t, wrong)
		}
	}
}
