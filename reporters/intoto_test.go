package reporters_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/reporters"
)

// attested is what a verifier reads of a statement.
type attested struct {
	Subject   []struct{ Name string }
	Predicate struct {
		Result                                string
		PassedTests, WarnedTests, FailedTests []string
	}
}

func attest(t *testing.T, a *drift.Audit) attested {
	t.Helper()
	var s attested
	if err := json.Unmarshal([]byte(render(t, "in-toto", a)), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAttestationIsAboutReleaseCandidatesAlone(t *testing.T) {
	s := attest(t, mixedAudit(t))
	var names []string
	for _, subject := range s.Subject {
		names = append(names, subject.Name)
	}
	if diff := cmp.Diff([]string{"full", "q4"}, names); diff != "" {
		t.Errorf("subjects: the damaged controls and q2 are none (-want +got):\n%s", diff)
	}
	for _, test := range append(s.Predicate.PassedTests, s.Predicate.FailedTests...) {
		if strings.Contains(test, "on rtn3") || strings.Contains(test, "on q2") {
			t.Errorf("%q says nothing of a release candidate", test)
		}
	}
}

func TestAttestationPassesWithoutException(t *testing.T) {
	waived := passedAudit(t)
	waived.Comparisons[0].Verdict, waived.Comparisons[0].Waived = drift.VerdictFail, ptr(leapWaiver())
	missed := passedAudit(t)
	missed.Candidates = append(missed.Candidates, drift.Model{Name: "rtn3", Expect: drift.ExpectBlocked})
	missed.Gate.Passed = false
	for name, test := range map[string]struct {
		audit *drift.Audit
		want  string
	}{
		"all passed":       {passedAudit(t), "PASSED"},
		"a fail is waived": {waived, "WARNED"},
		"a missed control": {missed, "FAILED"},
		"fails":            {mixedAudit(t), "FAILED"},
	} {
		if got := attest(t, test.audit).Predicate.Result; got != test.want {
			t.Errorf("%s: result %s, want %s", name, got, test.want)
		}
	}
}

func TestAttestationIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*drift.Audit)
		want   string
	}{
		"without a digest of the candidate": {
			func(a *drift.Audit) { a.Candidates[0].Digest = "" },
			"render in-toto report: the digest of q8 is unknown: expected `weights: FILE` in the audit file, or a provider that tells it",
		},
		"without a digest of the reference": {
			func(a *drift.Audit) { a.Reference.Digest = "" },
			"render in-toto report: the digest of full is unknown: expected `weights: FILE` in the audit file, or a provider that tells it",
		},
		"with a digest of another kind": {
			func(a *drift.Audit) { a.Reference.Digest = "md5:0b1c" },
			`render in-toto report: the digest of full is "md5:0b1c": expected a SHA-256 in hex`,
		},
		"for smoke size": {
			func(a *drift.Audit) { a.Size = "smoke" },
			"render in-toto report: smoke size passes no release: run size standard or full to attest to it",
		},
		"where nothing is gated": {
			func(a *drift.Audit) { a.Candidates[0].Expect = drift.ExpectAny },
			"render in-toto report: no release candidate: expected a candidate that is gated (expect: pass) to attest to",
		},
	} {
		a := passedAudit(t)
		test.change(a)
		var b bytes.Buffer
		if err := reporters.Write("in-toto", &b, a); err == nil || err.Error() != test.want || b.Len() > 0 {
			t.Errorf("%s: got error %v and %d bytes, want %s", name, err, b.Len(), test.want)
		}
	}
}

// signingKey is the same key in every run of the tests.
func signingKey(t *testing.T) (ed25519.PrivateKey, []byte) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	return private, pemOf(t, private)
}

func pemOf(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func TestSignedStatementIsVerifiedByThePublicKey(t *testing.T) {
	private, key := signingKey(t)
	statement := render(t, "in-toto", passedAudit(t))
	signed, err := reporters.Sign([]byte(statement), key)
	if err != nil {
		t.Fatal(err)
	}
	checkJSONReport(t, schemaOf(t, "test-result.schema.json#/$defs/envelope"), string(signed))
	var e struct {
		PayloadType, Payload string
		Signatures           []struct{ KeyID, Sig string }
	}
	if err := json.Unmarshal(signed, &e); err != nil {
		t.Fatal(err)
	}
	payload := decoded(t, e.Payload)
	if string(payload) != statement {
		t.Error("the payload is not the statement")
	}
	// PAE(type, body) of DSSE v1.0.
	message := fmt.Sprintf("DSSEv1 %d %s %d %s", len(e.PayloadType), e.PayloadType, len(payload), payload)
	public := private.Public().(ed25519.PublicKey)
	sig := decoded(t, e.Signatures[0].Sig)
	if !ed25519.Verify(public, []byte(message), sig) {
		t.Error("the signature does not hold")
	}
	if ed25519.Verify(public, []byte(strings.Replace(message, "PASSED", "FAILED", 1)), sig) {
		t.Error("the signature holds for another result")
	}
	// As ssh-keygen -l shows the public half of this key.
	if got, want := e.Signatures[0].KeyID, "SHA256:z/fSv0Z0RZS+Lccbc6ZoOWwt/fbj1VFJGSBKQbo4icE"; got != want {
		t.Errorf("key id %s, want %s", got, want)
	}
}

func decoded(t *testing.T, text string) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOnlyAnEd25519KeySigns(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, key := signingKey(t)
	for name, test := range map[string]struct {
		key  []byte
		want string
	}{
		"no PEM":      {[]byte("secret"), "signing key: expected a PEM file with one block PRIVATE KEY (PKCS #8, not encrypted)"},
		"another key": {pemOf(t, other), "signing key: got *rsa.PrivateKey: expected an Ed25519 key, as from `openssl genpkey -algorithm ed25519`"},
		"cut":         {pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key[:9]}), "signing key: expected a private key in PKCS #8"},
	} {
		if _, err := reporters.Sign([]byte("{}"), test.key); err == nil || err.Error() != test.want {
			t.Errorf("%s: got error %v, want %s", name, err, test.want)
		}
	}
}
