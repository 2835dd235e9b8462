package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
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
