package suites

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/google/go-cmp/cmp"
)

const auditYAML = `
reference: {name: full, provider: openai, model: m}
candidates:
  - {name: q4, provider: openai, model: m}
  - {name: q2, provider: openai, model: m, expect: blocked}
probes: [probe.yaml]
`

// laidOut is a suite for one probe.
func laidOut(t *testing.T, probe string) *suite {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "probe.yaml"), []byte(probe), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := audit.ParseFile(filepath.Join(dir, "audit.yaml"), []byte(auditYAML), audit.FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := f.Plan()
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{plan: plan}
	s.tree = s.layOut()
	return s
}

func texts(n *node) []string {
	var list []string
	for _, c := range n.children {
		list = append(list, c.text)
	}
	return list
}

func TestContainersAreBoundedAndKeepTheOrder(t *testing.T) {
	s := laidOut(t, `
probe: own.tree.many
harm: edge-case
axes: {n: {count: 1201}}
prompt: "{{n}}"
want: {numeric: "{{n}}"}
mandatory: true
`)
	if diff := cmp.Diff([]string{"own", "controls"}, texts(s.tree)); diff != "" {
		t.Errorf("top of the tree (-want +got):\n%s", diff)
	}
	q4 := s.tree.children[0].children[0].children[0]
	if diff := cmp.Diff([]string{"1 to 500", "501 to 1000", "1001 to 1202"}, texts(q4)); diff != "" {
		t.Errorf("below q4 (-want +got):\n%s", diff)
	}
	first, last := q4.children[0].children[0], q4.children[2].children[201]
	if first.text != "loses no more than 5 points" || last.text != "passes the mandatory case own.tree.many/1201" {
		t.Errorf("specs from %q to %q, want the comparison first and the last case last", first.text, last.text)
	}
	if got, want := len(s.tree.specs()), 2*1202+1; got != want {
		t.Errorf("%d specs, want %d: one comparison and 1201 cases for each of two candidates, and a control", got, want)
	}
}

func TestNarrowKeepsWhatWasPicked(t *testing.T) {
	const probe = `
probe: own.tree.small
harm: edge-case
axes: {n: {count: 60}}
prompt: "{{n}}"
want: {numeric: "{{n}}"}
`
	id := func(candidate string) audit.ComparisonID {
		return audit.ComparisonID{Probe: "own.tree.small", Candidate: candidate}
	}
	tests := map[string]struct {
		pick        []string // the candidates of picked comparisons
		control     bool
		comparisons []audit.ComparisonID
		expect      []string
	}{
		"a candidate without a spec leaves": {
			pick: []string{"q4"}, comparisons: []audit.ComparisonID{id("q4")}, expect: []string{"q4 pass"}},
		"a control with all of its comparisons is held to be blocked": {
			pick: []string{"q2"}, comparisons: []audit.ComparisonID{id("q2")}, expect: []string{"q2 blocked"}},
		"a control needs all of its comparisons": {
			control: true, comparisons: []audit.ComparisonID{id("q2")}, expect: []string{"q2 blocked"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := laidOut(t, probe)
			picked := newSelection()
			for _, c := range tt.pick {
				picked.comparisons[id(c)] = true
			}
			if tt.control {
				picked.controls["q2"] = true
			}
			if err := s.narrow(picked); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.comparisons, s.plan.Comparisons()); diff != "" {
				t.Errorf("comparisons (-want +got):\n%s", diff)
			}
			var got []string
			for _, c := range s.plan.File().Candidates {
				got = append(got, c.Name+" "+string(c.Expect))
			}
			if diff := cmp.Diff(tt.expect, got); diff != "" {
				t.Errorf("candidates (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLabelKeepsOutTheSignsOfFilters(t *testing.T) {
	if got, want := label("candidate", "phi3:mini/q4, (k&m)"), "candidate:phi3:mini-q4- -k-m-"; got != want {
		t.Errorf("label = %q, want %q", got, want)
	}
}
