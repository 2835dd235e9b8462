package audit

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
)

// replies answers its calls one after the other.
type replies []models.Response

func (r *replies) Check(models.Request) error { return nil }
func (r *replies) Ask(context.Context, models.Request) (models.Response, error) {
	next := (*r)[0]
	*r = (*r)[1:]
	return next, nil
}

func text(s string) models.Response { return models.Response{Text: s, Finish: "stop"} }

var broken = models.Response{Error: &models.Failure{Kind: models.KindTimeout, Text: "no whole reply within 2m0s"}}

// observeOne asks the only case of a probe.
func observeOne(t *testing.T, probe string, answers ...models.Response) drift.Observation {
	t.Helper()
	p := load(t, "probe: edge.a.b\n"+probe)
	if len(p.Cases()) != 1 {
		t.Fatalf("%d cases, want one", len(p.Cases()))
	}
	asker := replies(answers)
	s := newSession(Model{}, &asker, models.Info{}, p.Cases())
	s.replayed = true
	o, err := s.observe(t.Context(), p.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestSamplesAreDecidedByMajority(t *testing.T) {
	right, wrong := text("7"), text("8")
	for _, tt := range []struct {
		answers         []models.Response
		want            drift.Outcome
		passes, samples int
	}{
		{[]models.Response{right, wrong, right}, drift.Pass, 2, 3},
		{[]models.Response{wrong, wrong, right}, drift.Fail, 1, 3},
		{[]models.Response{right, wrong, right, wrong}, drift.Fail, 2, 4}, // half is no majority
		{[]models.Response{right, broken}, drift.Undecided, 0, 0},
	} {
		probe := fmt.Sprintf("prompt: x\nwant: {numeric: 7}\nsampling: {temperature: 1}\nsamples: %d\n", len(tt.answers))
		o := observeOne(t, probe, tt.answers...)
		if o.Outcome != tt.want || o.Passes != tt.passes || o.Samples != tt.samples {
			t.Errorf("got %s with %d of %d, want %s with %d of %d", o.Outcome, o.Passes, o.Samples, tt.want, tt.passes, tt.samples)
		}
	}
}

func TestEveryJudgedTurnMustHold(t *testing.T) {
	probe := "turns:\n  - {user: one, want: {any: [red]}}\n  - {user: two, want: {any: [blue]}}\n"
	for _, tt := range []struct {
		first, second string
		want          drift.Outcome
	}{{"red", "blue", drift.Pass}, {"green", "blue", drift.Fail}, {"red", "green", drift.Fail}} {
		if o := observeOne(t, probe, text(tt.first), text(tt.second)); o.Outcome != tt.want {
			t.Errorf("%s, %s: got %s, want %s", tt.first, tt.second, o.Outcome, tt.want)
		}
	}
}

func TestMarksAreApartFromTheOutcome(t *testing.T) {
	const probe = "prompt: x\nwant: {any: [red]}\n"
	cut := models.Response{Text: "red, of cour", Finish: "length"}
	if o := observeOne(t, probe, cut); o.Outcome != drift.Pass || !o.Cut || o.Refused {
		t.Errorf("cut answer: %+v", o)
	}
	if o := observeOne(t, probe, text("I’m sorry, but I can’t help with that.")); o.Outcome != drift.Fail || !o.Refused {
		t.Errorf("refusal: %+v", o)
	}
	if o := observeOne(t, probe, text("The answer is red. No one is sorry.")); o.Refused {
		t.Errorf("marked as a refusal: %+v", o)
	}
}

func TestAnErrorIsUndecidedWithItsKind(t *testing.T) {
	o := observeOne(t, "prompt: x\nwant: {any: [red]}\n", broken)
	if o.Outcome != drift.Undecided || o.Reason != drift.ReasonTimeout || !strings.Contains(o.Detail, "2m0s") || o.Samples != 0 {
		t.Errorf("got %+v", o)
	}
}

func TestLongAnswersAreCutWithoutBreakingARune(t *testing.T) {
	o := observeOne(t, "prompt: x\nwant: {any: [red]}\n", text("red "+strings.Repeat("é", maxText)))
	if len(o.Text) > maxText+10 || strings.ContainsRune(o.Text, '�') || o.Outcome != drift.Pass {
		t.Errorf("%d bytes, outcome %s", len(o.Text), o.Outcome)
	}
}
