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

// Unsupported refuses, without a model, what the provider of a model would not
// carry of the selected cases. A run refuses it too, once its models are open.
func (p *Plan) Unsupported() error {
	var r refusals
	for _, m := range p.file.models() {
		for _, c := range p.cases(m.Name) {
			r.add(c, models.CheckSpec(m.Spec, shape(c)))
		}
	}
	for _, c := range p.cases(p.file.Reference.Name) {
		r.add(c, p.file.carriesAsks(c))
	}
	return r.err()
}

// refusals are the reasons why requests are refused, each with the first case
// that it was met at and the probes that it keeps from being asked. The zero
// value is none.
type refusals struct {
	reasons []string
	first   map[string]*probes.Case
	probes  map[string][]string // ids by reason
}

// add notes why a case is refused; a nil error is none.
func (r *refusals) add(c *probes.Case, err error) {
	if err == nil {
		return
	}
	if r.first == nil {
		r.first, r.probes = map[string]*probes.Case{}, map[string][]string{}
	}
	why := err.Error()
	if r.first[why] == nil {
		r.reasons = append(r.reasons, why)
		r.first[why] = c
	}
	if !slices.Contains(r.probes[why], c.Probe.ID) {
		r.probes[why] = append(r.probes[why], c.Probe.ID)
	}
}

// err is one error for each reason, and what to do about them; nil for none.
func (r *refusals) err() error {
	var errs []error
	for _, why := range r.reasons {
		c, more := r.first[why], ""
		if ids := r.probes[why]; len(ids) > 1 {
			more = fmt.Sprintf(", which %d more probes need too", len(ids)-1)
		}
		errs = append(errs, fmt.Errorf("%s:%d:1: probe %s: %s%s: leave such probes out with `unsupported: skip` in the audit file, or use another provider",
			c.Probe.File, c.Line, c.Probe.ID, why, more))
	}
	return errors.Join(errs...)
}

// carries tells whether every model's provider carries what the probe asks for.
func (f *File) carries(probe *probes.Probe) error {
	if err := f.lacks(probe); err != nil {
		return err
	}
	for _, m := range f.models() {
		for _, c := range probe.Cases() {
			if err := models.CheckSpec(m.Spec, shape(c)); err != nil {
				return err
			}
		}
	}
	return nil
}
