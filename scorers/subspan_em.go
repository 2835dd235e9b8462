package scorers

import "strings"

var _ = register("subspan_em", newSubspanEM,
	"the answer contains an accepted text, both in lower case without punctuation and articles")

// subspanEM looks for an accepted text inside the answer, both in the normal
// form of [squad]. As in Lost in the Middle it may be part of a word.
type subspanEM struct{ accepted, normal []string }

var _ Scorer = subspanEM{}

func newSubspanEM(arg any, _ Context) (Scorer, error) {
	accepted, normal, err := readSquad(arg)
	return subspanEM{accepted, normal}, err
}

func (s subspanEM) Score(a Answer) Result {
	got := squad(a.Text)
	if got == "" {
		return blank(a.Text)
	}
	for i, normal := range s.normal {
		if strings.Contains(got, normal) {
			r := passed()
			r.Parsed = s.accepted[i]
			return r
		}
	}
	return wrong("want any of %s contained, got %s", quoteAll(s.accepted), quote(a.Text))
}
