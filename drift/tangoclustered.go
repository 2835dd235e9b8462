package drift

const (
	// plannedCorrelation is the correlation within a cluster that is assumed
	// while the data cannot show one.
	plannedCorrelation = 0.3
	// minDiscordantClusters is how many clusters must hold a flip before the
	// design effect is taken from the data alone.
	minDiscordantClusters = 8
)

// clusteredTango is the gate's interval: Tango's, on counts that are divided by
// a design effect.
type clusteredTango struct {
	mean       clusterEstimate // of the flips
	discordant int             // clusters that hold a flip
	// effect is the design effect, in [1, mean.MeanSize], and source where it
	// comes from: estimated, floored (at the planned value) or planned.
	effect    float64
	source    string
	effective counts
	// scale is the size of a typical change in (0,1], which is what effective
	// counts: 1 for flips, less where cases lost or gained a share of their
	// samples.
	scale float64
}

// tango gives the change's interval, by majority, for pairs that are correlated
// within clusters; there must be a pair. With rare flips a design effect from
// the data alone is far too small, so below eight clusters with a flip it is
// held to at least the planned one.
func (l *ledger) tango() clusteredTango {
	all := l.table()
	return l.effective(flipsOf, counts{float64(all.Loss), float64(all.Gain), float64(all.N())})
}

// wholeChanges is how many changes of a whole case are added to those that
// samples show before their typical size is taken, so that a few small ones do
// not rule out large ones: one loss and one gain.
const wholeChanges = 2

// sampledTango is tango on the shares of samples that were lost and gained. A
// change of d varies by d² where a flip varies by 1, so the shares are counted
// in units of Σd²/Σ|d|: ten cases that lose half are ten losses of size one
// half. It is the scaling by which Fay and Feuer (1997) carry an interval for
// counts over to weighted sums, the first two moments kept. Student's interval
// of the mean does not reach far enough down: losses that happen to be few show
// little variance, which lets up to a tenth of drops of the margin pass.
func (l *ledger) sampledTango() clusteredTango {
	var all counts
	squares := 0.0
	for i := range l.cells {
		c := &l.cells[i]
		all.losses, all.gains, all.n = all.losses+c.lost, all.gains+c.gained, all.n+float64(c.n)
		squares += c.change.squares
	}
	scale := (squares + wholeChanges) / (all.losses + all.gains + wholeChanges)
	t := l.effective(changeOf, counts{all.losses / scale, all.gains / scale, all.n})
	t.scale = scale
	return t
}

// effective divides counts by the design effect of their mean.
func (l *ledger) effective(of func(*cell) moments, all counts) clusteredTango {
	t := clusteredTango{mean: l.mean(of), scale: 1}
	for _, m := range l.by(of) {
		if m.squares > 0 {
			t.discordant++
		}
	}
	t.effect, t.source = designEffect(t.mean, t.discordant)
	t.effective = counts{all.losses / t.effect, all.gains / t.effect, all.n / t.effect}
	return t
}

// at needs at least two clusters: one says nothing about others.
func (t clusteredTango) at(confidence float64) Interval {
	return t.rescaled(t.effective.interval(confidence, t.mean.degrees()))
}

// rescaled takes an interval for effective counts back to the change's unit.
func (t clusteredTango) rescaled(i Interval) Interval {
	return Interval{i.Low * t.scale, i.High * t.scale, i.Confidence}
}

// interval is nil with one cluster.
func (t clusteredTango) interval(confidence float64) *Interval {
	if t.mean.Clusters < 2 {
		return nil
	}
	return pointer(t.at(confidence))
}

// method names the interval in reports.
func (t clusteredTango) method() string {
	if t.mean.MeanSize > 1 {
		return "tango_clustered"
	}
	return "tango"
}

// gate is the non-inferiority test on the effective counts.
func (t clusteredTango) gate(margin, alpha float64) gateTest {
	if t.mean.Clusters < 2 {
		return gateTest{verdict: VerdictInconclusive, reason: "one_cluster"}
	}
	// No drop of counts is over 1.
	test := t.effective.noninferiority(min(margin/t.scale, 1), alpha, t.mean.degrees())
	*test.interval = t.rescaled(*test.interval)
	return test
}

// degrees are those of Student's distribution for counts divided by a design
// effect; 0, the normal one, where every cluster is a single case.
func (e clusterEstimate) degrees() int {
	if e.MeanSize > 1 {
		return e.Clusters - 1
	}
	return 0
}

// plannedEffect is the design effect that is assumed for clusters of a mean
// size.
func plannedEffect(meanSize float64) float64 { return 1 + (meanSize-1)*plannedCorrelation }

// designEffect is how many correlated cases are worth one independent case, and
// where the number comes from.
func designEffect(mean clusterEstimate, discordant int) (effect float64, source string) {
	planned := plannedEffect(mean.MeanSize)
	switch {
	case mean.DesignEffect == nil:
		effect, source = planned, "planned"
	case discordant >= minDiscordantClusters:
		effect, source = *mean.DesignEffect, "estimated"
	default:
		effect, source = max(*mean.DesignEffect, planned), "floored"
	}
	return min(max(effect, 1), mean.MeanSize), source
}
