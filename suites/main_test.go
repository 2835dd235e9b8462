package suites

import (
	"flag"
	"os"
	"testing"
)

// TestMain keeps the tests of this package quiet under `ginkgo run ./suites/...`,
// which is there for the audits below and asks for every line.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.paniconexit0"); f.Value.String() == "false" { // set by go test alone
		_ = flag.Set("test.v", "false") // the flag is there, and takes it
	}
	os.Exit(m.Run())
}
