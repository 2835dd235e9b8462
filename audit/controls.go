package audit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/fixtures/specimens"
)

// controlsDir is the folder of the controls' evidence, inside that of the run.
const controlsDir = "controls"

// newControls is the audit of the specimens that goes with the plan: copies
// without harm must pass the gate, known damage must be blocked.
func newControls() (*Plan, error) {
	f, err := OpenFile(specimens.Files(), specimens.ControlsFile, FileOptions{})
	if err != nil {
		return nil, fmt.Errorf("controls: %w", err)
	}
	p, err := f.Plan()
	if err != nil {
		return nil, fmt.Errorf("controls: %w", err)
	}
	return p, nil
}

// runControls asks the specimens; nil where the file turns controls off. They
// come first and cost seconds: a gate that cannot see known damage should be
// known before the user's models are paid for.
func (p *Plan) runControls(ctx context.Context, o RunOptions) (*drift.Controls, error) {
	if !p.file.Controls {
		return nil, nil
	}
	plan, err := newControls()
	if err != nil {
		return nil, err
	}
	a, err := plan.Run(ctx, RunOptions{Dir: filepath.Join(o.Dir, controlsDir), Clock: o.Clock, Version: o.Version})
	if err != nil {
		return nil, fmt.Errorf("controls: %w", err)
	}
	return drift.NewControls(a), nil
}

// rebuildControls judges the controls anew from the evidence beside the run's;
// nil where the run had none.
func (p *Plan) rebuildControls(ctx context.Context, evidence string, o RunOptions) (*drift.Controls, error) {
	evidence = filepath.Join(filepath.Dir(evidence), controlsDir, EvidenceFile)
	if _, err := os.Stat(evidence); err != nil || !p.file.Controls {
		return nil, nil
	}
	plan, err := newControls()
	if err != nil {
		return nil, err
	}
	a, err := plan.Rebuild(ctx, evidence, RunOptions{Clock: o.Clock, Version: o.Version})
	if err != nil {
		return nil, fmt.Errorf("controls: %w", err)
	}
	return drift.NewControls(a), nil
}
