package audit

import (
	"errors"
	"fmt"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
)

// distinct refuses a gated candidate that is the reference itself, at the same
// server and under the same settings: it would pass, whatever the model that was
// meant does. The same weights behind two servers are named in every report.
func distinct(sessions []*session) error {
	reference := sessions[0]
	var errs []error
	for _, s := range sessions[1:] {
		switch {
		case s.model.Planted != nil || s.model.Expect == drift.ExpectAny || s.info.Endpoint == "":
		case identity(s) == identity(reference):
			errs = append(errs, fmt.Errorf("candidate %s is the reference %s itself (%s %s at %s): expected the compressed model, or `expect: any` to hold a model against itself on purpose",
				s.model.Name, reference.model.Name, s.model.Provider, s.model.Model, s.info.Endpoint))
		case s.info.Digest != "" && s.info.Digest == reference.info.Digest:
			s.notes = append(s.notes, fmt.Sprintf("%s has the very weights of %s, behind another server or other settings: what is compared is these alone", s.model.Name, reference.model.Name))
		}
	}
	return errors.Join(errs...)
}

func identity(s *session) string { return models.Identity(s.model.Spec, s.info) }
