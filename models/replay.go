package models

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
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
		System: true, Turns: true, Temperature: true, TopP: true, Seed: true, Stop: true, JSON: true,
		OptionLogprobs: true, Embeddings: true, NumCtx: true, ChatTemplate: true,
	},
	open: openReplay,
})

// recording is what an evidence file holds of one model.
type recording struct {
	record  ModelRecord
	answers index
	held    evidenceText // nil: the evidence is on the disk
}

// replayed answers from a recording.
type replayed struct {
	recording
	text evidenceText
}

// Close closes the evidence.
func (r replayed) Close() error { return r.text.Close() }

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
	text := r.held
	if text == nil {
		if text, err = openText(s.EvidenceFS, s.Evidence); err != nil {
			return connection{}, fmt.Errorf("evidence: %w", err)
		}
	}
	return connection{backend: replayed{*r, text}, info: r.record.Info, can: providers["replay"].Can}, nil
}

func (r replayed) answer(ctx context.Context, req Request) (Response, error) {
	if err := ctx.Err(); err != nil {
		return Response{}, err
	}
	return r.response(Key(req))
}

// response is the last answer to a key that is no failure, else the last failure.
func (r replayed) response(key string) (resp Response, err error) {
	err = &Failure{Kind: KindMissing, Text: "not in the evidence: record again"}
	for _, e := range slices.Backward(r.answers.of(key)) {
		found, ok, readErr := answerAt(r.text, e.at, key)
		switch {
		case readErr != nil:
			return Response{}, readErr
		case !ok: // to another key that begins alike
		case found.Error == nil:
			return found, nil
		case err != nil:
			resp, err = found, nil
		}
	}
	return resp, err
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
	text, err := openText(fsys, path)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	defer text.Close()
	found, err := recordingsIn(text)
	if err != nil {
		return nil, fmt.Errorf("evidence %s: %w", path, err)
	}
	if _, ok := text.(unpacked); ok {
		for _, r := range found {
			r.held = text
		}
	}
	return found, nil
}

func recordingsIn(text evidenceText) (map[string]*recording, error) {
	lines, err := newLineReader(io.NewSectionReader(text, 0, math.MaxInt64))
	if err != nil {
		return nil, err
	}
	lines.decode = decodeHead
	type who struct{ name, identity string }
	all := map[who]*recording{}
	last := map[string]*recording{} // by name
	for {
		record, err := lines.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch r := record.(type) {
		case ModelRecord:
			at := who{r.Name, r.Identity}
			if all[at] == nil {
				all[at] = new(recording)
			}
			all[at].record = r
			last[r.Name] = all[at]
		case answeredHead:
			known := all[who{string(r.model), string(r.identity)}]
			if known == nil {
				return nil, fmt.Errorf("an answer of model %q comes before the record of that model", r.model)
			}
			known.answers = append(known.answers, entry{prefixOf(r.key), lines.start})
		}
	}
	for _, r := range all {
		r.answers = slices.Clip(r.answers)
		r.answers.sort()
	}
	return last, nil
}
