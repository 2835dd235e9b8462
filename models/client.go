package models

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// server is the base address of a server, and the client to reach it.
type server struct {
	base   string // without a slash at the end
	client *http.Client
	header http.Header // of each request, beside Content-Type; nil for none
}

// newServer takes the address in the audit file, or the provider's own.
func newServer(s Spec, fallback string, c *http.Client) (server, error) {
	base := s.BaseURL
	if base == "" {
		base = fallback
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return server{}, fmt.Errorf("base_url%s: expected http://host or https://host", shown(s.scrub(base)))
	}
	if u.User != nil || u.RawQuery != "" {
		return server{}, errors.New("base_url: expected no user, password or query; a key goes into api_key")
	}
	return server{base: strings.TrimRight(base, "/"), client: c}, nil
}

// shown is an address for an error message; one that may hold a password is not
// shown.
func shown(base string) string {
	if strings.ContainsAny(base, "@?") {
		return ""
	}
	return fmt.Sprintf(" %q", base)
}

func (s server) get(ctx context.Context, path string, out any) error {
	return s.call(ctx, http.MethodGet, path, nil, out)
}

func (s server) post(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return s.call(ctx, http.MethodPost, path, bytes.NewReader(body), out)
}

// call makes one HTTP request. Its error is a *Failure, unless ctx ended.
func (s server) call(ctx context.Context, method, path string, body io.Reader, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, body)
	if err != nil {
		return err
	}
	maps.Copy(r.Header, s.header)
	r.Header.Set("Content-Type", "application/json")
	x := exchangeOf(ctx)
	resp, err := s.client.Do(r)
	if err != nil {
		return x.explain(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if x.failure != nil {
		return x.failure
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return &Failure{Kind: KindError, Text: fmt.Sprintf("%s: expected JSON, got %q", path, shorten(string(raw)))}
	}
	return nil
}
