package reporters_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

const mebibyte = 1 << 20

// manyComparisons repeats a comparison with flips, so that its report is long.
func manyComparisons(t *testing.T, n int) *drift.Audit {
	t.Helper()
	a := mixedAudit(t)
	for _, c := range a.Comparisons {
		if len(c.Flips) == 0 {
			continue
		}
		for i := range n {
			c.Probe = fmt.Sprintf("long.series.p%05d", i)
			a.Comparisons = append(a.Comparisons, c)
		}
	}
	return a
}

func TestALongMarkdownReportKeepsItsRowsAndLosesItsLastDetails(t *testing.T) {
	const n = 1500
	got := render(t, "markdown", manyComparisons(t, n))
	if len(got) >= mebibyte || len(got) < mebibyte*9/10 {
		t.Errorf("%d bytes, want a little less than %d", len(got), mebibyte)
	}
	left := regexp.MustCompile(`Left out to stay under 1,048,576 bytes: (\S+) details, 0 rows, 0 other parts`).FindStringSubmatch(got)
	if left == nil {
		t.Fatalf("no line says what was left out:\n%.500s", got)
	}
	rows, details := strings.Count(got, "\n| long.series.p"), strings.Count(got, "<summary>long.series.p")
	if rows != n {
		t.Errorf("%d rows, want all %d", rows, n)
	}
	// Left out too are the details after the series: 6 comparisons and 2 controls.
	if want := fmt.Sprint(n + 8 - details); left[1] != want {
		t.Errorf("says that %s details were left out, want %s", left[1], want)
	}
	if !strings.Contains(got, "<summary>minority.tail.facts, group=minority") {
		t.Error("the first detail is gone")
	}
}

func TestAVeryLongMarkdownReportStaysUnderItsLimit(t *testing.T) {
	a := manyComparisons(t, 9000)
	for i := range 9000 {
		a.Candidates = append(a.Candidates, drift.Model{Name: fmt.Sprintf("c%05d", i), Expect: drift.ExpectPass})
	}
	got := render(t, "markdown", a)
	if len(got) >= mebibyte {
		t.Errorf("%d bytes, want less than %d", len(got), mebibyte)
	}
	if !strings.HasPrefix(got, "# Gate not passed: ") {
		t.Errorf("starts with %.60q, want the judgement", got)
	}
}

// checkMarkdown fails where text broke out of its place.
func checkMarkdown(t *testing.T, text string) {
	t.Helper()
	columns, inDetail := 0, false
	for line := range strings.Lines(text) {
		inDetail = (inDetail || strings.HasPrefix(line, "<details>")) && line != "</details>\n"
		if inDetail {
			continue
		}
		if strings.Contains(line, "`") {
			t.Errorf("a backtick is left to Markdown: %q", line)
		}
		if !strings.HasPrefix(line, "| ") {
			columns = 0
			continue
		}
		if n := strings.Count(line, "|"); columns != 0 && n != columns {
			t.Errorf("%d bars, want %d as in the head of the table: %q", n, columns, line)
		} else {
			columns = n
		}
	}
	if inDetail {
		t.Error("a detail is not closed")
	}
	if tag := outlawed.FindString(text); tag != "" {
		t.Errorf("%q made it into the report", tag)
	}
}

// outlawed are tags that no report writes, and mentions.
var outlawed = regexp.MustCompile(`(?i)</?(script|img|a|iframe|style)\b|@\w`)

func TestMarkdownKeepsTextInItsPlace(t *testing.T) {
	checkMarkdown(t, render(t, "markdown", mixedAudit(t)))
}
