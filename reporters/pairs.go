package reporters

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("pairs", format{
	file:   "pairs.jsonl",
	doc:    "every pair for machines, a JSON object a line; what csv and html are rebuilt from",
	pairs:  true,
	render: renderPairs,
})

// PairsSchema names the shape of the lines after the first of a file of pairs.
// It changes when a field changes its meaning or goes.
const PairsSchema = "gambit.pairs/1"

// pairsHead is the first line of a file of pairs.
type pairsHead struct {
	Schema string `json:"schema"`
	Pairs  int    `json:"pairs"`
}

func renderPairs(a *drift.Audit) ([]byte, error) {
	if err := checkPairs(a); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(pairsHead{PairsSchema, len(a.Pairs)}); err != nil {
		return nil, err
	}
	for i := range a.Pairs {
		if err := enc.Encode(&a.Pairs[i]); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// checkPairs refuses an audit whose pairs were not read: an empty table would
// say that nothing was asked.
func checkPairs(a *drift.Audit) error {
	if len(a.Pairs) > 0 {
		return nil
	}
	for _, c := range a.Comparisons {
		if c.N+c.Excluded > 0 {
			return fmt.Errorf("the audit has comparisons and no pairs: expected %s beside the report, or a report made from the evidence",
				Filename("pairs"))
		}
	}
	return nil
}

// ReadPairs reads what format pairs wrote. A file of another [PairsSchema] is
// refused, and so is one that was cut.
func ReadPairs(r io.Reader) ([]drift.ProbePair, error) {
	dec := json.NewDecoder(bufio.NewReaderSize(r, 1<<20))
	var head pairsHead
	if err := dec.Decode(&head); err != nil {
		return nil, fmt.Errorf("read pairs: %w", err)
	}
	if head.Schema != PairsSchema {
		return nil, fmt.Errorf("read pairs: unknown schema %q: expected %q", head.Schema, PairsSchema)
	}
	list := make([]drift.ProbePair, 0, max(0, min(head.Pairs, 1<<17))) // the head may lie
	for {
		var p drift.ProbePair
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read pairs: pair %d: %w", len(list)+1, err)
		}
		list = append(list, p)
	}
	if len(list) != head.Pairs {
		return nil, fmt.Errorf("read pairs: got %d pairs, want %d: the file was cut", len(list), head.Pairs)
	}
	return list, nil
}
