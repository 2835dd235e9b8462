package drift

import (
	"fmt"
	"strconv"
	"strings"
)

// The sentences of a verdict write shares as percentages, changes and margins
// as points.

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func points(margin float64) string {
	text := strconv.FormatFloat(100*margin, 'f', -1, 64)
	if len(text) > 4 {
		text = fmt.Sprintf("%.1f", 100*margin)
	}
	if text == "1" {
		return "1 point"
	}
	return text + " points"
}

// bare is a change in points with a true minus sign.
func bare(change float64) string {
	return strings.Replace(fmt.Sprintf("%+.1f", 100*change), "-", "−", 1)
}

func signed(change float64) string { return bare(change) + " points" }

// count writes a number with thousands separators.
func count(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
