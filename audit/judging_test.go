package audit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
	"github.com/google/go-cmp/cmp"
)

// twoProbes ask some of the same questions, one of them with a mandatory case.
var twoProbes = map[string]string{
	"a.yaml": "probe: edge.two.a\naxes: {n: {count: 40}}\nprompt: \"Say number {{n}}\"\nwant: {numeric: \"{{n}}\"}\n",
	"b.yaml": "probe: edge.two.b\naxes: {n: {count: 60}}\nprompt: \"Say number {{n}}\"\nwant: {numeric: \"{{n}}\"}\n",
	"c.yaml": "probe: edge.two.c\nprompt: \"Say number 7\"\nwant: {numeric: 7}\nmandatory: true\n",
}

// A report is made probe by probe, and says what the run said that held all.
func TestProbesThatShareQuestionsAreRebuiltOneByOne(t *testing.T) {
	for name, file := range map[string]string{
		"all asked": strings.NewReplacer("probe.yaml", "a.yaml, b.yaml, c.yaml", "floor: 0", "floor: 5").Replace(auditText),
		"early":     strings.NewReplacer("probe.yaml", "a.yaml, b.yaml, c.yaml", "curtail: off", "curtail: on").Replace(auditText),
	} {
		t.Run(name, func(t *testing.T) {
			small := func(q string, call int) models.Response {
				if strings.HasSuffix(q, "3") {
					return says("0")
				}
				return number(q, call)
			}
			s := &setup{models: map[string]*fake{"full": {answer: number}, "small": {answer: small}}, dir: t.TempDir()}
			for name, text := range twoProbes {
				if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			s.plan = planIn(t, s.dir, file, "", audit.FileOptions{})
			live := s.run(t)
			o := s.options()
			var pairs []drift.ProbePair
			rebuilt, err := s.plan.Rebuild(t.Context(), filepath.Join(o.Dir, audit.EvidenceFile), audit.RunOptions{
				Clock: o.Clock, Pair: func(p drift.ProbePair) error { pairs = append(pairs, p); return nil },
			})
			if err != nil {
				t.Fatal(err)
			}
			if rebuilt.Pairs != nil {
				t.Errorf("%d pairs are held, want none", len(rebuilt.Pairs))
			}
			if diff := cmp.Diff(live.Pairs, pairs); diff != "" || len(pairs) == 0 {
				t.Errorf("%d pairs (-live +rebuilt):\n%s", len(pairs), diff)
			}
			if m := rebuilt.Reference; m.Reused != live.Reference.Calls {
				t.Errorf("%d answers of the reference were found, want the %d that were asked for", m.Reused, live.Reference.Calls)
			}
			for _, m := range []*drift.Model{&live.Reference, &live.Candidates[0], &rebuilt.Reference, &rebuilt.Candidates[0]} {
				m.Calls, m.Reused = 0, 0
			}
			if diff := cmp.Diff(asJSON(t, live), asJSON(t, rebuilt)); diff != "" {
				t.Errorf("(-live +rebuilt):\n%s", diff)
			}
		})
	}
}
