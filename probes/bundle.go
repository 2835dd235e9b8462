package probes

import "slices"

// checkBundles holds bundles to at least two cases, all of one cluster and of
// the same groups.
func (s *spec) checkBundles() {
	first := map[string]*Case{}
	size := map[string]int{}
	for _, c := range s.probe.Cases() {
		size[c.Bundle]++
		other := first[c.Bundle]
		if other == nil {
			first[c.Bundle] = c
			continue
		}
		if s.bundle.relation == "paired" {
			continue
		}
		if other.Cluster != c.Cluster {
			s.At(s.bundle.node, "bundle crosses clusters: %q and %q are judged together: expected one cluster", other.ID, c.ID)
			return
		}
		if !slices.Equal(other.Groups, c.Groups) {
			s.At(s.bundle.node, "bundle crosses groups: %q and %q are judged together: expected equal `compare` values", other.ID, c.ID)
			return
		}
	}
	for _, c := range s.probe.Cases() {
		if size[c.Bundle] == 1 {
			s.At(s.bundle.node, "bundle of one: %q has no other member: expected two or more", c.ID)
			return
		}
	}
}
