package probes_test

import (
	"testing"

	"github.com/gambit-audit/gambit/probes"
)

func TestBuiltinLeavesThePackOfTheSpecimensOut(t *testing.T) {
	suite, err := probes.Load([]string{"builtin"}, probes.LoadOptions{Size: probes.Smoke})
	if err != nil {
		t.Fatal(err)
	}
	packs := map[string]bool{}
	for _, p := range suite.Probes {
		packs[p.Pack] = true
	}
	for _, pack := range probes.Packs {
		if !packs[pack] {
			t.Errorf("builtin lacks the pack %s", pack)
		}
	}
	if packs[probes.SpecimenPack] {
		t.Error("builtin asks real models in the language of the specimens")
	}
	named, err := probes.Load([]string{"builtin:specimen"}, probes.LoadOptions{Size: probes.Smoke})
	if err != nil || len(named.Probes) == 0 {
		t.Errorf("builtin:specimen: got error %v, want its probes", err)
	}
}
