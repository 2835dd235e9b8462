package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

var _ = register("recorded", Provider{
	About: "published answers to a benchmark, out of a field of its file; no server is needed",
	Can: Capabilities{
		System: true, Turns: true, Temperature: true, TopP: true, Seed: true, Stop: true, JSON: true,
	},
	open: openRecorded,
})

// recorded holds the answers by case.
type recorded map[string]string

func openRecorded(_ context.Context, s Spec, _ *http.Client) (connection, error) {
	if len(s.Answers) == 0 {
		return connection{}, errors.New("it has no answers: expected an import among the probes, and `field` or `logs`, which hold this model's answers")
	}
	info := Info{Digest: digestOf(s.Answers), Served: s.Model}
	info.Notes = append(info.Notes, "its answers were recorded by others: how it was asked is not known, and the prompts shown here are not what it read")
	return connection{recorded(s.Answers), info, providers["recorded"].Can}, nil
}

// digestOf is the SHA-256 of all answers with their cases, in order of the
// cases: there are no weights to name.
func digestOf(answers map[string]string) string {
	h := sha256.New()
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		fmt.Fprintf(h, "%q %q\n", id, answers[id])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (r recorded) answer(ctx context.Context, req Request) (Response, error) {
	text, ok := r[req.Case]
	if !ok || req.Sample > 0 {
		return Response{}, &Failure{Kind: KindMissing, Text: "not among the recorded answers"}
	}
	return Response{Text: text, Finish: "stop"}, ctx.Err()
}

// ByCase tells whether an answer depends on the case and not on the question
// alone, so that equal questions of two cases are two calls: recorded answers
// are looked up by case, and planted damage may take the knowledge of one group.
func (s Spec) ByCase() bool {
	return s.Answers != nil || s.Planted != nil && s.Planted.Damage == "drop"
}
