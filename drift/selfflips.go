package drift

// SelfFlips is how often a model contradicts itself: the share of cases, asked
// twice in the same way, whose outcome differs. The first answers are the
// references of the pairs, the second ones the candidates. Undecided pairs are
// left out; nil means that there is no other. It is the noise that flips
// between models are read against.
func SelfFlips(pairs []Pair) *Rate {
	t := NewTable(pairs)
	return share(t.Loss+t.Gain, t.N())
}
