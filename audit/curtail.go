package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// A comparison is over once no answer to the open cases can change its verdict
// ([drift.Standing] has the proof). The reference is asked first, so that an
// open case can only be lost or only be gained. What is still needed is decided
// when a call would start, and once more when all calls have ended: one that
// failed may have made others needed again. The verdicts are read off that last
// state alone, so they do not depend on the order of calls.

// askedOnce tells whether no case is sampled, and none scored by a judge: then,
// and only then, can a verdict be known early.
func askedOnce(list []unit) bool {
	return !slices.ContainsFunc(list, func(u unit) bool {
		return slices.ContainsFunc(u.cases, func(c *probes.Case) bool { return c.Samples > 1 || c.Judged() })
	})
}

// unasked tells whether a model was never asked, or its evidence holds no
// answer: nothing went wrong.
func unasked(o drift.Observation) bool {
	return o.Outcome == drift.Undecided && o.Reason == drift.ReasonMissing
}

// standing counts the pairs of a comparison that are over, and those that are
// open. A bundle is open while one of its cases is.
func (p *Plan) standing(id ComparisonID, list []unit, reference, candidate func(*probes.Case) drift.Observation) drift.Standing {
	relation := p.probe(id.Probe).Relation
	s := drift.Standing{Largest: slices.Max(clusterSizes(list)), Family: p.family(id)}
	var over []drift.Pair
	clusters := map[string]bool{}
	for _, u := range list {
		pair := drift.Pair{Cluster: u.cases[0].Cluster, Reference: u.observe(relation, reference), Candidate: u.observe(relation, candidate)}
		switch waits := u.unasked(candidate); {
		case waits && pair.Reference.Outcome == drift.Pass:
			s.Open.ReferencePass++
		case waits && pair.Reference.Outcome == drift.Fail:
			s.Open.ReferenceFail++
		default:
			over = append(over, pair)
			if answered(pair.Reference.Outcome) && answered(pair.Candidate.Outcome) {
				clusters[pair.Cluster] = true
			}
		}
	}
	s.Table, s.Clusters = drift.NewTable(over), len(clusters)
	return s
}

// unasked tells whether a model was not asked one of the unit's cases.
func (u unit) unasked(answer func(*probes.Case) drift.Observation) bool {
	return slices.ContainsFunc(u.cases, func(c *probes.Case) bool { return unasked(answer(c)) })
}

// family is how many comparisons Holm's method adjusts one among.
func (p *Plan) family(id ComparisonID) int {
	if p.file.Policy.IsAdvisory(id.Probe) {
		return 1
	}
	n := 0
	for _, other := range p.comparisons {
		if other.Candidate == id.Candidate && !p.file.Policy.IsAdvisory(other.Probe) {
			n++
		}
	}
	return n
}

// asked leaves out the pairs that were spared, where the others settle the
// verdict.
func (p *Plan) asked(id ComparisonID, list []unit, pairs []drift.Pair, o *drift.CompareOptions, reference, candidate *session) ([]drift.Pair, error) {
	if !p.file.Curtail || !askedOnce(list) {
		return pairs, nil
	}
	standing := p.standing(id, list, reference.observation, candidate.observation)
	if standing.Open == (drift.OpenCases{}) {
		return pairs, nil
	}
	if _, settled, err := standing.Settled(*o); err != nil || !settled {
		return pairs, err
	}
	var kept []drift.Pair
	for i, pair := range pairs {
		if list[i].unasked(candidate.observation) && pair.Reference.Outcome != drift.Undecided {
			o.Spared++
			continue
		}
		kept = append(kept, pair)
	}
	return kept, nil
}

// curtailer tells which cases of one candidate can still change a verdict. It
// is safe for concurrent use.
type curtailer struct {
	plan      *Plan
	name      string // of the candidate
	reference *session

	mu   sync.Mutex
	seen map[string]drift.Observation // answers of the candidate, by case
	by   map[string][]*asking         // the comparisons of a case
}

// asking is one comparison that is under way.
type asking struct {
	id   ComparisonID
	list []unit
	// early is false where every case is asked, since cases are sampled.
	early   bool
	options *drift.CompareOptions // nil until they are first needed
	// settled holds for the answers that were in when it was computed, but for
	// the last few; news counts those that came in since.
	settled bool
	news    int
}

// patience is how many answers come in before a comparison is looked at again: a
// hundredth of its cases, since to look takes time.
func (a *asking) patience() int { return 1 + len(a.list)/100 }

// newCurtailer is nil where all cases are asked: by the audit file, or because
// they cost nothing.
func (p *Plan) newCurtailer(reference, candidate *session) *curtailer {
	if !p.file.Curtail || candidate.replayed {
		return nil
	}
	k := &curtailer{plan: p, name: candidate.model.Name, reference: reference,
		seen: map[string]drift.Observation{}, by: map[string][]*asking{}}
	for _, id := range p.comparisons {
		if id.Candidate != k.name {
			continue
		}
		a := &asking{id: id, list: units(p.probe(id.Probe), id.Group)}
		a.news = a.patience()
		a.early = askedOnce(a.list)
		for _, u := range a.list {
			for _, c := range u.cases {
				k.by[c.ID] = append(k.by[c.ID], a)
			}
		}
	}
	return k
}

// order puts the cases that are asked whatever the answers first, so that the
// reference gets ahead; the others follow probe by probe, shuffled by the seed,
// since those that are asked stand for all.
func (k *curtailer) order(cases []*probes.Case) []*probes.Case {
	var whole, early []*probes.Case
	for _, c := range cases {
		if k.whole(c) {
			whole = append(whole, c)
		} else {
			early = append(early, c)
		}
	}
	at := map[*probes.Probe]int{}
	for i, c := range early {
		if _, ok := at[c.Probe]; !ok {
			at[c.Probe] = i
		}
	}
	rank := map[*probes.Case]uint64{}
	for _, c := range early {
		id := c.ID
		if c.Bundle != "" {
			id = c.Bundle
		}
		rank[c] = draw(k.plan.file.Seed, "order", id)
	}
	slices.SortStableFunc(early, func(x, y *probes.Case) int {
		if x.Probe != y.Probe {
			return at[x.Probe] - at[y.Probe]
		}
		return cmp.Compare(rank[x], rank[y])
	})
	return append(whole, early...)
}

// draw is a number that depends on the seed, the purpose and the id alone.
func draw(seed uint64, purpose, id string) uint64 {
	sum := sha256.Sum256([]byte(strconv.FormatUint(seed, 10) + "/" + purpose + "/" + id))
	return binary.BigEndian.Uint64(sum[:8])
}

// whole tells whether a case is asked whatever the answers.
func (k *curtailer) whole(c *probes.Case) bool {
	return k.plan.must[MandatoryID{c.ID, k.name}] ||
		slices.ContainsFunc(k.by[c.ID], func(a *asking) bool { return !a.early })
}

// wait returns once the reference has answered all that the case is compared
// by, or ctx ends.
func (k *curtailer) wait(ctx context.Context, c *probes.Case) error {
	if k.whole(c) {
		return nil
	}
	select {
	case <-k.reference.over[c.Probe]:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// needs tells whether the answer to a case can still change a verdict, as far as
// it was looked. The reference must be over with the case's probe.
func (k *curtailer) needs(c *probes.Case) (bool, error) {
	return k.look(c, (*asking).patience)
}

// stillNeeds is needs with all answers that are in.
func (k *curtailer) stillNeeds(c *probes.Case) (bool, error) {
	return k.look(c, func(*asking) int { return 1 })
}

func (k *curtailer) look(c *probes.Case, patience func(*asking) int) (bool, error) {
	if k.whole(c) {
		return true, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, a := range k.by[c.ID] {
		if a.news >= patience(a) {
			if err := k.settle(a); err != nil {
				return false, err
			}
		}
		if !a.settled {
			return true, nil
		}
	}
	return false, nil
}

func (k *curtailer) settle(a *asking) (err error) {
	if a.options == nil {
		o := k.plan.options(a.id, a.list, k.reference.answer)
		a.options = &o
	}
	_, a.settled, err = k.plan.standing(a.id, a.list, k.reference.answer, k.observation).Settled(*a.options)
	a.news = 0
	return err
}

// note takes the answer of the candidate to a case.
func (k *curtailer) note(c *probes.Case, o drift.Observation) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen[c.ID] = o
	for _, a := range k.by[c.ID] {
		a.news++
	}
}

func (k *curtailer) observation(c *probes.Case) drift.Observation {
	if o, ok := k.seen[c.ID]; ok {
		return o
	}
	return notAsked
}

// lacking are the cases of a candidate, asked or not, that a verdict or a
// mandatory case waits for.
func (p *Plan) lacking(s *session, comparisons []drift.Comparison, mandatory []MandatoryID) map[string]bool {
	waits := map[string]bool{}
	for _, c := range comparisons {
		if c.Candidate != s.model.Name || c.Spared > 0 {
			continue
		}
		for _, u := range units(p.probe(c.Probe), c.Group) {
			for _, k := range u.cases {
				waits[k.ID] = true
			}
		}
	}
	for _, id := range mandatory {
		if id.Candidate == s.model.Name {
			waits[id.Case] = true
		}
	}
	return waits
}

// spare counts the calls that a candidate was spared of cases that are compared.
// Lacking are its cases without an answer that a verdict still waits for.
func (s *session) spare(cases []*probes.Case, lacking map[string]bool) {
	for _, c := range cases {
		if s.asks(c) {
			s.planned.add(c, s.repeated)
		}
		if unasked(s.observation(c)) && !lacking[c.ID] {
			s.unneeded[c.ID] = true
			delete(s.missing, c.ID)
			continue
		}
		if s.asks(c) {
			s.needed.add(c, s.repeated)
		}
	}
}

// noteSpared says how many calls were not made, once all is compared.
func (s *session) noteSpared() {
	if spared := s.planned.n - s.needed.n; spared > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%s: %d of %d calls were not made, since no answer to them could have changed a verdict (curtail: off asks them all)",
			s.model.Name, spared, s.planned.n))
	}
}
