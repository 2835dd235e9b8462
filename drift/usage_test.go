package drift

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestUsageAddsUpWhatIsKnown(t *testing.T) {
	var m Meter
	if m.Usage() != nil {
		t.Error("nothing was answered: want no usage")
	}
	m.Add(10, 0, 0) // options scored by a server that gives no time
	if got := m.Usage(); got.LatencyMS != nil || got.TokensPerSecond != nil {
		t.Errorf("got %+v: want unknown times to stay unknown", got)
	}
	for _, ms := range []float64{400, 100, 200, 300, 500} {
		m.Add(10, 3, ms)
	}
	m.Add(10, 0, 9000) // scored options take time, and write nothing
	rate := 10.0       // 15 tokens in 1.5 s
	want := &Usage{
		Answers: 7, PromptTokens: 70, OutputTokens: 15,
		LatencyMS:       &Percentiles{P50: 350, P95: 6875, P99: 8575},
		TokensPerSecond: &rate,
	}
	if diff := cmp.Diff(want, m.Usage(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
