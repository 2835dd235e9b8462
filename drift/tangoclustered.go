package drift

const (
	// plannedCorrelation is the correlation within a cluster that is assumed
	// while the data cannot show one.
	plannedCorrelation = 0.3
	// minDiscordantClusters is how many clusters must hold a flip before the
	// design effect is taken from the data alone.
	minDiscordantClusters = 8
)

// ClusteredTango is the gate's interval: Tango's, on counts divided by a
// design effect.
type ClusteredTango struct {
	N                  int
	Clusters           int
	DiscordantClusters int
	MeanSize           float64 // size-weighted mean of the cluster sizes
	Estimate           float64
	Interval           *Interval // nil with a single cluster
	DesignEffect       float64   // in [1, mean cluster size]
	// DesignSource is estimated, floored (at the planned value) or planned.
	DesignSource string
	NEffective   float64
	// degrees are those of Student's distribution; 0 is the normal one.
	degrees int
	b, c, n float64 // effective counts
}

// TangoClustered gives the change's interval for pairs that are correlated
// within clusters. Undecided pairs are left out. With rare flips a design
// effect from the data alone is far too small, so below eight clusters with a
// flip it is held to at least 1+(m-1)·0.3 for a mean cluster size m.
func TangoClustered(pairs []Pair, confidence float64) (ClusteredTango, error) {
	if !openUnit(confidence, 1) {
		return ClusteredTango{}, invalid("confidence %g: expected it in (0,1)", confidence)
	}
	var d []float64
	var cluster []string
	t := NewTable(pairs)
	discordant := map[string]bool{}
	for _, p := range pairs {
		if !p.decided() {
			continue
		}
		change := 0.0
		if p.Reference.Outcome != p.Candidate.Outcome {
			change = 1
			if p.Reference.Outcome == Pass {
				change = -1
			}
			discordant[p.Cluster] = true
		}
		d, cluster = append(d, change), append(cluster, p.Cluster)
	}
	mean, err := ClusterMean(d, cluster, confidence)
	if err != nil {
		return ClusteredTango{}, err
	}
	r := ClusteredTango{N: mean.N, Clusters: mean.Clusters, DiscordantClusters: len(discordant), MeanSize: mean.MeanSize,
		Estimate: mean.Estimate}
	r.DesignEffect, r.DesignSource = designEffect(mean, len(discordant))
	r.NEffective = float64(r.N) / r.DesignEffect
	r.b, r.c, r.n = float64(t.Loss)/r.DesignEffect, float64(t.Gain)/r.DesignEffect, r.NEffective
	if r.MeanSize > 1 {
		r.degrees = r.Clusters - 1
	}
	if r.Clusters > 1 {
		r.Interval = pointer(tango(r.b, r.c, r.n, confidence, r.critical(confidence)).Interval)
	}
	return r, nil
}

func (r ClusteredTango) critical(confidence float64) float64 {
	if r.degrees == 0 {
		return normalQuantile(confidence)
	}
	return studentQuantile(confidence, r.degrees)
}

// plannedEffect is the design effect that is assumed for clusters of a mean
// size.
func plannedEffect(meanSize float64) float64 { return 1 + (meanSize-1)*plannedCorrelation }

func designEffect(mean ClusterEstimate, discordant int) (float64, string) {
	planned := plannedEffect(mean.MeanSize)
	effect, source := planned, "planned"
	switch {
	case discordant >= minDiscordantClusters && mean.DesignEffect != nil:
		effect, source = *mean.DesignEffect, "estimated"
	case mean.DesignEffect != nil:
		effect, source = max(*mean.DesignEffect, planned), "floored"
	}
	return min(max(effect, 1), mean.MeanSize), source
}
