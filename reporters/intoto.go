package reporters

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("in-toto", format{
	file:   "report.intoto.json",
	doc:    "in-toto Statement v1 with test-result v0.1: the verdict, tied to the digests of both models' weights",
	render: renderInToto,
})

// The types that the in-toto attestation framework gives, of Statement v1 and
// of its predicate test-result v0.1.
const (
	statementType  = "https://in-toto.io/Statement/v1"
	testResultType = "https://in-toto.io/attestation/test-result/v0.1"
)

type statement struct {
	Type          string               `json:"_type"`
	Subject       []resourceDescriptor `json:"subject"`
	PredicateType string               `json:"predicateType"`
	Predicate     testResult           `json:"predicate"`
}

type resourceDescriptor struct {
	Name      string            `json:"name,omitempty"`
	Digest    map[string]string `json:"digest,omitempty"`
	Content   []byte            `json:"content,omitempty"` // base64 in JSON
	MediaType string            `json:"mediaType,omitempty"`
}

// testResult names every test of the release candidates. A waived, advisory or
// otherwise accepted one is warned of, and so is the result: PASSED has no
// exception.
type testResult struct {
	Result        string               `json:"result"` // PASSED, WARNED or FAILED
	Configuration []resourceDescriptor `json:"configuration"`
	Passed        []string             `json:"passedTests"`
	Warned        []string             `json:"warnedTests"`
	Failed        []string             `json:"failedTests"`
}

func renderInToto(a *drift.Audit) ([]byte, error) {
	subject, err := subjects(a)
	if err != nil {
		return nil, err
	}
	configuration, err := configurations(a)
	if err != nil {
		return nil, err
	}
	return indentJSON(statement{statementType, subject, testResultType, resultOf(a, configuration)})
}

// subjects are the weights of the reference and of every release candidate: a
// verifier finds the statement by their digests alone. Controls and candidates
// for information are none, or a passed gate would vouch for them.
func subjects(a *drift.Audit) ([]resourceDescriptor, error) {
	models := []drift.Model{}
	for _, m := range a.Candidates {
		if released(a, m.Name) {
			models = append(models, m)
		}
	}
	switch {
	case len(models) == 0:
		return nil, errors.New("no release candidate: expected a candidate that is gated (expect: pass) to attest to")
	case a.Size == "smoke":
		return nil, errors.New("smoke size passes no release: run size standard or full to attest to it")
	}
	var list []resourceDescriptor
	var errs []error
	for _, m := range append([]drift.Model{a.Reference}, models...) {
		digest, err := sha256Of(m)
		errs = append(errs, err)
		list = append(list, resourceDescriptor{Name: name(m.Name), Digest: map[string]string{"sha256": digest}})
	}
	return list, errors.Join(errs...)
}

// sha256Of is the digest of a model's weights in lower hex.
func sha256Of(m drift.Model) (string, error) {
	if m.Digest == "" {
		return "", fmt.Errorf("the digest of %s is unknown: expected `weights: FILE` in the audit file, or a provider that tells it", name(m.Name))
	}
	digest := strings.ToLower(strings.TrimPrefix(m.Digest, "sha256:"))
	if sum, err := hex.DecodeString(digest); err != nil || len(sum) != sha256.Size {
		return "", fmt.Errorf("the digest of %s is %q: expected a SHA-256 in hex", name(m.Name), excerpt(m.Digest, maxName))
	}
	return digest, nil
}

// maxContent is how long content within a statement should be, in bytes.
const maxContent = 1 << 10

// configurations are what the test was made by: the policy, itself where it is
// short, and the report that has everything, by its digest.
func configurations(a *drift.Audit) ([]resourceDescriptor, error) {
	policy, err := json.Marshal(a.Policy)
	if err != nil {
		return nil, err
	}
	report, err := renderJSON(a)
	if err != nil {
		return nil, err
	}
	made := resourceDescriptor{Name: "policy", Digest: map[string]string{"sha256": hexSum(policy)}, MediaType: "application/json"}
	if len(policy) < maxContent {
		made.Content = policy
	}
	return []resourceDescriptor{
		made,
		{Name: Filename("json"), Digest: map[string]string{"sha256": hexSum(report)}, MediaType: "application/json"},
	}, nil
}

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func resultOf(a *drift.Audit, configuration []resourceDescriptor) testResult {
	r := testResult{Configuration: configuration, Passed: []string{}, Warned: []string{}, Failed: []string{}}
	for _, c := range a.Comparisons {
		if released(a, c.Candidate) {
			r.add(stand(a, c).state, fmt.Sprintf("%s on %s, %s", name(c.Probe), name(c.Candidate), group(c)))
		}
	}
	for _, m := range a.Mandatory {
		if released(a, m.Candidate) {
			r.add(standMandatory(m).state, fmt.Sprintf("mandatory case %s on %s", name(m.Case), name(m.Candidate)))
		}
	}
	for _, m := range expecting(a, drift.ExpectBlocked) {
		s := failed
		if v, ok := verdictOf(a, m.Name); ok && v.Blocked {
			s = passed
		}
		r.add(s, fmt.Sprintf("control %s is blocked", name(m.Name)))
	}
	if a.Controls != nil && !a.Controls.Passed {
		r.add(failed, "the gate on specimens")
	}
	switch {
	case !a.Gate.Passed:
		r.Result = "FAILED"
	case len(r.Warned) > 0:
		r.Result = "WARNED"
	default:
		r.Result = "PASSED"
	}
	return r
}

func (r *testResult) add(s state, test string) {
	switch s {
	case passed:
		r.Passed = append(r.Passed, test)
	case skipped:
		r.Warned = append(r.Warned, test)
	default:
		r.Failed = append(r.Failed, test)
	}
}
