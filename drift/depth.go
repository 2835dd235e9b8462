package drift

// DepthProfile is the pass rate by the depth at which a fact stands in a text.
type DepthProfile struct {
	Counts   []int
	Accuracy []*float64 // nil where a bin is empty
	// MiddleGap is the pass rate of the first and the last bin together less
	// that of all others; nil where either is empty. Positive means lost in
	// the middle (Liu et al. 2023).
	MiddleGap *float64
}

// ProfileDepth counts passes in bins of equal width; depths are in [0,1], 1 is
// the end of the text and belongs to the last bin.
func ProfileDepth(depths []float64, passed []bool, bins int) (DepthProfile, error) {
	switch {
	case len(depths) != len(passed):
		return DepthProfile{}, invalid("%d depths and %d outcomes: expected as many", len(depths), len(passed))
	case bins < 2:
		return DepthProfile{}, invalid("%d bins: expected at least 2", bins)
	case len(depths) == 0:
		return DepthProfile{}, empty("no cases")
	}
	p := DepthProfile{Counts: make([]int, bins)}
	passes := make([]int, bins)
	for i, d := range depths {
		if !(d >= 0 && d <= 1) {
			return DepthProfile{}, invalid("depth %g: expected it in [0,1]", d)
		}
		bin := min(int(d*float64(bins)), bins-1)
		p.Counts[bin]++
		if passed[i] {
			passes[bin]++
		}
	}
	for i, n := range p.Counts {
		p.Accuracy = append(p.Accuracy, ratio(passes[i], n))
	}
	last := bins - 1
	edges := ratio(passes[0]+passes[last], p.Counts[0]+p.Counts[last])
	middle := ratio(total(passes[1:last]), total(p.Counts[1:last]))
	if edges != nil && middle != nil {
		p.MiddleGap = pointer(*edges - *middle)
	}
	return p, nil
}

func total(counts []int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}
