package probes

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is what can be told of a case from outside.
type said struct {
	ID, Hash, Cluster, Bundle, Want string
	Groups, Axes                    []string
	Line                            int
	Mandatory                       bool
	Measures                        int
}

func saidOf(p *Probe) []said {
	var list []said
	for _, c := range p.Cases() {
		list = append(list, said{c.ID, c.Hash(), c.Cluster, c.Bundle, c.Want, c.Groups, c.Axes, c.Line, c.Mandatory, len(c.Measures)})
	}
	return list
}

func TestForgottenCasesAreMadeAnewAsTheyWere(t *testing.T) {
	suite, err := Load([]string{"builtin"}, LoadOptions{Size: Smoke, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range suite.Probes {
		before, first := saidOf(p), p.Cases()[0]
		p.brief = true
		p.Forget()
		if p.cases != nil {
			t.Errorf("%s: its cases are held", p.ID)
		}
		if diff := cmp.Diff(before, saidOf(p)); diff != "" {
			t.Errorf("%s (-before +made anew):\n%s", p.ID, diff)
		}
		if p.Cases()[0] == first {
			t.Errorf("%s: its cases were not made anew", p.ID)
		}
	}
}

func TestOnlyWhatIsTooLargeToHoldIsForgotten(t *testing.T) {
	p, err := Parse("p.yaml", []byte("probe: edge.a.b\naxes: {n: {count: 20}}\nprompt: \"Say {{n}}\"\nwant: {numeric: 7}\n"), LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	first := p.Cases()[0]
	p.Forget()
	if p.Cases()[0] != first {
		t.Error("the cases of a small suite were made anew")
	}
}

func TestASuiteTooLargeToHoldHoldsNoCase(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		text := "probe: edge.many." + name + "\naxes: {x: {count: 100}, y: {count: 350}}\nprompt: \"Say {{x}} {{y}}\"\nwant: {numeric: 7}\n"
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	suite, err := Load([]string{dir}, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range suite.Probes {
		if p.cases != nil || p.Count() != 35_000 {
			t.Errorf("%s: %d of %d cases are held, want none of 35000", p.ID, len(p.cases), p.Count())
		}
	}
	if got := len(suite.Probes[2].Cases()); got != 35_000 {
		t.Errorf("%d cases when they are asked for, want 35000", got)
	}
}
