package strictyaml

import (
	"fmt"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// DidYouMean asks for the known name that comes nearest to a wrong one, as a
// sentence with a space after it; it is empty where none is near.
func DidYouMean(name string, known []string) string {
	nearest, ok := Nearest(name, known)
	if !ok {
		return ""
	}
	return fmt.Sprintf("did you mean %q? ", nearest)
}

// Nearest is the known name that a wrong one was likely meant for: one that it
// begins with, or begins, or that is at most a third of its letters away. Of
// several the first of the nearest is taken.
func Nearest(name string, known []string) (nearest string, ok bool) {
	name = strings.ToLower(name)
	letters := len([]rune(name))
	least := min(max(1, letters/3)+1, letters) // another letter is no near name of one
	for _, k := range known {
		lower := strings.ToLower(k)
		if d := drift.EditDistance(name, lower); d < least {
			nearest, least, ok = k, d, true
		}
	}
	if ok {
		return nearest, true
	}
	for _, k := range known {
		if lower := strings.ToLower(k); min(len(lower), len(name)) >= 3 && (strings.HasPrefix(lower, name) || strings.HasPrefix(name, lower)) {
			return k, true
		}
	}
	return "", false
}
