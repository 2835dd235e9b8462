package drift

import (
	"math"
	"slices"
)

// Usage is what the answers of one model took.
type Usage struct {
	// Answers are the calls that brought an answer, recorded ones included.
	Answers int `json:"answers"`
	// PromptTokens and OutputTokens are the server's own counts; 0 means that it
	// gave none.
	PromptTokens int `json:"prompt_tokens,omitempty"`
	OutputTokens int `json:"output_tokens,omitempty"`
	// LatencyMS is the time from sending a question to having its whole answer,
	// in milliseconds, under the load of the run; nil where it is not known.
	LatencyMS *Percentiles `json:"latency_ms,omitempty"`
	// TokensPerSecond is how fast one call wrote, on average over the tokens
	// written; nil where nothing was written, or the time is not known.
	TokensPerSecond *float64 `json:"tokens_per_second,omitempty"`
	// Cost is what the tokens cost, in the unit of the audit file's prices; nil
	// where it gives none, or the server counts no tokens.
	Cost *float64 `json:"cost,omitempty"`
}

// Percentiles are order statistics of a sample, interpolated.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

// Meter adds up the [Usage] of one model. Its zero value is ready for use. It is
// not safe for concurrent use.
type Meter struct {
	usage     Usage
	latencies []float64
	// writing is the time of the calls that wrote tokens, in microseconds. It is
	// whole, so that the sum does not hang on the order of the answers.
	writing int64
}

// Add counts one answer. A latency of 0 is an unknown one.
func (m *Meter) Add(promptTokens, outputTokens int, latencyMS float64) {
	m.usage.Answers++
	m.usage.PromptTokens += promptTokens
	m.usage.OutputTokens += outputTokens
	if latencyMS <= 0 {
		return
	}
	m.latencies = append(m.latencies, latencyMS)
	if outputTokens > 0 {
		m.writing += int64(math.Round(latencyMS * 1000))
	}
}

// Usage gives the sums so far; nil where nothing was answered.
func (m *Meter) Usage() *Usage {
	if m.usage.Answers == 0 {
		return nil
	}
	u := m.usage
	if len(m.latencies) > 0 {
		sorted := slices.Sorted(slices.Values(m.latencies))
		u.LatencyMS = &Percentiles{quantile(sorted, 0.5), quantile(sorted, 0.95), quantile(sorted, 0.99)}
	}
	if m.writing > 0 {
		rate := float64(u.OutputTokens) / (float64(m.writing) / 1e6)
		u.TokensPerSecond = &rate
	}
	return &u
}
