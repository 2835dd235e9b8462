package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// triesDir is the folder below the file's Out that keeps the answers of [Try].
const triesDir = "tries"

// Try asks one model of the file some cases now, one after the other, and calls
// show with each as it is scored. The answers are kept like those of a run, and
// are not asked for again.
func Try(ctx context.Context, f *File, model string, cases []*probes.Case, o RunOptions, show func(*probes.Case, drift.Observation)) (err error) {
	o = o.withDefaults()
	all := f.models()
	at := slices.IndexFunc(all, func(m Model) bool { return m.Name == model })
	if at < 0 {
		var names []string
		for _, m := range all {
			names = append(names, m.Name)
		}
		return fmt.Errorf("%s: no model %q: expected one of %v", f.Name, model, names)
	}
	asker, info, err := o.Open(ctx, all[at].Spec)
	if err != nil {
		return unopened(err)
	}
	s := newSession(all[at], asker, info, cases)
	defer func() { closeAll([]*session{s}) }()
	for _, c := range cases {
		if err := asker.Check(shape(c)); err != nil {
			return err
		}
	}
	if err := f.openPanel(ctx, o, cases, []*session{s}); err != nil {
		return err
	}
	dir := filepath.Join(f.Out, triesDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("folder of the tries: %w", err)
	}
	unlock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer unlock()
	journal, err := f.openEvidence(filepath.Join(dir, EvidenceFile), withPanel([]*session{s}), o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	for _, s := range withPanel([]*session{s}) {
		s.journal = journal
	}
	for _, c := range cases {
		seen, err := s.observe(ctx, c)
		if err != nil {
			return err
		}
		show(c, seen)
	}
	return nil
}
