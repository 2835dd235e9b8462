package suites

import (
	"errors"
	"fmt"
	"os"

	"github.com/gambit-audit/gambit/audit"
)

// Named is the audit file that the flag --audit, or else the environment
// variable GAMBIT_AUDIT names; empty for none.
func Named() string {
	if *auditFlag != "" {
		return *auditFlag
	}
	return os.Getenv("GAMBIT_AUDIT")
}

// open reads the audit file that the flag, the environment or the suite's own
// options name, in this order. Kept is false where the run is to leave no
// folder behind.
func open(o Options) (f *audit.File, kept bool, err error) {
	named := Named()
	switch {
	case named != "":
		f, err = openNamed(named)
	case o.FS != nil:
		f, err = audit.OpenFile(o.FS, o.Audit, audit.FileOptions{LookupEnv: os.LookupEnv})
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
