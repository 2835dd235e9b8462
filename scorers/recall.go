package scorers

var _ = register("recall", newRecall,
	"share of the expected texts that are in the answer; passes from at_least (default 1)")

// recall gives the share of expected texts that stand in the answer as whole
// words. Under `within_words` they are found inside words too, which is the
// rule of RULER.
type recall struct {
	expected []phrase
	atLeast  float64 // share in (0,1] to pass
}

var _ Scorer = recall{}

func newRecall(arg any, _ Context) (Scorer, error) {
	expected, f, err := readPhrases(arg, "at_least")
	if err != nil {
		return nil, err
	}
	atLeast, err := optional(f, "at_least", readShare, 1)
	return recall{expected, atLeast}, err
}

func (s recall) Score(a Answer) Result {
	found, missing := split(s.expected, fold(a.Text))
	share := float64(len(found)) / float64(len(s.expected))
	r := wrong("missing %s in %s", quoteAll(texts(missing)), quote(a.Text))
	switch {
	case reaches(share, s.atLeast):
		r = passed()
	case isBlank(a.Text):
		r = blank(a.Text)
	}
	r.Share = &share
	return r
}

// reaches compares shares that were added up in floating point.
func reaches(share, atLeast float64) bool {
	const rounding = 1e-9
	return share >= atLeast-rounding
}
