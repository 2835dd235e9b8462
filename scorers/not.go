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

var _ Asking = not{}

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
	if err != nil {
		return nil, err
	}
	return not{inner, name}, alone(inner)
}

func (s not) Score(a Answer) Result { return s.turned(a, s.inner.Score(a)) }

func (s not) Roles() []Role { return Roles(s.inner) }

func (s not) Asks(a Answer) []Ask { return Asks(s.inner, a) }

func (s not) Settle(a Answer, replies []Reply) Result {
	return s.turned(a, Settle(s.inner, a, replies))
}

func (s not) turned(a Answer, r Result) Result {
	if r.Reason == drift.ReasonUnparsed || r.Outcome == drift.Undecided {
		return r
	}
	turned := passed()
	if r.Outcome == drift.Pass {
		turned = wrong("want not %s, got %s", s.name, quote(a.Text))
	}
	turned.Parsed = r.Parsed
	return turned
}
