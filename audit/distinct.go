package audit

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path"
	"strings"

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

// sameModel tells by their settings whether two specs are one model. What the
// servers say of themselves tells more, once they are open; see [sameServed].
func sameModel(a, b models.Spec) bool {
	switch {
	case a.Weights != "" && a.Weights == b.Weights:
		return true
	case a.Evidence != "" || b.Evidence != "":
		return a.Evidence == b.Evidence && recordedName(a) == recordedName(b)
	case b.Planted != nil:
		b.Provider, b.Model, b.Planted = b.Planted.Provider, b.Planted.Model, nil
		return sameModel(a, b)
	case !sameServer(a.BaseURL, b.BaseURL) || a.BaseURL == "" && a.Provider != b.Provider:
		return false
	}
	return oneModel(a, b) || a.Model == b.Model
}

// oneModel tells whether one of the servers has a single model, whatever name it
// is asked by.
func oneModel(a, b models.Spec) bool { return a.Provider == "llamacpp" || b.Provider == "llamacpp" }

func recordedName(s models.Spec) string {
	if s.Recorded != "" {
		return s.Recorded
	}
	return s.Name
}

// sameServed tells by what servers say whether two opened models are one.
func sameServed(a, b *session) bool {
	switch {
	case a.info.Digest != "" && a.info.Digest == b.info.Digest:
		return true
	case a.info.Endpoint == "" || !sameServer(a.info.Endpoint, b.info.Endpoint):
		return false
	}
	return oneModel(a.model.Spec, b.model.Spec) || a.model.Model == b.model.Model || a.info.Served != "" && a.info.Served == b.info.Served
}

// sameServer tells whether two addresses reach one port of one host, by any of
// this machine's names and on any path.
func sameServer(a, b string) bool { return hostOf(a) == hostOf(b) }

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	host, port := strings.ToLower(u.Hostname()), strings.TrimLeft(u.Port(), "0")
	address, _, _ = strings.Cut(host, "%") // without the zone
	own, _ := os.Hostname()                // without a name none is this machine's
	if ip := net.ParseIP(address); host == "localhost" || host == strings.ToLower(own) || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return host + ":" + port
}

// endpointOf is an address in one spelling: that of the server, with the path
// but for the version of a protocol.
func endpointOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return hostOf(address) + strings.TrimSuffix(path.Clean("/"+u.Path), "/v1")
}
