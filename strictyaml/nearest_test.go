package strictyaml_test

import (
	"testing"

	"github.com/gambit-audit/gambit/strictyaml"
)

func TestTheNearestNameIsTheOneMeant(t *testing.T) {
	known := []string{"prompt", "want", "any", "all", "numeric", "order", "output"}
	for wrong, want := range map[string]string{
		"wants":     "want",
		"Promt":     "prompt",
		"numerical": "numeric",
		"anyof":     "any", // which it begins with
		"num":       "numeric",
		"alll":      "all",
		"expected":  "",
		"x":         "",
		"":          "",
	} {
		if got, ok := strictyaml.Nearest(wrong, known); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", wrong, got, ok, want)
		}
	}
	if got := strictyaml.DidYouMean("wants", known); got != `did you mean "want"? ` {
		t.Errorf("got %q", got)
	}
	if got := strictyaml.DidYouMean("colour", known); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}
