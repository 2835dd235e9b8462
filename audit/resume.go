package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gambit-audit/gambit/models"
)

// Resumable refuses to go on with a run that has finished under another audit
// file, or one that was changed since, or at another size: what it reported is
// evidence, and would be written over. Answers of an unfinished run are always
// worth going on with.
func (p *Plan) Resumable(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, finishedFile)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	last, err := lastRun(filepath.Join(dir, EvidenceFile))
	if err != nil {
		return err
	}
	if last.Audit == p.file.Hash && last.Size == string(p.file.Size) {
		return nil
	}
	return fmt.Errorf("%s: this run has finished, by another audit file (or one that was changed since) or at another size than %s: its reports stay as they are; `gambit report DIR --audit FILE` judges its answers anew, and a run without --resume asks in a new folder",
		dir, p.file.Size)
}

// lastRun is what the latest run that added to the evidence noted down.
func lastRun(evidence string) (models.RunRecord, error) {
	var last models.RunRecord
	for r, err := range models.ReadEvidence(evidence) {
		if err != nil {
			return last, err
		}
		if run, ok := r.(models.RunRecord); ok {
			last = run
		}
	}
	return last, nil
}
