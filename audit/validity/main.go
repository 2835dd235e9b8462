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
	plan, err := f.Plan()
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
	p := population{audit: a, standard: map[string]thinning{}}
	small, large := shapes(standard), shapes(plan.Suite())
	for id, l := range large {
		p.standard[id] = thinning{
			clusters: small[id].clusters / l.clusters,
			units:    small[id].units / small[id].clusters / (l.units / l.clusters),
		}
	}
	return p, nil
}

// shape counts the clusters of a probe, and its units of outcome: cases, or
// bundles.
type shape struct{ clusters, units float64 }

func shapes(suite *probes.Suite) map[string]shape {
	out := map[string]shape{}
	for _, probe := range suite.Probes {
		clusters, units := map[string]bool{}, map[string]bool{}
		for _, c := range probe.Cases() {
			clusters[c.Cluster] = true
			if probe.Relation != "" && probe.Relation != "paired" {
				units[c.Bundle] = true
			} else {
				units[c.ID] = true
			}
		}
		out[probe.ID] = shape{float64(len(clusters)), float64(len(units))}
	}
	return out
}
