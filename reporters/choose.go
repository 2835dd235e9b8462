package reporters

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// Choice says which of several candidates is the smallest that may be used. It
// reads verdicts that are given and gives none.
type Choice struct {
	// Smallest is the name of the smallest candidate that passes; empty where
	// none does, or where a pass of this run means nothing.
	Smallest string `json:"smallest,omitempty"`
	// Variants are the candidates but for the controls, the smallest first,
	// those of unknown size last, in audit order.
	Variants []Variant `json:"variants"`
	// Sentence says it all for people.
	Sentence string `json:"sentence"`
}

// Variant is one candidate as a choice.
type Variant struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes,omitempty"` // of the weights; 0 means unknown
	// Passes tells that the candidate passes the gate, or would if it were
	// gated.
	Passes bool `json:"passes"`
	// Fails and Unsettled are the ids of the probes that block the candidate:
	// those shown to be worse than their margin, and the others. A waived one
	// is in neither.
	Fails     []string `json:"fails,omitempty"`
	Unsettled []string `json:"unsettled,omitempty"`
	// Mandatory are the ids of mandatory cases that were not passed.
	Mandatory []string `json:"mandatory,omitempty"`
	// Blind are the packs that say nothing, since the reference cannot do them.
	Blind []string `json:"blind,omitempty"`
	// Faster is how many times as fast as the reference it writes, by tokens a
	// second or else by the median time of an answer; nil where either is
	// unknown, or where a median time is too short to say anything.
	Faster *float64 `json:"faster,omitempty"`
	// Worst is the greatest drop in [0,1] among the comparisons that are not
	// advisory, 0 where none dropped; nil is undefined.
	Worst *float64 `json:"worst"`
}

// Choose finds the smallest candidate that passes. Controls are no candidates
// for use. Candidates that were asked for information alone are, by the same
// demand as the gated ones.
func Choose(a *drift.Audit) Choice {
	c := Choice{Variants: []Variant{}}
	for _, m := range a.Candidates {
		if m.Expect != drift.ExpectBlocked {
			c.Variants = append(c.Variants, variantOf(a, m))
		}
	}
	slices.SortStableFunc(c.Variants, func(x, y Variant) int {
		return cmp.Or(compareKnown(x.Bytes != 0, y.Bytes != 0), cmp.Compare(x.Bytes, y.Bytes))
	})
	c.Sentence = c.decide(a)
	return c
}

// compareKnown puts the known before the unknown.
func compareKnown(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}

func variantOf(a *drift.Audit, m drift.Model) Variant {
	v := Variant{Name: m.Name, Bytes: m.Bytes, Faster: faster(m.Usage, a.Reference.Usage)}
	informed := map[string]bool{} // packs
	for _, c := range a.Comparisons {
		if c.Candidate != m.Name || c.Advisory {
			continue
		}
		v.add(a, c)
		informed[packOf(c.Probe)] = informed[packOf(c.Probe)] || c.Verdict != drift.VerdictUninformative
	}
	for _, pack := range slices.Sorted(maps.Keys(informed)) {
		if !informed[pack] {
			v.Blind = append(v.Blind, pack)
		}
	}
	for _, c := range a.Mandatory {
		if c.Candidate == m.Name && c.Observation.Outcome != drift.Pass {
			v.Mandatory = append(v.Mandatory, c.Case)
		}
	}
	judged, ok := verdictOf(a, m.Name)
	unmet := len(v.Fails) + len(v.Unsettled) + len(v.Mandatory) + len(v.Blind)
	v.Passes = ok && judged.Met && len(informed) > 0 && unmet == 0
	return v
}

// leastLatencyMS is the shortest median time of an answer, in milliseconds, that
// a speed is told from: below it the audit's own work is measured.
const leastLatencyMS = 5

// instant tells that nothing is known of a model's answers, or that they took no
// time worth comparing.
func instant(u *drift.Usage) bool {
	return u == nil || u.LatencyMS != nil && u.LatencyMS.P50 < leastLatencyMS
}

// faster compares speeds under the load of the run, whose models are asked at
// the same time.
func faster(u, reference *drift.Usage) *float64 {
	if instant(u) || instant(reference) {
		return nil
	}
	if x, y := u.TokensPerSecond, reference.TokensPerSecond; x != nil && y != nil && *y > 0 {
		times := *x / *y
		return &times
	}
	if x, y := u.LatencyMS, reference.LatencyMS; x != nil && y != nil && x.P50 > 0 {
		times := y.P50 / x.P50
		return &times
	}
	return nil
}

// add counts one comparison as if its candidate were gated.
func (v *Variant) add(a *drift.Audit, c drift.Comparison) {
	if c.Change != nil {
		drop := max(0, -*c.Change)
		if v.Worst == nil || drop > *v.Worst {
			v.Worst = &drop
		}
	}
	c.Gated = true
	switch {
	case !a.Blocks(&c) || waived(a, c.Probe):
	case c.Verdict == drift.VerdictFail:
		v.Fails = appendNew(v.Fails, c.Probe)
	default:
		v.Unsettled = appendNew(v.Unsettled, c.Probe)
	}
}

// waived tells whether a waiver for a probe holds.
func waived(a *drift.Audit, probe string) bool {
	return slices.ContainsFunc(a.Policy.Waivers, func(w drift.Waiver) bool {
		return !w.Expired && drift.MatchesProbe(w.Probe, probe)
	})
}

// packOf is the pack that a probe's id starts with.
func packOf(probe string) string {
	pack, _, _ := strings.Cut(probe, ".")
	return pack
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// decide picks the smallest variant that passes and says so.
func (c *Choice) decide(a *drift.Audit) string {
	switch {
	case len(c.Variants) == 0:
		return "no variant to choose from: the audit has no candidate but controls"
	case a.Size == "smoke":
		return "no variant can be chosen: smoke size passes no release; run size standard"
	case a.Controls != nil && !a.Controls.Passed:
		return "no variant can be chosen: the gate did not do on specimens what it must, so its passes mean nothing"
	case missedControl(a) != "":
		return fmt.Sprintf("no variant can be chosen: the audit did not see the known damage of %s, so its passes mean nothing",
			name(missedControl(a)))
	}
	passing := slices.IndexFunc(c.Variants, func(v Variant) bool { return v.Passes })
	if passing < 0 {
		return "no variant passes: " + strings.Join(describeAll(c.Variants), "; ")
	}
	best := c.Variants[passing]
	if best.Bytes == 0 && len(c.Variants) > 1 {
		return fmt.Sprintf("%s passes, but its size is unknown: give the candidates `bytes` to choose by size", name(best.Name))
	}
	c.Smallest = best.Name
	others := slices.Concat(c.Variants[:passing], c.Variants[passing+1:])
	return strings.Join(append([]string{"smallest variant that passes: " + sized(best, a.Reference)}, describeAll(others)...), "; ")
}

// missedControl is the first control that was not blocked, empty for none.
func missedControl(a *drift.Audit) string {
	for _, m := range expecting(a, drift.ExpectBlocked) {
		if v, ok := verdictOf(a, m.Name); !ok || !v.Blocked {
			return m.Name
		}
	}
	return ""
}

// sized is a name with its size and speed, e.g. "q5 (1.9 GB, 25 % of full, 2.3×
// faster)".
func sized(v Variant, reference drift.Model) string {
	var facts []string
	if v.Bytes != 0 {
		facts = append(facts, byteCount(v.Bytes))
	}
	if v.Bytes != 0 && reference.Bytes != 0 {
		facts = append(facts, fmt.Sprintf("%.0f %% of %s", 100*float64(v.Bytes)/float64(reference.Bytes), name(reference.Name)))
	}
	if v.Faster != nil {
		facts = append(facts, speed(*v.Faster))
	}
	if len(facts) == 0 {
		return name(v.Name)
	}
	return fmt.Sprintf("%s (%s)", name(v.Name), strings.Join(facts, ", "))
}

// speed says how many times as fast something is.
func speed(times float64) string {
	switch {
	case times >= 1.05:
		return fmt.Sprintf("%.1f× faster", times)
	case times > 0 && 1/times >= 1.05:
		return fmt.Sprintf("%.1f× slower", 1/times)
	}
	return "as fast"
}

func describeAll(variants []Variant) []string {
	var list []string
	for _, v := range variants {
		list = append(list, name(v.Name)+" "+v.describe())
	}
	return list
}

// maxNamed is how many probes a sentence names before it counts them.
const maxNamed = 2

// describe says how a variant stands, e.g. "fails minority.tail.facts".
func (v Variant) describe() string {
	switch {
	case v.Passes:
		return "passes too"
	case len(v.Fails) > maxNamed:
		return fmt.Sprintf("is blocked by %s", plural(len(v.Fails), "probe", "probes"))
	case len(v.Fails) > 0:
		return "fails " + named(v.Fails)
	case len(v.Mandatory) > 0:
		return fmt.Sprintf("misses %s", plural(len(v.Mandatory), "mandatory case", "mandatory cases"))
	case len(v.Unsettled) > maxNamed:
		return fmt.Sprintf("is not settled by %s", plural(len(v.Unsettled), "probe", "probes"))
	case len(v.Unsettled) > 0:
		return "is not settled by " + named(v.Unsettled)
	case len(v.Blind) > 0:
		return "was observed by nothing in " + named(v.Blind)
	}
	return "was not judged"
}

func named(ids []string) string {
	shown := make([]string, len(ids))
	for i, id := range ids {
		shown[i] = name(id)
	}
	return strings.Join(shown, " and ")
}
