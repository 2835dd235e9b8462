package audit

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

// Against holds a run against an earlier one, model by model and case by case.
// Path names the earlier one in reports, today is the day as YYYY-MM-DD, by
// which waivers expire. Margins are those of the run.
func Against(then, now *Results, path, today string) (*drift.BaselineAudit, error) {
	h := &drift.BaselineAudit{Baseline: path, Stick: []string{}, Models: []drift.BaselineModel{}, Comparisons: []drift.Comparison{}}
	h.Stick = append(h.Stick, stickChanges(then, now)...)
	for i, m := range append([]drift.Model{now.Reference}, now.Candidates...) {
		was, ok := then.model(m.Name)
		if !ok {
			h.Stick = append(h.Stick, fmt.Sprintf("model %s is not in the baseline", m.Name))
			continue
		}
		model := newBaselineModel(was, m, i == 0)
		seen := map[string]bool{} // probes that are compared
		for _, probe := range now.Probes {
			earlier, ok := then.probe(probe.ID)
			if !ok {
				continue
			}
			if seen[probe.ID] = probe.Judged; probe.Judged {
				continue // see stickChanges
			}
			compared, err := now.against(earlier, probe, &model)
			if err != nil {
				return nil, err
			}
			seen[probe.ID] = len(compared) > 0
			h.Comparisons = append(h.Comparisons, compared...)
		}
		if !model.Reference && m.Expect != drift.ExpectAny && m.Expect != drift.ExpectBlocked {
			lost, err := now.uncompared(then, m.Name, seen)
			if err != nil {
				return nil, err
			}
			h.Comparisons = append(h.Comparisons, lost...)
		}
		h.Models = append(h.Models, model)
	}
	h.Stick = append(h.Stick, moved(h.Models)...)
	return h, drift.JudgeBaseline(h, now.Policy, now.Size, today, now.Candidates)
}

// newBaselineModel has empty lists, which JSON writes as [].
func newBaselineModel(then, now drift.Model, reference bool) drift.BaselineModel {
	return drift.BaselineModel{
		Model: now.Name, Reference: reference, Then: then.Digest, Now: now.Digest,
		Added: []string{}, Removed: []string{}, Changed: []string{}, Rescored: []string{}, Regressed: []string{}, Repaired: []string{},
	}
}

// model finds a model of the run by its name.
func (r *Results) model(name string) (drift.Model, bool) {
	all := append([]drift.Model{r.Reference}, r.Candidates...)
	i := slices.IndexFunc(all, func(m drift.Model) bool { return m.Name == name })
	if i < 0 {
		return drift.Model{}, false
	}
	return all[i], true
}

func (r *Results) probe(id string) (ProbeResult, bool) {
	i := slices.IndexFunc(r.Probes, func(p ProbeResult) bool { return p.ID == id })
	if i < 0 {
		return ProbeResult{}, false
	}
	return r.Probes[i], true
}

// against joins the cases of one probe and model, adds them to the model's lists, and
// compares what is left of all cases and of each group. A probe of which no case
// asks and wants the same is not compared; see [Results.uncompared].
func (r *Results) against(then, now ProbeResult, h *drift.BaselineModel) ([]drift.Comparison, error) {
	before, after := byCase(then, h.Model), byCase(now, h.Model)
	rescored := map[string]bool{}
	for id, a := range after {
		b, ok := before[id]
		if ok && a.hash == b.hash && a.Answer != "" && a.Answer == b.Answer && a.Outcome != b.Outcome {
			rescored[id] = true
		}
	}
	for _, c := range now.Cases {
		if rescored[c.ID] {
			h.Rescored = append(h.Rescored, c.ID)
			delete(before, c.ID)
			delete(after, c.ID)
		}
	}
	join := drift.JoinBaseline(baselineCases(before), baselineCases(after))
	h.N, h.Excluded = h.N+join.N(), h.Excluded+join.Excluded
	h.Added, h.Removed = append(h.Added, join.Added...), append(h.Removed, join.Removed...)
	h.Changed = append(h.Changed, join.Changed...)
	h.Regressed, h.Repaired = append(h.Regressed, join.Regressed...), append(h.Repaired, join.Repaired...)
	if join.N()+join.Excluded == 0 {
		return nil, nil
	}
	return r.compareCases(now, h.Model, before, after)
}

// uncompared are comparisons without a case: one for each probe of the baseline
// that the model passed a case of then, and of which nothing is compared now. What
// cannot be compared is not shown to be kept.
func (r *Results) uncompared(then *Results, model string, seen map[string]bool) ([]drift.Comparison, error) {
	var list []drift.Comparison
	for _, p := range then.Probes {
		if seen[p.ID] || !p.passedBy(model) {
			continue
		}
		c, err := r.compare(p, model, "", nil)
		if err != nil {
			return nil, err
		}
		c.Because = fmt.Sprintf("none of its %d cases is compared with the baseline: each is gone, was not asked, or is asked or judged otherwise now: "+
			"bring the probe back, set curtail: off where its cases were spared, or pin a new baseline", len(p.Cases))
		list = append(list, c)
	}
	return list, nil
}

// passedBy tells whether the model passed any case: without one, it has nothing
// to lose.
func (p ProbeResult) passedBy(model string) bool {
	return slices.ContainsFunc(p.Cases, func(c CaseResult) bool { return c.Outcomes[model].Outcome == drift.Pass })
}

// pastOutcome is what a model did with a case, and the hash of the case.
type pastOutcome struct {
	OutcomeResult
	hash string
}

// unasked tells that the model was not asked the case.
func (o pastOutcome) unasked() bool { return o.Outcome == "" }

// byCase are the cases of a probe with what a model did.
func byCase(p ProbeResult, model string) map[string]pastOutcome {
	m := map[string]pastOutcome{}
	for _, c := range p.Cases {
		m[c.ID] = pastOutcome{c.Outcomes[model], c.Hash}
	}
	return m
}

func baselineCases(m map[string]pastOutcome) map[string]drift.BaselineCase {
	list := map[string]drift.BaselineCase{}
	for id, o := range m {
		list[id] = drift.BaselineCase{Hash: o.hash, Outcome: o.Outcome}
	}
	return list
}

// compareCases compares the model then with the model now.
func (r *Results) compareCases(now ProbeResult, model string, before, after map[string]pastOutcome) ([]drift.Comparison, error) {
	var list []drift.Comparison
	for _, group := range groupsOfResults(now) {
		var pairs []drift.Pair
		for _, c := range now.Cases {
			b, was := before[c.ID]
			a, is := after[c.ID]
			if !was || !is || a.hash != b.hash || a.unasked() || b.unasked() || group != "" && !slices.Contains(c.Groups, group) {
				continue
			}
			pairs = append(pairs, drift.Pair{Case: c.ID, Cluster: c.Cluster, Reference: observationOf(b), Candidate: observationOf(a)})
		}
		if len(pairs) == 0 {
			continue
		}
		c, err := r.compare(now, model, group, pairs)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// compare judges pairs of one probe, model and group by the policy of the run.
func (r *Results) compare(p ProbeResult, model, group string, pairs []drift.Pair) (drift.Comparison, error) {
	c, err := drift.Compare(pairs, drift.CompareOptions{
		Margin: r.Policy.MarginOf(p.ID, p.Pack, p.Harm, group), Alpha: r.Policy.Alpha,
		MaxUndecided: r.Policy.MaxUndecided, Smoke: r.Size == string(probes.Smoke),
	})
	if err != nil {
		return c, fmt.Errorf("compare %s of %s with the baseline: %w", p.ID, model, err)
	}
	c.Probe, c.Candidate, c.Group, c.File, c.Line = p.ID, model, group, p.File, p.Line
	return c, nil
}

func observationOf(o pastOutcome) drift.Observation {
	return drift.Observation{Outcome: o.Outcome}
}

// groupsOfResults are "" and the groups of the cases, in order of appearance;
// the guard is none, since it asks what the reference can do.
func groupsOfResults(p ProbeResult) []string {
	groups := []string{""}
	for _, c := range p.Cases {
		for _, g := range c.Groups {
			if g != "guard" && !slices.Contains(groups, g) {
				groups = append(groups, g)
			}
		}
	}
	return groups
}

// stickChanges names what the two runs were measured by differently.
func stickChanges(then, now *Results) []string {
	list := policyChanges(then.Policy, now.Policy)
	differ := func(what string, was, is any) {
		if was != is {
			list = append(list, fmt.Sprintf("%s: %v, was %v", what, is, was))
		}
	}
	differ("version of gambit", then.Version, now.Version)
	differ("size", then.Size, now.Size)
	differ("seed", then.Seed, now.Seed)
	differ("reference", then.Reference.Name, now.Reference.Name)
	for _, p := range now.Probes {
		earlier, ok := then.probe(p.ID)
		if !ok {
			list = append(list, fmt.Sprintf("probe %s is new: %d cases", p.ID, len(p.Cases)))
			continue
		}
		if p.Judged {
			list = append(list, fmt.Sprintf("probe %s is scored by a judge model, whose errors no baseline knows: not compared", p.ID))
			continue
		}
		if changed, both := changedCases(earlier, p); changed > 0 {
			list = append(list, fmt.Sprintf("probe %s: %d of %d cases ask or want something else", p.ID, changed, both))
		}
	}
	for _, p := range then.Probes {
		if _, ok := now.probe(p.ID); !ok {
			list = append(list, fmt.Sprintf("probe %s was not asked: %d cases", p.ID, len(p.Cases)))
		}
	}
	for _, m := range then.Candidates {
		if _, ok := now.model(m.Name); !ok {
			list = append(list, fmt.Sprintf("model %s was not asked", m.Name))
		}
	}
	return list
}

// changedCases counts the cases of both runs, and those with another hash.
func changedCases(then, now ProbeResult) (changed, both int) {
	hashes := map[string]string{}
	for _, c := range then.Cases {
		hashes[c.ID] = c.Hash
	}
	for _, c := range now.Cases {
		if was, ok := hashes[c.ID]; ok {
			both++
			if was != c.Hash {
				changed++
			}
		}
	}
	return changed, both
}

// policyChanges lists the keys of the policy that differ, as JSON writes them.
func policyChanges(then, now drift.Policy) []string {
	was, is := asMap(then), asMap(now)
	keys := map[string]bool{}
	for _, m := range []map[string]any{was, is} {
		for key := range m {
			keys[key] = true
		}
	}
	var list []string
	for key := range keys {
		if jsonText(was[key]) != jsonText(is[key]) {
			list = append(list, fmt.Sprintf("policy %s: %s, was %s", key, jsonText(is[key]), jsonText(was[key])))
		}
	}
	slices.Sort(list)
	return list
}

// asMap is the policy as JSON has it. Whether a waiver has expired is a matter
// of the day, not of the policy.
func asMap(p drift.Policy) map[string]any {
	p.Waivers = slices.Clone(p.Waivers)
	for i := range p.Waivers {
		p.Waivers[i].Expired = false
	}
	data, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("policy %+v: %v", p, err)) // a NaN, which the reader of audit files refuses
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		panic(fmt.Sprintf("policy %s: %v", data, err))
	}
	return m
}

func jsonText(v any) string {
	if v == nil {
		return "not set"
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// moved names what the reference and the scoring say of the measuring stick.
func moved(list []drift.BaselineModel) []string {
	var out []string
	for _, m := range list {
		if n := len(m.Rescored); n > 0 {
			out = append(out, fmt.Sprintf("scoring: %d answers of %s are the same and are judged otherwise", n, m.Model))
		}
		if !m.Reference {
			continue
		}
		if m.Weights() == "changed" {
			out = append(out, fmt.Sprintf("reference %s: other weights", m.Model))
		}
		if n := len(m.Regressed) + len(m.Repaired); n > 0 {
			out = append(out, fmt.Sprintf("reference %s: %d of %d cases flipped (weights: %s)", m.Model, n, m.N, m.Weights()))
		}
	}
	return out
}

// baseline reads the run that the file pins; nil without one.
func (f *File) baseline() (*Results, error) {
	if f.Baseline == "" {
		return nil, nil
	}
	r, err := ReadResults(f.Baseline)
	if err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	return r, nil
}

// narrowedTo leaves in the results the probes that another run asked too: what
// filters left out of a run is no loss of a model, and the run notes that it was
// filtered.
func (r *Results) narrowedTo(other *Results) *Results {
	narrow := *r
	narrow.Probes = slices.DeleteFunc(slices.Clone(r.Probes), func(p ProbeResult) bool {
		_, asked := other.probe(p.ID)
		return !asked
	})
	return &narrow
}

// hold holds a finished audit against the run that its file pins.
func (p *Plan) hold(a *drift.Audit, today string) error {
	then, err := p.file.baseline()
	if err != nil || then == nil {
		return err
	}
	now := NewResults(p, a)
	if p.filtered {
		then = then.narrowedTo(now)
	}
	h, err := Against(then, now, p.file.Baseline, today)
	if err != nil {
		return err
	}
	a.HoldAgainst(h)
	return nil
}
