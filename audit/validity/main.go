// Validity measures how often the audit itself errs: how often it blocks copies
// with known damage, and passes copies without harm, over many seeded audits of
// smaller samples. It writes docs/validity.md.
//
//	go run ./audit/validity -out docs/validity.md
package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/fixtures"
	"github.com/gambit-audit/gambit/fixtures/specimens"
	"github.com/gambit-audit/gambit/probes"
)

func main() {
	audits := flag.Int("audits", 200, "how many seeded audits of each size")
	seed := flag.Uint64("seed", 1, "the `seed` of the samples")
	out := flag.String("out", "docs/validity.md", "the `file` to write")
	flag.Parse()
	if err := run(*audits, *seed, *out); err != nil {
		fmt.Fprintln(os.Stderr, "validity:", err)
		os.Exit(1)
	}
}

func run(audits int, seed uint64, out string) error {
	var studies []study
	for _, of := range []struct {
		fsys fs.FS
		name string
	}{{specimens.Files(), specimens.ValidityFile}, {fixtures.Recorded(), fixtures.RecordedAudit}} {
		p, err := ask(of.fsys, of.name)
		if err != nil {
			return err
		}
		s, err := newStudy(p, audits, seed)
		if err != nil {
			return err
		}
		studies = append(studies, s)
	}
	return os.WriteFile(out, page(studies, audits, seed), 0o644)
}

// ask runs a whole audit, whose pairs the samples are drawn from.
func ask(fsys fs.FS, name string) (population, error) {
	f, err := audit.OpenFile(fsys, name, audit.FileOptions{})
	if err != nil {
		return population{}, err
	}
	suite, err := f.LoadProbes()
	if err != nil {
		return population{}, err
	}
	plan, err := audit.NewPlan(f, suite)
	if err != nil {
		return population{}, err
	}
	dir, err := os.MkdirTemp("", "gambit-validity-")
	if err != nil {
		return population{}, err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintf(os.Stderr, "%s: asking %d models\n", f.Title, len(f.Candidates)+1)
	a, err := plan.Run(context.Background(), audit.RunOptions{Dir: filepath.Join(dir, "run")})
	if err != nil {
		return population{}, err
	}
	f.Size = probes.Standard
	standard, err := f.LoadProbes()
	if err != nil {
		return population{}, err
	}
	p := population{audit: a, standard: map[string]float64{}}
	for _, probe := range standard.Probes {
		p.standard[probe.ID] = float64(len(probe.Cases))
	}
	for _, probe := range suite.Probes {
		p.standard[probe.ID] /= float64(len(probe.Cases))
	}
	return p, nil
}
