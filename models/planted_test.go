package models

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// echo answers with the question, and prefers the first of its options.
type echo struct{ asked []string }

func (e *echo) answer(_ context.Context, req Request) (Response, error) {
	text := req.Messages[len(req.Messages)-1].Text
	e.asked = append(e.asked, text)
	if len(req.Options) > 0 {
		out := make([]float64, len(req.Options))
		for i := range out {
			out[i] = -float64(i)
		}
		return Response{OptionLogprobs: out}, nil
	}
	return Response{Text: text, Finish: "stop"}, nil
}

func TestPlantedDamageDoesWhatItSaysAndNothingElse(t *testing.T) {
	question := []Message{{Role: "user", Text: "The key lies  in the\ncellar. Where is the key?"}}
	for _, c := range []struct {
		name   string
		damage Planted
		groups []string
		asked  []string
		text   string
	}{
		{"none", Planted{Damage: "none"}, nil, []string{question[0].Text}, question[0].Text},
		{"forget", Planted{Damage: "forget", Keep: 4}, nil, []string{"Where is the key?"}, "Where is the key?"},
		{"forget with room", Planted{Damage: "forget", Keep: 99}, nil, []string{question[0].Text}, question[0].Text},
		{"drop of the group", Planted{Damage: "drop", Group: "tier=tail"}, []string{"tier=tail"}, nil, "I do not know."},
		{"drop of another", Planted{Damage: "drop", Group: "tier=tail"}, []string{"tier=head"}, []string{question[0].Text}, question[0].Text},
		{"truncate", Planted{Damage: "truncate", Keep: 4}, nil, []string{question[0].Text}, "The key lies  in"},
		{"truncate with room", Planted{Damage: "truncate", Keep: 99}, nil, []string{question[0].Text}, question[0].Text},
		{"template", Planted{Damage: "template"}, nil, []string{"<|turn|>[INST] " + question[0].Text + " [/INST]<|end|>"}, "<|turn|>[INST] " + question[0].Text + " [/INST]<|end|>"},
		{"constant", Planted{Damage: "constant", Answer: "blue"}, nil, nil, "blue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			of := &echo{}
			got, err := planted{c.damage, of}.answer(t.Context(), Request{Messages: question, Groups: c.groups})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.asked, of.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if got.Text != c.text {
				t.Errorf("answered %q, want %q", got.Text, c.text)
			}
		})
	}
	if question[0].Text != "The key lies  in the\ncellar. Where is the key?" {
		t.Error("the caller's request was changed")
	}
}

func TestAConstantAnswerDoesNotDependOnWhereTheOptionStands(t *testing.T) {
	for _, options := range [][]string{{"plum", "fig", "pear"}, {"fig", "pear", "plum"}, {"pear", "plum", "fig"}} {
		r, err := planted{Planted{Damage: "constant", Answer: "fig"}, &echo{}}.answer(t.Context(), Request{Options: options})
		if err != nil {
			t.Fatal(err)
		}
		if best := options[slices.Index(r.OptionLogprobs, slices.Max(r.OptionLogprobs))]; best != "fig" {
			t.Errorf("of %v the best is %s, want fig", options, best)
		}
	}
}

// A group that is dropped is guessed: among three options each is best about
// one time in three.
func TestWhatIsDroppedIsGuessed(t *testing.T) {
	const n = 3000
	best := make([]int, 3)
	for i := range n {
		req := Request{Options: []string{" red", " green", " blue"}, Groups: []string{"g"}}
		req.Messages = []Message{{Role: "user", Text: "question " + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))}}
		r, err := planted{Planted{Damage: "drop", Group: "g"}, &echo{}}.answer(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		best[slices.Index(r.OptionLogprobs, slices.Max(r.OptionLogprobs))]++
	}
	for i, k := range best {
		if k < n/3-130 || k > n/3+130 { // five standard deviations of a binomial
			t.Errorf("option %d is best %d times of %d, want about %d", i, k, n, n/3)
		}
	}
}

func TestARecordedModelCannotBeAskedChangedQuestions(t *testing.T) {
	for _, damage := range []string{"forget", "template"} {
		_, _, err := Open(t.Context(), Spec{Name: "p", Provider: "planted", Evidence: "missing.jsonl",
			Planted: &Planted{Of: "full", Provider: "replay", Damage: damage, Keep: 3}})
		if err == nil || !strings.Contains(err.Error(), "recorded answers do not fit") {
			t.Errorf("%s: got %v, want a refusal", damage, err)
		}
	}
}

// Two cases that ask the same, of which one is in the dropped group, are two
// calls; what is asked of the model itself is the same.
func TestADroppedGroupIsToldApartWhereQuestionsAreEqual(t *testing.T) {
	spec := Spec{Planted: &Planted{Damage: "drop", Group: "tier=tail"}}
	if !spec.ByCase() || (Spec{Planted: &Planted{Damage: "forget", Keep: 3}}).ByCase() {
		t.Error("want answers by case for damage drop alone")
	}
	var asked []Request
	of := answers(func(r Request) Response { asked = append(asked, r); return Response{Text: "yes", Finish: "stop"} })
	p := planted{*spec.Planted, of}
	question := []Message{{Role: "user", Text: "Is it?"}}
	for _, req := range []Request{
		{Messages: question, Case: "head", Groups: []string{"tier=head"}},
		{Messages: question, Case: "tail", Groups: []string{"tier=tail"}},
	} {
		r, err := p.answer(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string]string{"head": "yes", "tail": "I do not know."}[req.Case]; r.Text != want {
			t.Errorf("%s: %q, want %q", req.Case, r.Text, want)
		}
	}
	if len(asked) != 1 || asked[0].Case != "" {
		t.Errorf("asked %+v: want one question, without a case", asked)
	}
}

type answers func(Request) Response

func (a answers) answer(_ context.Context, req Request) (Response, error) { return a(req), nil }
