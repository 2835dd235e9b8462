package scorers

import "github.com/gambit-audit/gambit/drift"

var _ = register("not", newNot,
	"turns one scorer around; an answer that cannot be parsed still fails")

// not passes where the inner scorer finds a wrong answer. Where it finds none,
// because nothing could be parsed, not fails as it does.
type not struct {
	inner Scorer
	name  string
}

var _ Scorer = not{}

func newNot(arg any, ctx Context) (Scorer, error) {
	want, ok := arg.(map[string]any)
	if !ok {
		return nil, expected("a map with one scorer, such as {any: [May]}", arg)
	}
	name, err := onlyKey(want)
	if err != nil {
		return nil, err
	}
	inner, err := New(name, want[name], ctx)
	return not{inner, name}, err
}

func (s not) Score(a Answer) Result {
	r := s.inner.Score(a)
	if r.Reason == drift.ReasonUnparsed {
		return r
	}
	turned := passed()
	if r.Outcome == drift.Pass {
		turned = wrong("want not %s, got %s", s.name, quote(a.Text))
	}
	turned.Parsed = r.Parsed
	return turned
}
