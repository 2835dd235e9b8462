package suites

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/gambit-audit/gambit/audit"
)

// open reads the audit file that the flag, the environment or the suite's own
// options name, in this order. Kept is false where the run is to leave no
// folder behind.
func open(o Options) (f *audit.File, kept bool, err error) {
	named := *auditFlag
	if named == "" {
		named = os.Getenv("GAMBIT_AUDIT")
	}
	switch {
	case named != "":
		f, err = openNamed(named)
	case o.FS != nil:
		f, err = openEmbedded(o)
	case o.Audit == "":
		err = errors.New("no audit file: expected Options.Audit, --audit FILE after \"--\", or GAMBIT_AUDIT")
	default:
		f, err = audit.LoadFile(o.Audit, audit.FileOptions{LookupEnv: os.LookupEnv})
	}
	if err != nil {
		return nil, false, err
	}
	kept = named != "" || o.FS == nil
	for _, out := range []string{o.OutDir, *outFlag} {
		if out != "" {
			f.Out, kept = out, true
		}
	}
	return f, kept, nil
}

func openNamed(name string) (*audit.File, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("audit file %q: %w", name, err)
	}
	path, err := locate(name, dir)
	if err != nil {
		return nil, err
	}
	return audit.LoadFile(path, audit.FileOptions{LookupEnv: os.LookupEnv})
}

func openEmbedded(o Options) (*audit.File, error) {
	data, err := fs.ReadFile(o.FS, o.Audit)
	if err != nil {
		return nil, fmt.Errorf("audit file: %w", err)
	}
	return audit.ParseFile(o.Audit, data, audit.FileOptions{LookupEnv: os.LookupEnv, FS: o.FS})
}
