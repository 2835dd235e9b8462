package models

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// longestLine bounds one record, in bytes.
const longestLine = 64 << 20

// ReadEvidence reads the records of a file, plain or gzipped, one by one: the
// memory it takes does not grow with the file. A last line that was torn off by
// a kill is left out; any other line that cannot be read is an error with its
// number, after which nothing more comes.
func ReadEvidence(path string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(nil, fmt.Errorf("evidence: %w", err))
			return
		}
		defer f.Close()
		for r, err := range DecodeEvidence(f) {
			if err != nil {
				err = fmt.Errorf("evidence %s: %w", path, err)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// DecodeEvidence is [ReadEvidence] for an open stream.
func DecodeEvidence(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		lines, err := newLineReader(r)
		for err == nil {
			var record Record
			if record, err = lines.next(); err == nil && !yield(record, nil) {
				return
			}
		}
		if err != io.EOF {
			yield(nil, err)
		}
	}
}

// lineReader reads records and counts lines and bytes.
type lineReader struct {
	r      *bufio.Reader
	decode func(line []byte) (Record, error) // the line holds until the next
	line   int                               // of the record that was read last, from 1
	start  int64                             // of the record that was read last, in bytes
	end    int64                             // of the last whole record, in bytes
	packed bool                              // the stream is gzipped
	// open is true where the last record has no newline after it.
	open bool
}

// newLineReader unpacks gzip, told by its first two bytes.
func newLineReader(r io.Reader) (*lineReader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	magic, err := b.Peek(2)
	if err != nil || !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return &lineReader{r: b, decode: decodeRecord}, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, err
	}
	return &lineReader{r: bufio.NewReaderSize(z, 64<<10), decode: decodeRecord, packed: true}, nil
}

// next returns the next record, or io.EOF at the end and at a torn last line.
func (l *lineReader) next() (Record, error) {
	for {
		text, err := l.readLine()
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("line %d: %w", l.line, err)
		}
		last := err == io.EOF
		if len(text) == 0 {
			return nil, io.EOF
		}
		if len(bytes.TrimSpace(text)) == 0 && !last {
			l.end += int64(len(text))
			continue
		}
		record, err := l.decode(text)
		switch {
		case err != nil && last:
			return nil, io.EOF
		case err != nil:
			return nil, fmt.Errorf("line %d: %w", l.line, err)
		}
		l.start, l.end, l.open = l.end, l.end+int64(len(text)), last
		return record, nil
	}
}

// readLine returns a line with its newline; io.EOF comes with a last line that
// has none, which may be empty. A gzip stream that was torn ends there too. The
// line holds until the next one is read.
func (l *lineReader) readLine() ([]byte, error) {
	l.line++
	var line []byte
	for {
		part, err := l.r.ReadSlice('\n')
		if err == nil && line == nil {
			return part, nil
		}
		line = append(line, part...)
		if len(line) > longestLine {
			return nil, fmt.Errorf("longer than %d MiB", longestLine>>20)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return line, err
	}
}
