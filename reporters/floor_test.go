package reporters_test

import (
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

func TestFlipsStandBesideThoseOfTheReferenceAgainstItself(t *testing.T) {
	a := mixedAudit(t)
	noise := &drift.Rate{Share: 0.05, N: 20, Interval: drift.Interval{Low: 0.009, High: 0.236, Confidence: 0.95}}
	a.Floor = noise
	for i := range a.Comparisons {
		a.Comparisons[i].FlipRate = &drift.Rate{Share: 0.25, N: 52, Interval: drift.Interval{Low: 0.152, High: 0.382, Confidence: 0.95}}
		a.Comparisons[i].Floor = noise
	}
	for _, format := range []string{"console", "markdown", "junit"} {
		text := render(t, format, a)
		if want := "flips 25.0 % [15.2, 38.2]; full against itself 5.0 % [0.9, 23.6] of 20 cases asked twice"; !strings.Contains(text, want) {
			t.Errorf("%s lacks %q:\n%s", format, want, text)
		}
	}
	if text := render(t, "console", a); !strings.Contains(text, "flips of full against itself: 5.0 % [0.9, 23.6] of 20 cases asked twice") {
		t.Errorf("the console lacks the floor of all probes:\n%s", text)
	}
	if text := render(t, "junit", a); !strings.Contains(text, `<property name="floor" value="0.05">`) {
		t.Errorf("junit lacks the floor:\n%s", text)
	}
}

func TestTheBaselineAndItsMeasuringStickAreShown(t *testing.T) {
	a := mixedAudit(t)
	a.AgainstBaseline = &drift.BaselineAudit{
		Baseline: "runs/may", Stick: []string{"policy margin: 0.1, was 0.05"},
		Models: []drift.BaselineModel{{Model: "q4", Then: "a", Now: "b", N: 120, Regressed: []string{"x", "y"}, Added: []string{"z"}}},
	}
	for _, format := range []string{"console", "markdown"} {
		text := render(t, format, a)
		for _, want := range []string{
			"against the baseline runs/may: behind it, or not shown otherwise",
			"measuring stick: policy margin: 0.1, was 0.05",
			"q4, weights changed: 120 cases compared, 2 regressed, 0 repaired; 1 added, 0 removed, 0 changed, 0 rescored",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", format, want, text)
			}
		}
	}
}
