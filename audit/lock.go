package audit

import (
	"errors"
	"fmt"
	"path/filepath"
)

// lockFile keeps a run's folder for one run.
const lockFile = "lock"

// errLocked says that another run holds the lock.
var errLocked = errors.New("another run is in it: wait until it has ended")

// lockDir keeps a run's folder for this run, until unlock is called or the
// process ends, however it ends: a killed run leaves nothing in the way.
func lockDir(dir string) (unlock func(), err error) {
	f, err := lock(filepath.Join(dir, lockFile))
	if err != nil {
		return nil, fmt.Errorf("run folder %s: %w", dir, err)
	}
	return func() { _ = f.Close() }, nil // nothing was written to it
}
