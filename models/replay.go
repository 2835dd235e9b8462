package models

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

var _ = register("replay", Provider{
	About: "answers that an earlier run recorded in its evidence; no server is needed",
	Can: Capabilities{
		System: true, Turns: true, Temperature: true, TopP: true, Seed: true, Stop: true,
		OptionLogprobs: true, NumCtx: true, ChatTemplate: true,
	},
	open: openReplay,
})

// recording is what an evidence file holds of one model.
type recording struct {
	record  ModelRecord
	answers map[string]Response // by key
}

// replayed answers from a recording.
type replayed recording

func openReplay(_ context.Context, s Spec, _ *http.Client) (connection, error) {
	if s.Evidence == "" {
		return connection{}, fmt.Errorf("evidence is empty: expected a recorded file")
	}
	recordings, err := loadRecordings(s.EvidenceFS, s.Evidence)
	if err != nil {
		return connection{}, err
	}
	name := s.Recorded
	if name == "" {
		name = s.Name
	}
	r, ok := recordings[name]
	if !ok {
		return connection{}, fmt.Errorf("evidence %s has no model %q: expected one of %s",
			s.Evidence, name, strings.Join(slices.Sorted(maps.Keys(recordings)), ", "))
	}
	return connection{replayed(*r), r.record.Info, providers["replay"].Can}, nil
}

func (r replayed) answer(ctx context.Context, req Request) (Response, error) {
	if err := ctx.Err(); err != nil {
		return Response{}, err
	}
	resp, ok := r.answers[Key(req)]
	if !ok {
		return Response{}, &Failure{Kind: KindMissing, Text: "not in the evidence: record again"}
	}
	return resp, nil
}

// source is one state of one evidence file.
type source struct {
	fsys     fs.FS // nil: the disk
	path     string
	size     int64
	modified time.Time
}

// loaded holds the recordings by source, so that the models of an audit that
// replay one file read it once. Its entries are never changed.
var loaded struct {
	sync.Mutex
	files map[source]func() (map[string]*recording, error)
}

func loadRecordings(fsys fs.FS, path string) (map[string]*recording, error) {
	load := func() (map[string]*recording, error) { return readRecordings(fsys, path) }
	if fsys != nil && !reflect.TypeOf(fsys).Comparable() {
		return load()
	}
	at, err := sourceOf(fsys, path)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	loaded.Lock()
	if loaded.files == nil {
		loaded.files = map[source]func() (map[string]*recording, error){}
	}
	once, ok := loaded.files[at]
	if !ok {
		once = sync.OnceValues(load)
		loaded.files[at] = once
	}
	loaded.Unlock()
	return once()
}

func sourceOf(fsys fs.FS, path string) (source, error) {
	stat := os.Stat
	if fsys != nil {
		stat = func(path string) (fs.FileInfo, error) { return fs.Stat(fsys, path) }
	}
	info, err := stat(path)
	if err != nil {
		return source{}, err
	}
	return source{fsys, path, info.Size(), info.ModTime()}, nil
}

// readRecordings gives the recording of each model by its name: that of its last
// record. Answers under other identities are not mixed in, and none is lost where
// a model comes back after another took its name.
func readRecordings(fsys fs.FS, path string) (map[string]*recording, error) {
	records := ReadEvidence(path)
	if fsys != nil {
		records = ReadEvidenceFS(fsys, path)
	}
	type who struct{ name, identity string }
	all := map[who]*recording{}
	last := map[string]*recording{} // by name
	for record, err := range records {
		if err != nil {
			return nil, err
		}
		switch r := record.(type) {
		case ModelRecord:
			at := who{r.Name, r.Identity}
			if all[at] == nil {
				all[at] = &recording{answers: map[string]Response{}}
			}
			all[at].record = r
			last[r.Name] = all[at]
		case AnsweredRecord:
			known := all[who{r.Model, r.Identity}]
			if known == nil {
				return nil, fmt.Errorf("evidence %s: an answer of model %q comes before the record of that model", path, r.Model)
			}
			known.keep(r)
		}
	}
	return last, nil
}

// keep takes the last answer to a key, but no failure in place of an answer.
func (r *recording) keep(a AnsweredRecord) {
	if earlier, ok := r.answers[a.Key]; ok && earlier.Error == nil && a.Response.Error != nil {
		return
	}
	r.answers[a.Key] = a.Response
}
