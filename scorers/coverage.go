package scorers

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

var _ = register("coverage", newCoverage,
	"share by weight of the expected items of which an alias is in the answer; passes from at_least (default 1)")

// coverage gives the share of expected items that the answer names by one of
// their aliases, as whole words, each item with its weight; and the same share
// for each tier.
type coverage struct {
	items   []coverageItem
	atLeast float64 // share in (0,1] to pass
}

type coverageItem struct {
	aliases []phrase
	tier    string  // empty: no tier
	weight  float64 // above 0
}

var _ Scorer = coverage{}

func newCoverage(arg any, _ Context) (Scorer, error) {
	f := fields{"items": arg}
	if _, isMap := arg.(map[string]any); isMap {
		var err error
		if f, err = readFields(arg, "items", "at_least"); err != nil {
			return nil, err
		}
	}
	list, ok := f["items"].([]any)
	if !ok || len(list) == 0 {
		return nil, errors.New("expected a list of items such as {any: [Breton], tier: tail, weight: 1}")
	}
	atLeast, err := optional(f, "at_least", readShare, 1)
	if err != nil {
		return nil, err
	}
	s := coverage{atLeast: atLeast}
	for i, item := range list {
		read, err := readCoverageItem(item)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i+1, err)
		}
		s.items = append(s.items, read)
	}
	return s, nil
}

func readCoverageItem(value any) (item coverageItem, err error) {
	f, err := readFields(value, "any", "tier", "weight")
	if err != nil {
		return item, err
	}
	if item.aliases, err = need(f, "any", readPhraseList); err != nil {
		return item, err
	}
	if item.tier, err = optional(f, "tier", readText, ""); err != nil {
		return item, err
	}
	item.weight, err = optional(f, "weight", readNumber, 1)
	if err == nil && item.weight <= 0 {
		err = fmt.Errorf("weight: %w", expected("a number above 0", f["weight"]))
	}
	return item, err
}

func (s coverage) Score(a Answer) Result {
	text := fold(a.Text)
	met, all := map[string]float64{}, map[string]float64{}
	missing := map[string][]string{}
	var share, total float64
	for _, item := range s.items {
		all[item.tier] += item.weight
		total += item.weight
		if found, _ := split(item.aliases, text); len(found) > 0 {
			met[item.tier] += item.weight
			share += item.weight
		} else {
			missing[item.tier] = append(missing[item.tier], item.aliases[0].text)
		}
	}
	share /= total
	r := s.judge(a, share, missing)
	r.Share = &share
	r.Tiers = shares(met, all)
	return r
}

func (s coverage) judge(a Answer, share float64, missing map[string][]string) Result {
	if reaches(share, s.atLeast) {
		return passed()
	}
	if isBlank(a.Text) {
		return blank(a.Text)
	}
	return wrong("missing %s", byTier(missing))
}

// shares divides by tier; nil where no item has a tier.
func shares(met, all map[string]float64) map[string]float64 {
	tiers := map[string]float64{}
	for tier, weight := range all {
		if tier != "" {
			tiers[tier] = met[tier] / weight
		}
	}
	if len(tiers) == 0 {
		return nil
	}
	return tiers
}

// byTier shows the missing items as `dissent ["keep springs"]; majority ["dig"]`.
func byTier(missing map[string][]string) string {
	var parts []string
	for _, tier := range slices.Sorted(maps.Keys(missing)) {
		parts = append(parts, strings.TrimSpace(tier+" "+quoteAll(missing[tier])))
	}
	return strings.Join(parts, "; ")
}
