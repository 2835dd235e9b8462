package probes_test

import (
	"runtime"
	"testing"

	"github.com/gambit-audit/gambit/probes"
)

// BenchmarkExpandAllPacksAtFullSize is to stay well under five seconds, with
// little memory beside the cases: their long contexts are made when asked for.
func BenchmarkExpandAllPacksAtFullSize(b *testing.B) {
	before := heap()
	for b.Loop() {
		suite, err := probes.Load([]string{"builtin"}, probes.LoadOptions{Size: probes.Full})
		if err != nil {
			b.Fatal(err)
		}
		cases := 0
		for _, p := range suite.Probes {
			cases += len(p.Cases())
		}
		b.ReportMetric(float64(cases), "cases")
		b.ReportMetric(float64(heap()-before)/float64(cases), "heap-B/case")
		runtime.KeepAlive(suite)
	}
}

func BenchmarkReadContextOf128kTokens(b *testing.B) {
	suite, err := probes.Load([]string{"builtin:longrange.retrieve.multikey"}, probes.LoadOptions{Size: probes.Full})
	if err != nil {
		b.Fatal(err)
	}
	longest := suite.Probes[0].Cases()[0]
	for _, c := range suite.Probes[0].Cases() {
		for _, g := range c.Groups {
			if g == "length=131072" {
				longest = c
			}
		}
	}
	for b.Loop() {
		b.SetBytes(int64(len(longest.Steps[0].User())))
	}
}
