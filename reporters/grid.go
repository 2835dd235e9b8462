package reporters

import (
	"fmt"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// grid is a table before it is escaped for its target. Its cells are visible
// text on one line.
type grid struct {
	columns []column
	rows    [][]string
}

type column struct {
	title string
	right bool // aligned right, as numbers are
}

func modelGrid(a *drift.Audit) grid {
	g := grid{columns: []column{
		{title: "role"}, {title: "name"}, {title: "provider"}, {title: "model"}, {title: "digest"},
		{"weights", true}, {title: "expected"}, {"calls", true}, {"reused", true},
	}}
	g.rows = append(g.rows, modelRow("reference", a.Reference))
	for _, m := range a.Candidates {
		g.rows = append(g.rows, modelRow("candidate", m))
	}
	return g
}

func modelRow(role string, m drift.Model) []string {
	return []string{
		role, name(m.Name), name(m.Provider), orUndefined(name(m.Model)), orUndefined(shortDigest(m.Digest)),
		byteCount(m.Bytes), name(string(m.Expect)), count(m.Calls), count(m.Reused),
	}
}

// shortDigest is enough of a digest to tell weights apart.
func shortDigest(digest string) string {
	const enough = 12
	digest = strings.TrimPrefix(digest, "sha256:")
	if len(digest) > enough {
		digest = digest[:enough]
	}
	return visible(digest)
}

func orUndefined(s string) string {
	if s == "" {
		return undefined
	}
	return s
}

func candidateGrid(a *drift.Audit) grid {
	g := grid{columns: []column{
		{title: "candidate"}, {title: "expected"}, {title: "verdict"}, {title: "as expected"},
		{"pass", true}, {"fail", true}, {"inconclusive", true}, {"uninformative", true},
	}}
	for _, v := range a.Gate.Candidates {
		g.rows = append(g.rows, []string{
			name(v.Candidate), name(string(v.Expect)), name(string(v.Verdict)), met(v),
			count(v.Pass), count(v.Fail), count(v.Inconclusive), count(v.Uninformative),
		})
	}
	return g
}

func met(v drift.CandidateVerdict) string {
	switch {
	case v.Expect == drift.ExpectAny:
		return "for information"
	case v.Met:
		return "yes"
	}
	return "no"
}

// comparisonGrid shows all that a reader needs to judge a verdict.
func comparisonGrid(a *drift.Audit, comparisons []drift.Comparison) grid {
	g := grid{columns: []column{
		{title: "probe"}, {title: "group"}, {"n (clusters)", true}, {"reference", true}, {"candidate", true},
		{"change [95 %]", true}, {"margin", true}, {title: "verdict"},
	}}
	for _, c := range comparisons {
		g.rows = append(g.rows, []string{
			name(c.Probe), group(c), pairs(c), share(c.Reference), share(c.CandidateRate),
			change(c), plain(c.Margin), verdict(a, c),
		})
	}
	return g
}

// compactGrid is for candidates that nobody expects anything of.
func compactGrid(comparisons []drift.Comparison) grid {
	g := grid{columns: []column{
		{title: "probe"}, {title: "group"}, {"n (clusters)", true}, {"change [95 %]", true}, {title: "verdict"},
	}}
	for _, c := range comparisons {
		g.rows = append(g.rows, []string{name(c.Probe), group(c), pairs(c), change(c), reasoned(c)})
	}
	return g
}

// group names the cases of a comparison.
func group(c drift.Comparison) string {
	if c.Group == "" {
		return "all"
	}
	return name(c.Group)
}

// reasoned is a verdict with its reason.
func reasoned(c drift.Comparison) string {
	if c.Reason == "" || c.Verdict == drift.VerdictPass {
		return name(string(c.Verdict))
	}
	return fmt.Sprintf("%s (%s)", name(string(c.Verdict)), name(c.Reason))
}

// verdict is a verdict with its reason and with what bears on it.
func verdict(a *drift.Audit, c drift.Comparison) string {
	parts := []string{reasoned(c)}
	if c.Worse && c.Verdict == drift.VerdictPass {
		parts = append(parts, "worse within the margin")
	}
	if c.Judged != nil {
		parts = append(parts, corrected(c.Judged))
	}
	if c.Collapsed {
		parts = append(parts, "collapsed")
	}
	switch {
	case c.Waived != nil:
		parts = append(parts, "waived")
	case c.Gated && stand(a, c).state == skipped:
		parts = append(parts, "warning")
	}
	if c.Advisory {
		parts = append(parts, "advisory")
	}
	return strings.Join(parts, ", ")
}
