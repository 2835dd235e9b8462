package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// EvidenceSchema names the shape of the records. It changes when a field
// changes its meaning or goes.
const EvidenceSchema = "gambit.evidence/1"

// Record is one line of the evidence: a RunRecord, ModelRecord, AskedRecord or
// AnsweredRecord.
type Record interface {
	kind() string
}

// RunRecord opens the evidence of a run. A resumed run adds another.
type RunRecord struct {
	Schema  string    `json:"schema"`  // EvidenceSchema
	Version string    `json:"version"` // of gambit
	Seed    uint64    `json:"seed"`
	Size    string    `json:"size"`  // smoke, standard or full
	Audit   string    `json:"audit"` // SHA-256 of the audit file, in hex
	Time    time.Time `json:"time"`
}

// ModelRecord says who was asked. It holds no secret.
type ModelRecord struct {
	Name         string `json:"name"`
	Provider     string `json:"provider"`
	Model        string `json:"model"`    // as asked for
	Identity     string `json:"identity"` // see [Identity]
	NumCtx       int    `json:"num_ctx,omitempty"`
	ChatTemplate string `json:"chat_template,omitempty"`
	Reasoning    string `json:"reasoning,omitempty"`
	Info         Info   `json:"info"`
}

// AskedRecord is the text behind a key. It comes once for each key, before the
// first answer to it.
type AskedRecord struct {
	Key     string  `json:"key"` // see [Key]
	Request Request `json:"request"`
}

// AnsweredRecord is what came back, or the failure. Where a model has several
// answers to one key, the last one that is no failure counts.
type AnsweredRecord struct {
	Key      string   `json:"key"`
	Model    string   `json:"model"`    // ModelRecord.Name
	Identity string   `json:"identity"` // ModelRecord.Identity
	Case     string   `json:"case"`     // what the request was made for
	Response Response `json:"response"`
}

func (RunRecord) kind() string      { return "run" }
func (ModelRecord) kind() string    { return "model" }
func (AskedRecord) kind() string    { return "asked" }
func (AnsweredRecord) kind() string { return "answered" }

// NewModelRecord describes an opened model.
func NewModelRecord(s Spec, i Info) ModelRecord {
	return ModelRecord{
		Name: s.Name, Provider: s.Provider, Model: s.Model, Identity: Identity(s, i),
		NumCtx: s.NumCtx, ChatTemplate: s.ChatTemplate, Reasoning: s.Reasoning, Info: i,
	}
}

// Key is the SHA-256, in hex, of the request as JSON: two requests have one key
// if nothing that may change the answer differs.
func Key(req Request) string {
	return hashJSON(req)
}

// Identity is the SHA-256, in hex, of what makes answers comparable: provider,
// endpoint, model, digest, context length, chat template, and reasoning where it
// is set. The name in the audit file is left out.
func Identity(s Spec, i Info) string {
	parts := []any{s.Provider, i.Endpoint, s.Model, i.Digest, s.NumCtx, s.ChatTemplate}
	if s.Reasoning != "" {
		parts = append(parts, s.Reasoning)
	}
	return hashJSON(parts)
}

func hashJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		// Only a NaN or an infinity gets here, and Check refuses both.
		panic(fmt.Sprintf("hash of %#v: %v", v, err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// encodeRecord returns one line with its newline, the kind first.
func encodeRecord(r Record) ([]byte, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("record %q: %w", r.kind(), err)
	}
	line := append([]byte(`{"kind":"`+r.kind()+`",`), body[1:]...)
	return append(line, '\n'), nil
}

// decodeRecord reads one line.
func decodeRecord(line []byte) (Record, error) {
	var head struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, err
	}
	switch head.Kind {
	case "run":
		return decodeRun(line)
	case "model":
		return decodeAs[ModelRecord](line)
	case "asked":
		return decodeAs[AskedRecord](line)
	case "answered":
		return decodeAs[AnsweredRecord](line)
	}
	return nil, fmt.Errorf("unknown kind %q: expected run, model, asked or answered", head.Kind)
}

func decodeAs[R Record](line []byte) (Record, error) {
	var r R
	if err := json.Unmarshal(line, &r); err != nil {
		return nil, err
	}
	return r, nil
}

func decodeRun(line []byte) (Record, error) {
	var r RunRecord
	if err := json.Unmarshal(line, &r); err != nil {
		return nil, err
	}
	if r.Schema != EvidenceSchema {
		return nil, fmt.Errorf("schema %q: expected %q", r.Schema, EvidenceSchema)
	}
	return r, nil
}
