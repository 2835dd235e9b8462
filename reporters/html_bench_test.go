package reporters_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/drift"
)

// largeAudit has so many pairs, of words as models write them.
func largeAudit(t testing.TB, pairs int) *drift.Audit {
	a := richAudit(t)
	few := somePairs(1000)
	a.Pairs = nil
	for i := range pairs {
		p := few[i%len(few)]
		p.Case = fmt.Sprintf("case-%06d", i)
		p.Reference.Text = fmt.Sprintf("%s It is number %d of %d, %x.", p.Reference.Text, i, pairs, i*i)
		p.Pair.Candidate.Text = fmt.Sprintf("%s It is number %d, %x.", p.Pair.Candidate.Text, i, i*i*i)
		a.Pairs = append(a.Pairs, p)
	}
	return a
}

// BenchmarkHTML renders an audit of 100,000 pairs.
func BenchmarkHTML(b *testing.B) {
	a := largeAudit(b, 100_000)
	size := 0
	for b.Loop() {
		size = len(render(b, "html", a))
	}
	b.ReportMetric(float64(size)/1e6, "MB")
}

// BenchmarkPageOpens opens pages in a real browser. Interactive is the time
// until the page's own script has run, browsed until the first pairs are shown
// after a click, both in milliseconds.
func BenchmarkPageOpens(b *testing.B) {
	for _, pairs := range []int{4_000, 100_000} {
		b.Run(fmt.Sprint(pairs), func(b *testing.B) {
			html := render(b, "html", largeAudit(b, pairs))
			var interactive, browsed float64
			for b.Loop() {
				p := openPage(b, html)
				interactive += eval[float64](p, `performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd`)
				start := eval[float64](p, `performance.now()`)
				p.settle(`document.getElementById("open").click()`, `document.querySelector("#list .flip") !== null`)
				browsed += eval[float64](p, `performance.now()`) - start
			}
			b.ReportMetric(interactive/float64(b.N), "interactive-ms")
			b.ReportMetric(browsed/float64(b.N), "browsed-ms")
			b.ReportMetric(float64(len(html))/1e6, "MB")
			b.ReportMetric(float64(strings.Count(html, "<tr"))/1, "rows")
		})
	}
}
