package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
)

// fileDigest returns the SHA-256 of a file in hex and its size in bytes.
func fileDigest(ctx context.Context, path string) (string, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, fmt.Errorf("weights: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	size, err := io.Copy(h, untilDone{ctx, f})
	if err != nil {
		return "", 0, fmt.Errorf("weights: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}

// sameSize is how far the size that a server tells of a model may lie from that of
// its file, as a share of it: a server may count the tensors alone, without the
// vocabulary.
const sameSize = 0.05

// otherSize says that the weights' file and the model that a server has loaded
// differ in size, both in bytes; empty where they do not, or the server does not
// tell (0).
func otherSize(weights string, file, served int64) string {
	if served == 0 || math.Abs(float64(served-file)) <= sameSize*float64(file) {
		return ""
	}
	return fmt.Sprintf("weights names %s of %d bytes, but the server has loaded a model of %d: the digest may be that of another model; name the file that the server has loaded",
		filepath.Base(weights), file, served)
}

// untilDone reads until ctx ends: weights can take minutes.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
