package drift

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// SameText tells whether two texts are equal but for white space and the way
// in which Unicode composes their characters. Case counts.
func SameText(a, b string) bool { return plain(a) == plain(b) }

func plain(text string) string { return strings.Join(strings.Fields(norm.NFC.String(text)), " ") }
