package scorers

import "slices"

var _ = register("em", newEM,
	"the answer equals an accepted text in lower case without punctuation and articles (SQuAD)")

// em is the exact match of SQuAD, see [squad].
type em struct{ accepted, normal []string }

var _ Scorer = em{}

func newEM(arg any, _ Context) (Scorer, error) {
	accepted, normal, err := readSquad(arg)
	return em{accepted, normal}, err
}

func (s em) Score(a Answer) Result {
	got := squad(a.Text)
	if got == "" {
		return blank(a.Text)
	}
	r := passed()
	if !slices.Contains(s.normal, got) {
		r = wrong("want %s, got %s", quoteAll(s.accepted), quote(a.Text))
	}
	r.Parsed = got
	return r
}
