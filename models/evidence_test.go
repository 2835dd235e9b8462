package models

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

var (
	recordedSpec = Spec{Name: "q4", Provider: "ollama", Model: "tiny", APIKey: "sk-secret", NumCtx: 4096}
	recordedInfo = Info{Digest: "cd", Bytes: 9, Endpoint: "http://127.0.0.1:11434", Context: 4096, Served: "tiny:latest", Notes: []string{"a note"}}
)

// writeEvidence records one model with one answer.
func writeEvidence(t *testing.T, path string, req Request, resp Response) {
	t.Helper()
	j, _, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	m := NewModelRecord(recordedSpec, recordedInfo)
	for _, err := range []error{
		j.Append(RunRecord{Schema: EvidenceSchema, Version: "test", Seed: 7, Size: "smoke", Audit: "ab", Time: noon}),
		j.Append(m),
		j.Answer(req, AnsweredRecord{Model: m.Name, Identity: m.Identity, Case: "a.b.c/1", Response: resp}),
		j.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func readAll(t *testing.T, path string) []Record {
	t.Helper()
	var out []Record
	for r, err := range ReadEvidence(path) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func TestEvidenceRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	req := zeros()
	resp := Response{
		Text: "東京 \u2028 \"<b>\"\n\x00", OptionLogprobs: []float64{-0.1, -1.0 / 3}, Finish: "stop", LatencyMS: 0.125,
		Error: &Failure{Kind: KindTimeout, Text: "late"},
	}
	writeEvidence(t, path, req, resp)
	m := NewModelRecord(recordedSpec, recordedInfo)
	want := []Record{
		RunRecord{Schema: EvidenceSchema, Version: "test", Seed: 7, Size: "smoke", Audit: "ab", Time: noon},
		m,
		AskedRecord{Key: Key(req), Request: req},
		AnsweredRecord{Key: Key(req), Model: "q4", Identity: m.Identity, Case: "a.b.c/1", Response: resp},
	}
	if diff := cmp.Diff(want, readAll(t, path)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(recordedSpec.APIKey)) {
		t.Error("the evidence holds the key")
	}
}

func TestEvidenceIsReadFromGzip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	writeEvidence(t, path, question("Q"), Response{Text: "A"})
	plain, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(plain)
	z.Close()
	if err := os.WriteFile(path+".gz", packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(readAll(t, path), readAll(t, path+".gz")); diff != "" {
		t.Errorf("plain and packed differ:\n%s", diff)
	}
	if _, _, err := OpenJournal(path + ".gz"); err == nil || !strings.Contains(err.Error(), "unpack it") {
		t.Errorf("a journal was opened on a packed file: %v", err)
	}
}

// The file is torn at every byte in turn, as a kill may do.
func TestTornLastLineIsLeftOutAndRepaired(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	writeEvidence(t, path, question("Q – é"), Response{Text: "A"})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	records := readAll(t, path)
	for cut := range len(whole) {
		// A record without its newline is whole all the same.
		want := bytes.Count(whole[:cut+1], []byte{'\n'})
		if whole[cut] != '\n' {
			want = bytes.Count(whole[:cut], []byte{'\n'})
		}
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if got := len(readAll(t, path)); got != want {
			t.Fatalf("cut after %d bytes: got %d records, want %d", cut, got, want)
		}
		j, repair, err := OpenJournal(path)
		if err != nil {
			t.Fatalf("cut after %d bytes: %v", cut, err)
		}
		if repair.Records != want || repair.Torn < 0 {
			t.Fatalf("cut after %d bytes: repair is %+v, want %d records", cut, repair, want)
		}
		if err := j.Append(records[0]); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if got := len(readAll(t, path)); got != want+1 {
			t.Fatalf("cut after %d bytes: %d records after one more, want %d", cut, got, want+1)
		}
	}
}

func TestRepairReportsWhatItCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	writeEvidence(t, path, question("Q"), Response{Text: "A"})
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, `{"kind":"answ`)
	f.Close()
	j, repair, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	if diff := cmp.Diff(Repair{Records: 4, Torn: 13}, repair); diff != "" {
		t.Errorf("repair (-want +got):\n%s", diff)
	}
}

func TestTornMiddleLineIsAnError(t *testing.T) {
	tests := map[string]string{
		"{\"kind\":\"answ\n{\"kind\":\"asked\",\"key\":\"k\"}\n":        "line 1: invalid character",
		"{\"kind\":\"asked\"}\n\n{\"kind\":\"nope\"}\n":                 `line 3: unknown kind "nope": expected run, model, asked or answered`,
		"{\"kind\":\"run\",\"schema\":\"gambit.evidence/9\"}\n":         `line 1: schema "gambit.evidence/9": expected "gambit.evidence/1"`,
		"{\"kind\":\"asked\"}\n{\"kind\":\"asked\",\"key\":7}\n{\"a\":": "line 2: json: cannot unmarshal number",
	}
	for text, want := range tests {
		path := filepath.Join(t.TempDir(), "evidence.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var last error
		for _, err := range ReadEvidence(path) {
			last = err
		}
		expectError(t, last, want)
		_, _, err := OpenJournal(path)
		expectError(t, err, want)
	}
	for _, err := range ReadEvidence("testdata/absent.jsonl") {
		expectError(t, err, "evidence: open testdata/absent.jsonl")
	}
}

func TestConcurrentWritersTearNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	j, _, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	const writers, each = 8, 50
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				// All writers ask the same questions.
				a := AnsweredRecord{Model: fmt.Sprint(w), Case: fmt.Sprint(i), Response: Response{Text: strings.Repeat("x", i*100)}}
				if err := j.Answer(question(fmt.Sprint(i)), a); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	asked, answered := map[string]int{}, map[string]int{}
	for _, r := range readAll(t, path) {
		switch r := r.(type) {
		case AskedRecord:
			asked[r.Key]++
		case AnsweredRecord:
			if asked[r.Key] != 1 {
				t.Errorf("answer to %s comes after %d records of the question", r.Key, asked[r.Key])
			}
			answered[r.Model+"/"+r.Case]++
		}
	}
	if len(asked) != each || len(answered) != writers*each {
		t.Errorf("got %d questions and %d answers, want %d and %d", len(asked), len(answered), each, writers*each)
	}
}

func TestResumedJournalAsksNothingTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	for range 2 {
		writeEvidence(t, path, question("Q"), Response{Text: "A"})
	}
	asked := 0
	for _, r := range readAll(t, path) {
		if _, ok := r.(AskedRecord); ok {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("got %d records of one question, want 1", asked)
	}
}

func TestClosedJournalRefuses(t *testing.T) {
	j, _, err := OpenJournal(filepath.Join(t.TempDir(), "evidence.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	expectError(t, j.Append(AskedRecord{}), "file already closed")
}

// A full disk ends the journal: what was written stays readable, and nothing
// follows a torn record.
func TestFullDiskEndsTheJournal(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full here")
	}
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	j, _, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(text string) error {
		return j.Answer(question(text), AnsweredRecord{Model: "q4", Response: Response{Text: "A"}})
	}
	if err := answer("before"); err != nil {
		t.Fatal(err)
	}
	disk := j.file
	j.file = full
	expectError(t, answer("when the disk is full"), "evidence: write /dev/full: no space left on device")
	j.file.Close()
	j.file = disk
	expectError(t, answer("after"), "no space left on device")
	expectError(t, j.Close(), "no space left on device")
	if got := len(readAll(t, path)); got != 2 {
		t.Errorf("%d records are left, want the 2 from before", got)
	}
}

func BenchmarkJournal(b *testing.B) {
	j, _, err := OpenJournal(filepath.Join(b.TempDir(), "evidence.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			a := AnsweredRecord{Model: "q4", Case: "a.b.c/1", Response: Response{Text: "Paris", Finish: "stop"}}
			if err := j.Answer(question(fmt.Sprint(i)), a); err != nil {
				b.Error(err)
			}
		}
	})
}

func TestKeyTellsRequestsApart(t *testing.T) {
	base := zeros()
	variants := map[string]Request{"as it is": base}
	vary := func(name string, change func(*Request)) {
		req := zeros()
		change(&req)
		variants[name] = req
	}
	vary("a message", func(r *Request) { r.Messages[1].Text += " " })
	vary("a role", func(r *Request) { r.Messages[0].Role = "user" })
	vary("temperature", func(r *Request) { r.Temperature = 0.1 })
	vary("max tokens", func(r *Request) { r.MaxTokens++ })
	vary("stop", func(r *Request) { r.Stop = nil })
	vary("no top_p", func(r *Request) { r.TopP = nil })
	vary("JSON mode", func(r *Request) { r.JSON = true })
	vary("no seed", func(r *Request) { r.Seed = nil })
	vary("sample", func(r *Request) { r.Sample = 1 })
	vary("options", func(r *Request) { r.Options = []string{"A"} })
	seen := map[string]string{}
	for name, req := range variants {
		key := Key(req)
		if other, ok := seen[key]; ok {
			t.Errorf("%q and %q have one key", name, other)
		}
		seen[key] = name
	}
	if Key(base) != Key(zeros()) {
		t.Error("equal requests have two keys")
	}
	// Recorded evidence answers by key: it must not change from version to version.
	if got, want := Key(question("Où?")), "c4e128c3c3ddfc36931b2d64425e6366e4d5d28d7aba7012d79c49c33dd5a1dc"; got != want {
		t.Errorf("key is %s, want %s", got, want)
	}
}

func TestIdentityTellsModelsApart(t *testing.T) {
	base := Identity(recordedSpec, recordedInfo)
	same := recordedSpec
	same.Name, same.APIKey, same.APIKeyFile, same.Concurrency = "other", "", "key", 9
	if Identity(same, recordedInfo) != base {
		t.Error("name, key or concurrency change the identity")
	}
	for name, change := range map[string]func(*Spec, *Info){
		"provider":  func(s *Spec, _ *Info) { s.Provider = "openai" },
		"endpoint":  func(_ *Spec, i *Info) { i.Endpoint = "http://10.0.0.1" },
		"model":     func(s *Spec, _ *Info) { s.Model = "big" },
		"digest":    func(_ *Spec, i *Info) { i.Digest = "ef" },
		"num_ctx":   func(s *Spec, _ *Info) { s.NumCtx = 1 },
		"template":  func(s *Spec, _ *Info) { s.ChatTemplate = "none" },
		"reasoning": func(s *Spec, _ *Info) { s.Reasoning = "off" },
	} {
		s, i := recordedSpec, recordedInfo
		change(&s, &i)
		if Identity(s, i) == base {
			t.Errorf("%s does not change the identity", name)
		}
	}
}

func TestReplayPicksTheRightAnswer(t *testing.T) {
	old, now := NewModelRecord(Spec{Name: "q4", Model: "old"}, Info{}), NewModelRecord(Spec{Name: "q4", Model: "new"}, Info{})
	failed := Response{Error: &Failure{Kind: KindError, Text: "down"}}
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	j, _, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(m ModelRecord, text string, r Response) {
		if err := j.Answer(question(text), AnsweredRecord{Model: m.Name, Identity: m.Identity, Response: r}); err != nil {
			t.Fatal(err)
		}
	}
	j.Append(old)
	answer(old, "before the model changed", Response{Text: "old"})
	j.Append(now)
	answer(now, "failed, then well", failed)
	answer(now, "failed, then well", Response{Text: "well"})
	answer(now, "well, then failed", Response{Text: "well"})
	answer(now, "well, then failed", failed)
	answer(now, "twice", Response{Text: "first"})
	answer(now, "twice", Response{Text: "last"})
	j.Append(now)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	m, _, err := Open(t.Context(), Spec{Name: "mine", Provider: "replay", Evidence: path, Recorded: "q4"})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"before the model changed": "", "failed, then well": "well", "well, then failed": "well", "twice": "last",
	} {
		if got := ask(t, m, question(text)); got.Text != want {
			t.Errorf("%s: got %q, want %q", text, got.Text, want)
		}
	}
	_, _, err = Open(t.Context(), Spec{Name: "mine", Provider: "replay", Evidence: path})
	expectError(t, err, `has no model "mine": expected one of q4`)
}

// A model that moves to another endpoint and back is the one of its last record,
// with all that it answered under that identity.
func TestReplayKeepsTheAnswersOfAModelThatCameBack(t *testing.T) {
	here, there := NewModelRecord(Spec{Name: "q4"}, Info{Endpoint: "here"}), NewModelRecord(Spec{Name: "q4"}, Info{Endpoint: "there"})
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	j, _, err := OpenJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range []ModelRecord{here, there, here} {
		text := []string{"first", "second", "third"}[i]
		a := AnsweredRecord{Model: m.Name, Identity: m.Identity, Response: Response{Text: text}}
		if err := errors.Join(j.Append(m), j.Answer(question(text), a)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	m, info, err := Open(t.Context(), Spec{Name: "q4", Provider: "replay", Evidence: path})
	if err != nil {
		t.Fatal(err)
	}
	if info.Endpoint != "here" {
		t.Errorf("endpoint %q, want that of the last record", info.Endpoint)
	}
	for text, want := range map[string]string{"first": "first", "second": "", "third": "third"} {
		if got := ask(t, m, question(text)).Text; got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestReplayReadsAFileOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	writeEvidence(t, path, question("Q"), Response{Text: "A"})
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, err := loadRecordings(nil, path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := loadRecordings(nil, path)
	if err != nil {
		t.Fatal(err)
	}
	if first["q4"] != again["q4"] {
		t.Error("the file was read again")
	}
	// A file system that cannot be compared is read each time.
	fsys := fstest.MapFS{"e.jsonl": {Data: text}}
	m, _, err := Open(t.Context(), Spec{Name: "q4", Provider: "replay", Evidence: "e.jsonl", EvidenceFS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, m, question("Q")).Text; got != "A" {
		t.Errorf("got %q, want A", got)
	}
	// A file that grew is another one.
	writeEvidence(t, path, question("Q2"), Response{Text: "B"})
	m, _, err = Open(t.Context(), Spec{Name: "q4", Provider: "replay", Evidence: path})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, m, question("Q2")).Text; got != "B" {
		t.Errorf("got %q, want B", got)
	}
}

func TestAnswerWithoutItsModelIsAnError(t *testing.T) {
	fsys := fstest.MapFS{"e.jsonl": {Data: []byte(`{"kind":"answered","key":"k","model":"q4","response":{"text":"A"}}` + "\n")}}
	_, _, err := Open(t.Context(), Spec{Name: "q4", Provider: "replay", Evidence: "e.jsonl", EvidenceFS: fsys})
	expectError(t, err, `an answer of model "q4" comes before the record of that model`)
}

// Whatever is in the file, the reader ends, gives no record beside an error,
// and gives back as many records as it finds after they are written again.
func FuzzDecodeEvidence(f *testing.F) {
	f.Add([]byte("{\"kind\":\"asked\",\"key\":\"k\"}\n{\"kind\":\"model\"}\n"))
	f.Add([]byte("{\"kind\":\"answered\",\"response\":{\"text\":\"a\"}}\n\n{\"kind\""))
	f.Add([]byte("\x1f\x8b"))
	f.Add([]byte("{\"kind\":\"run\",\"schema\":\"gambit.evidence/1\"}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var again []byte
		var records []Record
		for r, err := range DecodeEvidence(bytes.NewReader(text)) {
			if err != nil {
				if r != nil {
					t.Fatal("a record came beside an error")
				}
				return
			}
			line, err := encodeRecord(r)
			if err != nil {
				t.Fatal(err)
			}
			records, again = append(records, r), append(again, line...)
		}
		var got []Record
		for r, err := range DecodeEvidence(bytes.NewReader(again)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r)
		}
		if diff := cmp.Diff(len(records), len(got)); diff != "" {
			t.Fatalf("records after another round (-want +got):\n%s", diff)
		}
	})
}
