package probes_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/probes"
)

func TestLintFindsWhatMakesAProbeSayLess(t *testing.T) {
	files, err := filepath.Glob("testdata/lint/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no probes: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			golden(t, strings.TrimSuffix(file, ".yaml")+".out", linted(t, file))
		})
	}
}

func TestShippedProbesLintClean(t *testing.T) {
	if got := linted(t, "builtin", "builtin:"+probes.SpecimenPack); got != "" {
		t.Errorf("found:\n%s", got)
	}
}

// linted are the findings of a lint at standard size, one line each.
func linted(t *testing.T, sources ...string) string {
	t.Helper()
	suite, err := probes.Load(sources, probes.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found := suite.Lint(probes.LoadOptions{})
	var out strings.Builder
	for _, list := range []struct {
		kind   string
		errors []error
	}{{"problem: ", found.Problems}, {"warning: ", append(suite.Warnings, found.Warnings...)}} {
		for _, e := range list.errors {
			out.WriteString(list.kind + e.Error() + "\n")
		}
	}
	return out.String()
}
