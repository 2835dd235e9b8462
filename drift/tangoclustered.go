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
	var l ledger
	for p := range decided(pairs) {
		l.add(p)
	}
	if len(l.cells) == 0 {
		return ClusteredTango{}, empty("no pairs")
	}
	return l.tango(confidence), nil
}

// tango is TangoClustered; at least one pair must have been added.
func (l *ledger) tango(confidence float64) ClusteredTango {
	mean := l.flips()
	loss, gain, discordant := 0, 0, 0
	for _, c := range l.cells {
		loss, gain = loss+c.loss, gain+c.gain
		if c.loss+c.gain > 0 {
			discordant++
		}
	}
	r := ClusteredTango{N: mean.N, Clusters: mean.Clusters, DiscordantClusters: discordant, MeanSize: mean.MeanSize, Estimate: mean.Estimate}
	r.DesignEffect, r.DesignSource = designEffect(mean, discordant)
	r.NEffective = float64(r.N) / r.DesignEffect
	r.b, r.c, r.n = float64(loss)/r.DesignEffect, float64(gain)/r.DesignEffect, r.NEffective
	if r.MeanSize > 1 {
		r.degrees = r.Clusters - 1
	}
	if r.Clusters > 1 {
		r.Interval = pointer(r.interval(confidence))
	}
	return r
}

// interval needs at least two clusters.
func (r ClusteredTango) interval(confidence float64) Interval {
	return tango(r.b, r.c, r.n, confidence, r.critical(confidence)).Interval
}

func (r ClusteredTango) critical(confidence float64) float64 { return critical(confidence, r.degrees) }

// critical is the two-sided critical value of Student's distribution, or with 0
// degrees of the normal one.
func critical(confidence float64, degrees int) float64 {
	if degrees == 0 {
		return normalQuantile(confidence)
	}
	return studentQuantile(confidence, degrees)
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
