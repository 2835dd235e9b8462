package importers

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// sample keeps at most limit rows (0: all), drawn by the seed and balanced over
// groups: each in turn gives the next of its clusters, whole. A cluster counts for
// the group of its first row. The rows stay in the order of the file.
func sample(rows []row, limit int, seed uint64) []row {
	if limit == 0 || len(rows) <= limit {
		return rows
	}
	type cluster struct{ members []int }
	var groups []string
	byGroup := map[string][]*cluster{}
	known := map[string]*cluster{}
	for i, r := range rows {
		key := cmp.Or(r.cluster, r.bundle)
		c := known[key]
		if c == nil || key == "" {
			c = &cluster{}
			known[key] = c
			if byGroup[r.group] == nil {
				groups = append(groups, r.group)
			}
			byGroup[r.group] = append(byGroup[r.group], c)
		}
		c.members = append(c.members, i)
	}
	r := rand.New(rand.NewPCG(seed, 0))
	for _, g := range groups {
		list := byGroup[g]
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	var kept []int
	for turn := 0; len(kept) < limit; turn++ {
		g := groups[turn%len(groups)]
		if len(byGroup[g]) == 0 {
			continue
		}
		next := byGroup[g][0]
		byGroup[g] = byGroup[g][1:]
		if len(kept) > 0 && len(kept)+len(next.members) > limit {
			break
		}
		kept = append(kept, next.members...)
	}
	slices.Sort(kept)
	out := make([]row, len(kept))
	for i, k := range kept {
		out[i] = rows[k]
	}
	return out
}
