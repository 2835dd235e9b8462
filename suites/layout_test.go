package suites

import "testing"

func TestASpecClaimsWhatItsMarginDemands(t *testing.T) {
	for group, want := range map[string]string{
		"":          "loses no more than 2.5 points",
		"guard":     "loses no more than 2.5 points in the guarded cases",
		"tier=tail": "loses no more than 2.5 points in tier=tail",
	} {
		if got := claim(group, 0.025); got != want {
			t.Errorf("%q: got %q, want %q", group, got, want)
		}
	}
}
