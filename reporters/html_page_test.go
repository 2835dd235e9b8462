package reporters_test

import (
	"regexp"
	"strings"
	"testing"
)

func TestAPageIsTheSameEveryTime(t *testing.T) {
	page, again := render(t, "html", richAudit(t)), render(t, "html", richAudit(t))
	if page != again {
		t.Error("two pages of one audit differ")
	}
	page, again = renderHistory(t, threeRuns(t)), renderHistory(t, threeRuns(t))
	if page != again {
		t.Error("two histories of the same runs differ")
	}
}

func TestAPageOf4000PairsIsUnderAMegabyte(t *testing.T) {
	if got := len(render(t, "html", largeAudit(t, 4000))); got > mebibyte {
		t.Errorf("%d bytes, want at most %d", got, mebibyte)
	}
}

var (
	linked = regexp.MustCompile(`href="#([^"]+)"`)
	named  = regexp.MustCompile(` id="([^"]+)"`)
)

func TestEveryLinkOfAPageLeadsSomewhere(t *testing.T) {
	for situation, build := range audits {
		page := render(t, "html", build(t))
		ids := map[string]int{}
		for _, m := range named.FindAllStringSubmatch(page, -1) {
			if ids[m[1]]++; ids[m[1]] == 2 {
				t.Errorf("%s: id %q is there twice", situation, m[1])
			}
		}
		for _, m := range linked.FindAllStringSubmatch(page, -1) {
			if ids[m[1]] == 0 {
				t.Errorf("%s: a link leads to #%s, which is nowhere", situation, m[1])
			}
		}
	}
}

func TestAPageWithoutPairsSaysSo(t *testing.T) {
	a := mixedAudit(t)
	a.Pairs = nil
	page := render(t, "html", a)
	if !strings.Contains(page, "This page holds the 2 flips that the comparisons show, not every pair") {
		t.Error("no word on that the pairs are missing")
	}
}
