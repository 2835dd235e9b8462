package models

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// index finds the answers of one model by key. An audit of a million cases fits:
// an answer takes 16 bytes, and its record is read when it is asked for.
type index []entry

// entry is one answer: how its key begins, and where its record does, in bytes
// from the start of the evidence.
type entry struct {
	prefix uint64
	at     int64
}

// prefixOf is how a key begins; 0 for what is no key.
func prefixOf(key []byte) uint64 {
	var first [8]byte
	if _, err := hex.Decode(first[:], key[:min(len(key), 2*len(first))]); err != nil {
		return 0
	}
	return uint64(first[0])<<56 | uint64(first[1])<<48 | uint64(first[2])<<40 | uint64(first[3])<<32 |
		uint64(first[4])<<24 | uint64(first[5])<<16 | uint64(first[6])<<8 | uint64(first[7])
}

// sort makes the index ready for [index.of].
func (x index) sort() {
	slices.SortFunc(x, func(a, b entry) int { return cmp.Or(cmp.Compare(a.prefix, b.prefix), cmp.Compare(a.at, b.at)) })
}

// of lists the answers whose keys begin like this one, in the order of the file.
func (x index) of(key string) []entry {
	prefix := prefixOf([]byte(key))
	from, _ := slices.BinarySearchFunc(x, prefix, func(e entry, p uint64) int { return cmp.Compare(e.prefix, p) })
	to := from
	for to < len(x) && x[to].prefix == prefix {
		to++
	}
	return x[from:to]
}

// evidenceText is evidence that can be read anywhere.
type evidenceText interface {
	io.ReaderAt
	io.Closer
}

// unpacked is evidence in memory.
type unpacked struct{ *bytes.Reader }

func (unpacked) Close() error { return nil }

// openText opens evidence on the disk. What is gzipped, or in a file system of
// another kind, cannot be read anywhere and is held in memory.
func openText(fsys fs.FS, path string) (evidenceText, error) {
	if fsys == nil {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		packed, err := isPacked(file)
		if err == nil && !packed {
			return file, nil
		}
		defer file.Close()
		if err != nil {
			return nil, err
		}
		return unpack(file)
	}
	file, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return unpack(file)
}

func isPacked(file *os.File) (bool, error) {
	lines, err := newLineReader(file)
	if err != nil {
		return false, err
	}
	_, err = file.Seek(0, io.SeekStart)
	return lines.packed, err
}

// unpack reads all of a stream; a gzip stream that was torn ends there.
func unpack(file io.Reader) (evidenceText, error) {
	lines, err := newLineReader(file)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(lines.r)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return unpacked{bytes.NewReader(text)}, nil
}

// firstRead is how much of a record is read at first: most are no longer.
const firstRead = 1 << 10

// buffers are those of records, since an audit reads hundreds of thousands.
var buffers = sync.Pool{New: func() any { return new([firstRead]byte) }}

// answerAt reads the answer whose record begins at a place. It is not ok where
// that is an answer to another key.
func answerAt(text io.ReaderAt, at int64, key string) (r Response, ok bool, err error) {
	first := buffers.Get().(*[firstRead]byte)
	defer buffers.Put(first)
	for buffer := first[:]; ; buffer = make([]byte, 4*len(buffer)) {
		n, err := text.ReadAt(buffer, at)
		line, _, whole := bytes.Cut(buffer[:n], []byte{'\n'})
		if err != nil && err != io.EOF {
			return r, false, fmt.Errorf("evidence: %w", err)
		}
		if !whole && err == nil {
			continue
		}
		if r, ok, err = decodeAnswer(line, key); err != nil {
			err = fmt.Errorf("evidence: the record at byte %d: %w", at, err)
		}
		return r, ok, err
	}
}

// decodeAnswer reads the answer to a key out of its record.
func decodeAnswer(line []byte, key string) (r Response, ok bool, err error) {
	head, rest, plain := plainHead(line)
	if plain && string(head.key) != key {
		return r, false, nil
	}
	// The first unescaped text that looks like the field is the field.
	if _, body, found := bytes.Cut(rest, []byte(`","response":`)); plain && found {
		body = bytes.TrimSuffix(bytes.TrimSpace(body), []byte("}"))
		return r, true, json.Unmarshal(body, &r)
	}
	var a AnsweredRecord
	err = json.Unmarshal(line, &a)
	return a.Response, a.Key == key, err
}

// answeredHead is what an index needs of an AnsweredRecord. Its texts are the
// reader's own and hold until the next record.
type answeredHead struct{ key, model, identity []byte }

func (answeredHead) kind() string { return "answered" }

// decodeHead is decodeRecord for an index: of an answer it gives an
// answeredHead, and of a question nothing.
func decodeHead(line []byte) (Record, error) {
	head, _, plain := plainHead(line)
	asked := bytes.HasPrefix(line, []byte(`{"kind":"asked",`))
	if plain || asked {
		if !json.Valid(line) {
			_, err := decodeRecord(line) // it says what is wrong
			return nil, err
		}
		if asked {
			return nil, nil
		}
		return head, nil
	}
	record, err := decodeRecord(line)
	if err != nil {
		return nil, err
	}
	switch r := record.(type) {
	case AskedRecord:
		return nil, nil
	case AnsweredRecord:
		return answeredHead{[]byte(r.Key), []byte(r.Model), []byte(r.Identity)}, nil
	}
	return record, nil
}

// plainHead reads the head of an answer as [Journal] writes it. It is not ok for
// any other line, which may hold the same in another order or with escapes. Rest
// begins with the case.
func plainHead(line []byte) (h answeredHead, rest []byte, ok bool) {
	rest = line
	for _, field := range []struct {
		before string
		into   *[]byte
	}{
		{`{"kind":"answered","key":"`, &h.key}, {`","model":"`, &h.model}, {`","identity":"`, &h.identity},
	} {
		after, found := bytes.CutPrefix(rest, []byte(field.before))
		if !found {
			return h, nil, false
		}
		end := bytes.IndexByte(after, '"')
		if end < 0 || bytes.IndexByte(after[:end], '\\') >= 0 {
			return h, nil, false
		}
		*field.into, rest = after[:end], after[end:]
	}
	return h, rest, bytes.HasPrefix(rest, []byte(`","case":"`))
}
