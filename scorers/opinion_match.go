package scorers

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

var _ = register("opinion_match", newOpinion,
	"an answer takes one of the ordered options; over the samples, 1 - W1/W1max to the given shares")

// Opinion is the `opinion_match` scorer. One answer passes where it takes one
// of the options, see choice; whether the samples together are distributed as
// wanted, [OpinionMatch] says.
type Opinion struct {
	// Shares are the wanted shares of the options, in the order of the
	// options, which must be the same in all samples and go from one end of
	// the scale to the other. They are in [0,1] and sum to 1.
	Shares []float64
	// AtLeast is the match in (0,1] from which the samples pass; default 1.
	AtLeast float64
}

var _ Scorer = Opinion{}

func newOpinion(arg any, ctx Context) (Scorer, error) {
	f := fields{"shares": arg}
	if _, isMap := arg.(map[string]any); isMap {
		var err error
		if f, err = readFields(arg, "shares", "at_least"); err != nil {
			return nil, err
		}
	}
	shares, err := readShares(f["shares"])
	if err != nil {
		return nil, err
	}
	if len(shares) != len(ctx.Options) {
		return nil, fmt.Errorf("expected a share for each of the %d options, got %d", len(ctx.Options), len(shares))
	}
	atLeast, err := optional(f, "at_least", readShare, 1)
	return Opinion{shares, atLeast}, err
}

func readShares(value any) ([]float64, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, expected("a list of shares, one for each option", value)
	}
	shares := make([]float64, len(list))
	for i, item := range list {
		share, err := readNumber(item)
		if err != nil {
			return nil, fmt.Errorf("share %d: %w", i+1, err)
		}
		shares[i] = share
	}
	return shares, checkShares(shares)
}

// checkShares allows for shares that were rounded to three decimals.
func checkShares(shares []float64) error {
	const rounding = 0.005
	if len(shares) < 2 {
		return fmt.Errorf("expected at least two shares, got %d", len(shares))
	}
	sum := 0.0
	for i, share := range shares {
		if !(share >= 0 && share <= 1) {
			return fmt.Errorf("share %d: expected a number in [0,1], got %v", i+1, share)
		}
		sum += share
	}
	if math.Abs(sum-1) > rounding {
		return fmt.Errorf("expected shares that sum to 1, got a sum of %.4g", sum)
	}
	return nil
}

// Score implements [Scorer].
func (s Opinion) Score(a Answer) Result {
	chosen, why := recognise(a)
	if chosen == nil {
		return unparsed("%s", why)
	}
	r := passed()
	r.Parsed = chosen.Is
	return r
}

// OpinionMatch returns how well counted answers match the wanted shares of
// ordered options: 1 - W1/W1max, in [0,1], where W1 is the Wasserstein distance
// with one step between neighbouring options, and W1max its largest value, the
// number of options less one (Santurkar et al. 2023, OpinionQA). It is an error
// where nothing was counted: the match is undefined then.
func OpinionMatch(shares []float64, counts []int) (float64, error) {
	if err := checkShares(shares); err != nil {
		return 0, err
	}
	if len(counts) != len(shares) {
		return 0, fmt.Errorf("expected %d counts, got %d", len(shares), len(counts))
	}
	if slices.Min(counts) < 0 {
		return 0, fmt.Errorf("expected counts from 0, got %d", slices.Min(counts))
	}
	wanted, total := 0.0, 0.0
	for i, count := range counts {
		wanted += shares[i]
		total += float64(count)
	}
	if total == 0 {
		return 0, errors.New("expected at least one counted answer, got none")
	}
	distance, ahead := 0.0, 0.0
	for i, count := range counts {
		ahead += float64(count)/total - shares[i]/wanted
		distance += math.Abs(ahead)
	}
	return max(0, 1-distance/float64(len(shares)-1)), nil
}
