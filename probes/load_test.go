package probes_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/probes"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden files anew")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestBadProbesAreRefusedWithTheirPosition(t *testing.T) {
	files, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no bad probes: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			_, err := probes.Load([]string{file}, probes.LoadOptions{})
			if err == nil {
				t.Fatal("loaded: want an error")
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".out", err.Error()+"\n")
		})
	}
}

func TestProblemsOfAllFilesComeAtOnce(t *testing.T) {
	_, err := probes.Load([]string{"testdata/err/unknown_key.yaml", "testdata/err/unknown_scorer.yaml"}, probes.LoadOptions{})
	if err == nil {
		t.Fatal("loaded: want an error")
	}
	for _, want := range []string{"unknown_key.yaml:3:1", "unknown_key.yaml:5:1", "unknown_scorer.yaml:3:7"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
}

func TestExamplesExpand(t *testing.T) {
	for _, size := range []probes.Size{probes.Smoke, probes.Standard} {
		suite, err := probes.Load([]string{"testdata/examples"}, probes.LoadOptions{Size: size, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, p := range suite.Probes {
			first := p.Cases()[0]
			last := p.Cases()[len(p.Cases())-1]
			out.WriteString(strings.Join([]string{p.ID, p.Harm, itoa(len(p.Cases())), first.ID, last.ID, first.Cluster,
				strings.Join(first.Groups, ","), first.Want, excerpt(first.Steps[len(first.Steps)-1].User())}, " | ") + "\n")
		}
		golden(t, "testdata/examples."+string(size)+".out", out.String())
	}
}
