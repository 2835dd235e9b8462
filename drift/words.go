package drift

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The sentences of a verdict write shares as percentages, changes and margins
// as points.

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func points(margin float64) string {
	text := strconv.FormatFloat(math.Round(1e4*margin)/100, 'f', -1, 64)
	if text == "1" {
		return "1 point"
	}
	return text + " points"
}

// bare is a change in points with a true minus sign, and none before 0.0.
func bare(change float64) string {
	text := fmt.Sprintf("%+.1f", 100*change)
	if text == "-0.0" {
		text = "+0.0"
	}
	return strings.Replace(text, "-", "−", 1)
}

func signed(change float64) string { return bare(change) + " points" }

// Count writes a number with thousands separators.
func Count(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
