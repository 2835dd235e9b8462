package audit

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/scorers"
	"gopkg.in/yaml.v3"
)

// Scoring are the models that scorers ask. None of them is audited.
type Scoring struct {
	Judge    *Model // nil: the file names none
	Embedder *Model // nil: the file names none
	// JudgeTokens bounds one reply of the judge.
	JudgeTokens int
}

var scoringKeys = []string{"judge", "embedder", "judge_tokens"}

// defaultJudgeTokens is room for a letter and a few words around it. A judge that
// reasons before it replies needs more.
const defaultJudgeTokens = 32

// scoring reads the models that scorers ask.
func (r *fileReader) scoring(n *yaml.Node) {
	if n == nil {
		return
	}
	m, ok := r.Map(n, "scoring", scoringKeys...)
	if !ok {
		return
	}
	s := &r.out.Scoring
	s.JudgeTokens = r.Integer(m.Get("judge_tokens"), "judge_tokens", 1, defaultJudgeTokens)
	s.Judge = r.scoringModel(m.Get("judge"), "judge")
	s.Embedder = r.scoringModel(m.Get("embedder"), "embedder")
	for _, audited := range r.out.models() {
		if s.Judge != nil && sameModel(s.Judge.Spec, audited.Spec) {
			r.At(m.Get("judge"), "%v", judgesItself(s.Judge, audited))
		}
	}
}

// scoringModel reads one of them; nil where it is not named.
func (r *fileReader) scoringModel(n *yaml.Node, what string) *Model {
	if n == nil {
		return nil
	}
	m := r.model(n, what)
	switch m.Provider {
	case "planted", "recorded", "specimen", "fillmask":
		r.At(n, "%s with provider %s: expected one that asks a model now, or replay", what, m.Provider)
	}
	for _, other := range append(r.out.models(), r.out.Scoring.named()...) {
		if other.Name == m.Name && m.Name != "" {
			r.At(n, "two models are named %q: expected a `name` of its own for the %s", m.Name, what)
		}
	}
	return &m
}

// named are the models that the file names, the judge first.
func (s Scoring) named() []Model {
	var list []Model
	for _, m := range []*Model{s.Judge, s.Embedder} {
		if m != nil {
			list = append(list, *m)
		}
	}
	return list
}

// of is the model of a role, nil where the file names none.
func (s Scoring) of(role scorers.Role) *Model {
	if role == scorers.Embedder {
		return s.Embedder
	}
	return s.Judge
}

func judgesItself(judge *Model, audited Model) error {
	return fmt.Errorf("judge %s is the audited model %s: expected a model that is none of the audited ones, since a model favours its own answers", judge.Name, audited.Name)
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

// lacks says which model the scorers of a probe have to ask, and the file does
// not name; nil for none.
func (f *File) lacks(probe *probes.Probe) error {
	for _, role := range probe.Roles() {
		if f.Scoring.of(role) == nil {
			return fmt.Errorf("a scorer asks %s, and the audit file names none: add `scoring: {%s: {name: %s, provider: openai, base_url: …, model: …}}`",
				article(role), role, role)
		}
	}
	return nil
}

func article(role scorers.Role) string {
	if role == scorers.Embedder {
		return "an embedder"
	}
	return "a judge"
}

// lacking refuses the probes of cases whose scorers have no model to ask.
func (f *File) lacking(cases []*probes.Case) error {
	var r refusals
	known := map[*probes.Probe]bool{}
	for _, c := range cases {
		if !known[c.Probe] {
			known[c.Probe] = true
			r.add(c, f.lacks(c.Probe))
		}
	}
	return r.err()
}

// carriesAsks refuses what the provider of a scoring model would not carry of the
// asks about a case.
func (f *File) carriesAsks(c *probes.Case) error {
	for _, role := range c.Roles() {
		if m := f.Scoring.of(role); m != nil {
			if err := models.CheckSpec(m.Spec, f.request(scorers.Ask{Of: role, System: "…", Text: "…"})); err != nil {
				return err
			}
		}
	}
	return nil
}

// rolesOf are the models that the scorers of cases have to ask.
func rolesOf(cases []*probes.Case) []scorers.Role {
	var list []scorers.Role
	known := map[*probes.Probe]bool{}
	for _, c := range cases {
		if known[c.Probe] {
			continue
		}
		known[c.Probe] = true
		for _, role := range c.Probe.Roles() {
			if !slices.Contains(list, role) {
				list = append(list, role)
			}
		}
	}
	return list
}
