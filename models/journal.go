package models

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// syncEvery is the number of writes after which the journal is forced to the
// disk.
const syncEvery = 64

// Journal appends records to an evidence file. It is safe for concurrent use:
// each call is one write, so that a kill tears at most the last line. What the
// system has taken survives a kill; the last syncEvery writes may be lost when
// the machine itself stops.
type Journal struct {
	mu       sync.Mutex
	file     *os.File
	asked    map[string]bool // keys that have their AskedRecord
	unsynced int
	syncing  bool
	// err is the first error of a write. What follows a torn record would be
	// unreadable, so nothing more is written.
	err error
}

// Repair says what OpenJournal did to a file that it found.
type Repair struct {
	// Records are the whole records found. Torn are the bytes of a torn last
	// line that were cut off; 0 for none.
	Records int
	Torn    int64
}

// OpenJournal opens an evidence file to append to, and makes it if need be. A
// last line that was torn off by a kill is cut away and reported. A torn line
// in the middle is an error.
func OpenJournal(path string) (*Journal, Repair, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, Repair{}, fmt.Errorf("evidence: %w", err)
	}
	j := &Journal{file: f, asked: map[string]bool{}}
	repair, err := j.recover()
	if err != nil {
		f.Close()
		return nil, Repair{}, fmt.Errorf("evidence %s: %w", path, err)
	}
	return j, repair, nil
}

// recover reads what is there and makes it end in a whole line.
func (j *Journal) recover() (Repair, error) {
	lines, err := newLineReader(j.file)
	if err != nil {
		return Repair{}, err
	}
	if lines.packed {
		return Repair{}, errors.New("it is gzipped: unpack it to go on with it")
	}
	var repair Repair
	for {
		record, err := lines.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Repair{}, err
		}
		repair.Records++
		if asked, ok := record.(AskedRecord); ok {
			j.asked[asked.Key] = true
		}
	}
	size, err := j.file.Seek(0, io.SeekEnd)
	if err != nil {
		return Repair{}, err
	}
	repair.Torn = size - lines.end
	return repair, j.mend(lines, repair.Torn)
}

func (j *Journal) mend(lines *lineReader, torn int64) error {
	if torn > 0 {
		return j.file.Truncate(lines.end)
	}
	if lines.open {
		_, err := j.file.Write([]byte{'\n'})
		return err
	}
	return nil
}

// Append writes one record. After an error nothing more is written, and each
// call returns that error.
func (j *Journal) Append(r Record) error {
	line, err := encodeRecord(r)
	if err != nil {
		return err
	}
	return j.commit(func() []byte { return line })
}

// Answer writes an answer, and before it what was asked, if no record says so
// yet. It fills in the key.
func (j *Journal) Answer(req Request, a AnsweredRecord) error {
	a.Key = Key(req)
	asked, err := encodeRecord(AskedRecord{Key: a.Key, Request: req})
	if err != nil {
		return err
	}
	answered, err := encodeRecord(a)
	if err != nil {
		return err
	}
	return j.commit(func() []byte {
		if j.asked[a.Key] {
			return answered
		}
		j.asked[a.Key] = true
		return append(asked, answered...)
	})
}

// commit writes lines, and forces all that is written to the disk where that is
// due. One caller waits for the disk; the others go on writing meanwhile.
func (j *Journal) commit(lines func() []byte) error {
	due, err := j.write(lines)
	if !due {
		return err
	}
	err = j.file.Sync()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.syncing = false
	j.fail(err)
	return j.err
}

// write writes lines and tells whether a sync is due.
func (j *Journal) write(lines func() []byte) (due bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return false, j.err
	}
	if _, err := j.file.Write(lines()); err != nil {
		j.fail(err)
		return false, j.err
	}
	if j.unsynced++; j.unsynced < syncEvery || j.syncing {
		return false, nil
	}
	j.unsynced, j.syncing = 0, true
	return true, nil
}

// fail keeps the first error.
func (j *Journal) fail(err error) {
	if err != nil && j.err == nil {
		j.err = fmt.Errorf("evidence: %w", err)
	}
}

// Close forces the records to the disk and closes the file. It returns the
// first error that the journal met.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.fail(j.file.Sync())
	}
	j.fail(j.file.Close())
	first := j.err
	j.err = errors.Join(j.err, os.ErrClosed)
	return first
}
