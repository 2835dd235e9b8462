package drift

import "math"

// Prospect is what a comparison can show, told from its size alone, before any
// case is asked.
type Prospect struct {
	N        int     `json:"n"`
	Clusters int     `json:"clusters"`
	Margin   float64 `json:"margin"`
	// DesignEffect is the planned one, at least 1; Effective is N divided by it:
	// how many independent cases the cases are worth.
	DesignEffect float64 `json:"design_effect"`
	Effective    float64 `json:"effective"`
	// Smallest is the smallest drop in (0,1) that is ruled out where not one
	// case flips; nil with a single cluster.
	Smallest *float64 `json:"smallest"`
	// Power is the chance in [0,1] of a pass, without a true drop and with as
	// many flips as planned, where the reference can do the task.
	Power float64 `json:"power"`
	// CannotPass tells that there is no pass however the answers fall.
	CannotPass bool `json:"cannot_pass"`
	// AddToPass is how many cases are missing, in new clusters of the same
	// size, before it passes where not one flips; AddForPower, before its power
	// is 0.8. 0 is enough.
	AddToPass   int `json:"add_to_pass"`
	AddForPower int `json:"add_for_power"`
}

// plannedPower is the power that cases are added for.
const plannedPower = 0.8

// NewProspect plans a comparison of clusters of the given sizes, each at least
// 1, for a share of flips in [0,1], half of them losses.
func NewProspect(sizes []int, flips, margin, alpha float64) (Prospect, error) {
	if err := checkGate(margin, alpha); err != nil {
		return Prospect{}, err
	}
	if len(sizes) == 0 || !(flips >= 0 && flips <= 1) {
		return Prospect{}, invalid("%d clusters, flips %g: expected at least one cluster and a share in [0,1]", len(sizes), flips)
	}
	n, squares := 0, 0
	for _, m := range sizes {
		if m < 1 {
			return Prospect{}, invalid("a cluster of %d: expected at least one case in each", m)
		}
		n, squares = n+m, squares+m*m
	}
	mean := float64(squares) / float64(n)
	o := outlook{n: n, clusters: len(sizes), effect: plannedEffect(mean), margin: margin, alpha: alpha}
	p := Prospect{N: n, Clusters: o.clusters, Margin: margin, DesignEffect: o.effect, Effective: o.effective(), CannotPass: o.hopeless()}
	if o.clusters > 1 {
		p.Smallest = pointer(o.smallest())
	}
	p.Power = o.power(flips)
	p.AddToPass = o.addToPass()
	p.AddForPower = max(p.AddToPass, o.add(func(o outlook) bool { return o.power(flips) >= plannedPower }))
	return p, nil
}

// outlook is the size of a comparison with what it is judged by.
type outlook struct {
	n, clusters   int
	effect        float64 // planned
	margin, alpha float64
}

func (o outlook) effective() float64 { return float64(o.n) / o.effect }

// critical is that of the gate's interval: Student's where cases are clustered.
func (o outlook) critical() float64 {
	degrees := 0
	if o.effect > 1 {
		degrees = o.clusters - 1
	}
	return critical(1-2*o.alpha, degrees)
}

// smallest is the end of Tango's interval without a flip.
func (o outlook) smallest() float64 {
	square := o.critical() * o.critical()
	return square / (o.effective() + square)
}

// floor is the least number of cases that is judged at all, at a design effect.
func (o outlook) floor(effect float64) int {
	floor, err := least(o.margin, o.alpha, effect)
	if err != nil {
		return mostCases // the options were checked
	}
	return floor
}

// tooSmall tells whether there are fewer cases than are judged at all.
func (o outlook) tooSmall() bool { return o.n < o.floor(o.effect) }

func (o outlook) passesQuietly() bool {
	return o.clusters > 1 && !o.tooSmall() && o.smallest() < o.margin
}

// addToPass is how many cases are missing, in clusters like those there are,
// before it passes with not one flip: what is planned and what is reported.
func (o outlook) addToPass() int { return o.add(outlook.passesQuietly) }

// hopeless tells whether no answers can pass. The design effect may turn out as
// low as 1, but only where enough clusters hold a flip to estimate it.
func (o outlook) hopeless() bool {
	effect := 1.0
	if o.clusters < minDiscordantClusters {
		effect = o.effect
	}
	return o.clusters < 2 || o.n < o.floor(effect)
}

// maxExactPower bounds the sizes whose power is summed over all outcomes; above
// it a normal approximation serves.
const maxExactPower = 200

// power is the chance of a pass without a true drop.
func (o outlook) power(flips float64) float64 {
	if o.clusters < 2 || o.tooSmall() {
		return 0
	}
	if o.effective() > maxExactPower {
		return o.approximatePower(flips)
	}
	return o.exactPower(flips)
}

// exactPower sums over the likely outcomes: flips beyond ten standard deviations
// are left out.
func (o outlook) exactPower(flips float64) float64 {
	n := int(o.effective())
	expected := flips * float64(n)
	most := min(n, int(expected+10*math.Sqrt(expected)+10))
	pass, _ := power(n, most, flips/2, flips/2, o.margin, o.critical())
	return min(1, pass)
}

// approximatePower inverts the formula of [NISampleSize].
func (o outlook) approximatePower(flips float64) float64 {
	null := nullVariance(flips/2, flips/2, o.margin)
	beyond := math.Sqrt(o.effective())*o.margin - o.critical()*math.Sqrt(null)
	if flips == 0 {
		if beyond > 0 {
			return 1
		}
		return 0
	}
	return student(0).CDF(beyond / math.Sqrt(flips))
}

// maxAdded bounds the search for a size, as a multiple of the floor.
const maxAdded = 1000

// add is how many cases, in clusters like those there are, enough needs.
func (o outlook) add(enough func(outlook) bool) int {
	perCluster := float64(o.n) / float64(o.clusters)
	grown := func(more int) outlook {
		g := o
		g.n += more
		g.clusters = int(float64(g.n) / perCluster)
		return g
	}
	if enough(o) {
		return 0
	}
	low, high := 0, 1 // enough at high, not at low
	for !enough(grown(high)) && high < maxAdded*o.floor(o.effect) {
		low, high = high, 2*high
	}
	for low+1 < high {
		if middle := (low + high) / 2; enough(grown(middle)) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
