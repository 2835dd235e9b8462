package drift

import (
	"maps"
	"slices"
)

// BaselineCase is one case as a baseline stores it.
type BaselineCase struct {
	// Hash is that of the prompt, the expectation and the decoding settings.
	Hash    string
	Outcome Outcome
}

// BaselineJoin compares a run with a pinned baseline, by case id. Only cases
// with the same hash are in the table; the lists are sorted.
type BaselineJoin struct {
	Table
	Added, Removed      []string
	Changed             []string // in both, with another hash
	Regressed, Repaired []string
}

// JoinBaseline compares the cases of now with those of then. Compare with a
// pinned baseline, never with the last run, or every release may lose a margin.
func JoinBaseline(then, now map[string]BaselineCase) BaselineJoin {
	j := BaselineJoin{Added: []string{}, Removed: []string{}, Changed: []string{}, Regressed: []string{}, Repaired: []string{}}
	for _, id := range slices.Sorted(maps.Keys(then)) {
		after, ok := now[id]
		switch {
		case !ok:
			j.Removed = append(j.Removed, id)
		case after.Hash != then[id].Hash:
			j.Changed = append(j.Changed, id)
		default:
			j.join(id, then[id].Outcome, after.Outcome)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(now)) {
		if _, ok := then[id]; !ok {
			j.Added = append(j.Added, id)
		}
	}
	return j
}

func (j *BaselineJoin) join(id string, then, now Outcome) {
	p := Pair{Reference: Observation{Outcome: then}, Candidate: Observation{Outcome: now}}
	if !p.decided() {
		j.Excluded++
		return
	}
	j.add(then == Pass, now == Pass)
	switch {
	case then == Pass && now == Fail:
		j.Regressed = append(j.Regressed, id)
	case then == Fail && now == Pass:
		j.Repaired = append(j.Repaired, id)
	}
}
