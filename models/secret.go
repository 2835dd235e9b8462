package models

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

const (
	// shortestKey is how many bytes an API key has at least. A shorter one may be
	// a word of any text, and could not be taken out of what a server repeats.
	shortestKey = 8
	// longestKeyFile bounds the file of a key, in bytes.
	longestKeyFile = 64 << 10
	// NoKey stands in for a key where a server wants some, whatever it is.
	NoKey = "none"
	// hiddenKey stands where a key was.
	hiddenKey = "[api key]"
)

// checkKey refuses a key that could not be kept secret.
func checkKey(key string) error {
	if key == "" || key == NoKey || len(key) >= shortestKey {
		return nil
	}
	return fmt.Errorf("api_key has fewer than %d bytes, too few to be told from other text where a server repeats it: expected a longer key, or %s for a server that wants no true one", shortestKey, NoKey)
}

// withKey is s with the key out of its file, and a note where others can read
// that file too.
func (s Spec) withKey() (Spec, []string, error) {
	if s.APIKeyFile == "" {
		return s, nil, nil
	}
	info, err := os.Stat(s.APIKeyFile)
	switch {
	case err != nil:
		return s, nil, fmt.Errorf("api_key: %w", err)
	case !info.Mode().IsRegular() || info.Size() > longestKeyFile:
		return s, nil, fmt.Errorf("api_key: %s is no file of at most %d bytes: expected the key alone, in one line", s.APIKeyFile, longestKeyFile)
	}
	text, err := os.ReadFile(s.APIKeyFile)
	if err != nil {
		return s, nil, fmt.Errorf("api_key: %w", err)
	}
	s.APIKey = strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff"))
	switch {
	case s.APIKey == "" || strings.ContainsAny(s.APIKey, "\r\n"):
		return s, nil, fmt.Errorf("api_key: %s is empty or has several lines: expected the key alone, in one line", s.APIKeyFile)
	case strings.ContainsFunc(s.APIKey, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\'' }):
		return s, nil, fmt.Errorf("api_key: %s holds quotes, spaces or characters that no key has: expected the key alone, in one line", s.APIKeyFile)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return s, []string{fmt.Sprintf("api_key: others can read %s (mode %#o): expected 0600", s.APIKeyFile, info.Mode().Perm())}, nil
	}
	return s, nil, nil
}

// scrub takes the API key out of a text, where a server repeats it.
func (s Spec) scrub(text string) string {
	if len(s.APIKey) < shortestKey {
		return text
	}
	return strings.ReplaceAll(text, s.APIKey, hiddenKey)
}

// scrubbed is the response without the key in any text of the server's.
func (s Spec) scrubbed(r Response) Response {
	r.Text, r.Finish, r.Served = s.scrub(r.Text), s.scrub(r.Finish), s.scrub(r.Served)
	if r.Error != nil {
		failure := *r.Error
		failure.Text = s.scrub(failure.Text)
		r.Error = &failure
	}
	return r
}

// scrubbedInfo is what is known of a model, without the key.
func (s Spec) scrubbedInfo(i Info) Info {
	i.Digest, i.Served = s.scrub(i.Digest), s.scrub(i.Served)
	i.Notes = slices.Clone(i.Notes)
	for n := range i.Notes {
		i.Notes[n] = s.scrub(i.Notes[n])
	}
	return i
}
