package audit

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
)

// distinct refuses a gated candidate that is the reference itself, at the same
// server and under the same settings: it would pass, whatever the model that was
// meant does. The same weights behind two servers are named in every report, for
// which they go into the evidence.
func distinct(sessions []*session) error {
	reference := sessions[0]
	var errs []error
	for _, s := range sessions[1:] {
		switch {
		case s.model.Planted != nil || s.model.Expect == drift.ExpectAny:
		case s.info.Endpoint != "" && !s.replayed && identity(s) == identity(reference):
			errs = append(errs, fmt.Errorf("candidate %s is the reference %s itself (%s %s at %s): expected the compressed model, or `expect: any` to hold a model against itself on purpose",
				s.model.Name, reference.model.Name, s.model.Provider, s.model.Model, s.info.Endpoint))
		case s.info.Digest != "" && s.info.Digest == reference.info.Digest:
			s.info.Notes = append(s.info.Notes, fmt.Sprintf("these are the very weights of %s, behind another server or other settings: what is compared is these alone", reference.model.Name))
		}
	}
	return errors.Join(errs...)
}

// identity is that of the model that the server has: whatever it was asked for,
// since some servers take no notice of the name, whatever file the audit names as
// its weights, and by whichever protocol and spelling of its address.
func identity(s *session) string {
	spec, info := s.model.Spec, s.info
	spec.Provider, spec.Model = "", cmp.Or(info.Served, spec.Model)
	info.Digest, info.Endpoint = "", endpointOf(info.Endpoint)
	return models.Identity(spec, info)
}
