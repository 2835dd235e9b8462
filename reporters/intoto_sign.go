package reporters

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
)

// payloadType is the media type of an in-toto statement within an envelope.
const payloadType = "application/vnd.in-toto+json"

// envelope is a DSSE v1.0 envelope.
type envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     []byte      `json:"payload"` // base64 in JSON
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	KeyID string `json:"keyid"`
	Sig   []byte `json:"sig"` // base64 in JSON
}

// Sign puts what format in-toto wrote into a DSSE envelope. The key is the text
// of a PEM file with an Ed25519 private key in PKCS #8, as
// `openssl genpkey -algorithm ed25519` writes it. The id of the key is that of
// the reference implementation of DSSE, the fingerprint that `ssh-keygen -l`
// shows.
func Sign(statement, key []byte) ([]byte, error) {
	private, err := privateKey(key)
	if err != nil {
		return nil, err
	}
	return indentJSON(envelope{payloadType, statement, []signature{{
		KeyID: fingerprint(private[ed25519.SeedSize:]), Sig: ed25519.Sign(private, preAuthentication(payloadType, statement)),
	}}})
}

// fingerprint is the SHA-256 of a public key in the wire format of SSH (RFC
// 8709, section 4), as OpenSSH shows it.
func fingerprint(public []byte) string {
	const kind = "ssh-ed25519"
	wire := binary.BigEndian.AppendUint32(nil, uint32(len(kind)))
	wire = append(wire, kind...)
	wire = binary.BigEndian.AppendUint32(wire, uint32(len(public)))
	sum := sha256.Sum256(append(wire, public...))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// privateKey reads a key without telling anything of it in errors.
func privateKey(text []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("signing key: expected a PEM file with one block PRIVATE KEY (PKCS #8, not encrypted)")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("signing key: expected a private key in PKCS #8")
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("signing key: got %T: expected an Ed25519 key, as from `openssl genpkey -algorithm ed25519`", parsed)
	}
	return private, nil
}

// preAuthentication is PAE of DSSE v1.0: what is signed.
func preAuthentication(kind string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(kind), kind, len(payload), payload)
}
