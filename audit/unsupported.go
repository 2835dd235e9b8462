package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
)

// supported is the suite without the probes that a provider of the file cannot
// carry, where the file says `unsupported: skip`; a warning names them all.
func (f *File) supported(suite *probes.Suite) (*probes.Suite, error) {
	if f.Unsupported != "skip" {
		return suite, nil
	}
	kept := *suite
	kept.Probes, kept.Warnings = nil, slices.Clone(suite.Warnings)
	skipped := map[string][]string{} // probes by reason
	var reasons []string
	for _, probe := range suite.Probes {
		err := f.carries(probe)
		if err == nil {
			kept.Probes = append(kept.Probes, probe)
			continue
		}
		if skipped[err.Error()] == nil {
			reasons = append(reasons, err.Error())
		}
		skipped[err.Error()] = append(skipped[err.Error()], probe.ID)
	}
	for _, why := range reasons {
		kept.Warnings = append(kept.Warnings, fmt.Errorf("%d probes skipped, since %s: %s",
			len(skipped[why]), why, strings.Join(skipped[why], ", ")))
	}
	if len(kept.Probes) == 0 {
		return nil, fmt.Errorf("%s: every probe is skipped, since a provider does not carry it: %w", f.Name, errors.Join(kept.Warnings...))
	}
	return &kept, nil
}

// carries tells whether every model's provider carries what the probe asks for.
func (f *File) carries(probe *probes.Probe) error {
	for _, m := range f.models() {
		for _, c := range probe.Cases {
			if err := models.CheckSpec(m.Spec, shape(c)); err != nil {
				return err
			}
		}
	}
	return nil
}
