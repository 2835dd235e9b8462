package reporters

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

const (
	minus     = "−"
	undefined = "?"
	// noDifference marks a change whose interval holds zero.
	noDifference = "~"
	// confidence of the intervals in reports, unless one says otherwise.
	confidence = 0.95
)

// signed prints a number with one decimal and its sign; zero has no sign.
func signed(x float64) string {
	digits := strconv.FormatFloat(math.Abs(x), 'f', 1, 64)
	switch {
	case digits == "0.0":
		return digits
	case x < 0:
		return minus + digits
	}
	return "+" + digits
}

// percent prints a share in [0,1] as a percentage with one decimal.
func percent(share float64) string {
	return strconv.FormatFloat(100*share, 'f', 1, 64) + " %"
}

// plain prints a share in [0,1] in hundredths without needless decimals: 0.05
// is 5, 0.025 is 2.5.
func plain(share float64) string {
	digits := strconv.FormatFloat(100*share, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
}

// count prints a number with a comma between thousands.
func count(n int) string {
	if n < 0 {
		return minus + count(-n)
	}
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}

// byteCount prints a size in decimal units; 0 is unknown.
func byteCount(n int64) string {
	if n == 0 {
		return undefined
	}
	size, units := float64(n), []string{"B", "kB", "MB", "GB", "TB"}
	for len(units) > 1 && size >= 999.95 {
		size, units = size/1000, units[1:]
	}
	if units[0] == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", size, units[0])
}

// probability prints a p-value.
func probability(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

// share prints a rate; nil is undefined.
func share(r *drift.Rate) string {
	if r == nil {
		return undefined
	}
	return percent(r.Share)
}

// shareWithin prints a rate with its interval.
func shareWithin(r *drift.Rate) string {
	if r == nil {
		return undefined
	}
	i := r.Interval
	return fmt.Sprintf("%s [%.1f, %.1f]%s", percent(r.Share), 100*i.Low, 100*i.High, unusual(i))
}

// change prints the change in points with its interval; nil is undefined.
func change(c drift.Comparison) string {
	if c.Change == nil {
		return undefined
	}
	if c.Interval == nil {
		return fmt.Sprintf("%s [%s]", signed(100**c.Change), undefined)
	}
	i := *c.Interval
	text := fmt.Sprintf("%s [%s, %s]%s", signed(100**c.Change), signed(100*i.Low), signed(100*i.High), unusual(i))
	if i.Low <= 0 && 0 <= i.High {
		return noDifference + " " + text
	}
	return text
}

// corrected prints the change without the errors of the judge that scored it.
func corrected(j *drift.Judged) string {
	if j.Change == nil {
		return "judged"
	}
	return "corrected " + change(drift.Comparison{Change: j.Change, Interval: j.Interval})
}

// unusual names a confidence level that is not the one in the headings.
func unusual(i drift.Interval) string {
	if i.Confidence == confidence {
		return ""
	}
	return fmt.Sprintf(" at %s %%", plain(i.Confidence))
}

// pairs prints the decided pairs with their clusters.
func pairs(c drift.Comparison) string {
	return fmt.Sprintf("%s (%s)", count(c.N), count(c.Clusters))
}

// plural prints a number with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}
