package models

import (
	"slices"
	"strings"
)

// shortestSecret is the length in bytes from which on an API key is kept
// secret. What is shorter stands in for a key where a server wants none, such as
// "none", and may be a word of any text.
const shortestSecret = 8

// hiddenKey stands where a key was.
const hiddenKey = "[api key]"

// scrub takes the API key out of a text, where a server repeats it.
func (s Spec) scrub(text string) string {
	if len(s.APIKey) < shortestSecret {
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
