package reporters_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestEveryFormatMatchesItsGoldenFiles(t *testing.T) {
	for situation, build := range audits {
		for _, format := range reporters.Formats() {
			t.Run(situation+"/"+format, func(t *testing.T) {
				got := shown(format, build(t))
				file := filepath.Join("testdata", situation, reporters.Filename(format))
				if *update {
					write(t, file, got)
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", file, diff)
				}
			})
		}
	}
}

func TestEveryFormatSaysWhatItIsFor(t *testing.T) {
	files := map[string]string{}
	for _, format := range reporters.Formats() {
		if doc := reporters.Doc(format); doc == "" || strings.Contains(doc, "\n") {
			t.Errorf("Doc(%q) = %q, want one line", format, doc)
		}
		file := reporters.Filename(format)
		if file == "" || files[file] != "" {
			t.Errorf("Filename(%q) = %q, want a name of its own (that of %q is taken)", format, file, files[file])
		}
		files[file] = format
	}
}

func TestUnknownFormatNamesTheKnownOnes(t *testing.T) {
	err := reporters.Write("sarf", io.Discard, emptyAudit(t))
	want := `unknown format "sarf": expected one of ` + strings.Join(reporters.Formats(), ", ")
	if err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	if doc, file := reporters.Doc("sarf"), reporters.Filename("sarf"); doc != "" || file != "" {
		t.Errorf("got doc %q and file %q of an unknown format, want none", doc, file)
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestTheErrorOfTheWriterComesBack(t *testing.T) {
	for _, format := range reporters.Formats() {
		if err := reporters.Write(format, fullDisk{}, mixedAudit(t)); !errors.Is(err, errFull) {
			t.Errorf("%s: got error %v, want %v", format, err, errFull)
		}
	}
}

func TestRenderingLeavesTheAuditAsItWas(t *testing.T) {
	for _, format := range reporters.Formats() {
		a := mixedAudit(t)
		render(t, format, a)
		if diff := cmp.Diff(mixedAudit(t), a); diff != "" {
			t.Errorf("%s changed the audit (-before +after):\n%s", format, diff)
		}
	}
}

// shown is what a format makes of an audit, or why it refuses it.
func shown(format string, a *drift.Audit) string {
	var b bytes.Buffer
	if err := reporters.Write(format, &b, a); err != nil {
		return err.Error() + "\n"
	}
	return b.String()
}

func render(t testing.TB, format string, a *drift.Audit) string {
	t.Helper()
	var b bytes.Buffer
	if err := reporters.Write(format, &b, a); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
