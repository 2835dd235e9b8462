package audit_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/models"
)

var floorText = strings.Replace(auditText, "floor: 0", "floor: 10", 1)

// fickle answers rightly the first time and wrongly the second.
func fickle() *fake {
	f := &fake{}
	seen := map[string]bool{}
	f.answer = func(q string, call int) models.Response {
		f.mu.Lock()
		defer f.mu.Unlock()
		if seen[q] {
			return says("none")
		}
		seen[q] = true
		return number(q, call)
	}
	return f
}

func TestTheReferenceIsAskedTwiceAndItsFlipsAreTheFloor(t *testing.T) {
	for name, tt := range map[string]struct {
		full  *fake
		share float64
	}{"steady": {&fake{answer: number}, 0}, "fickle": {fickle(), 1}} {
		t.Run(name, func(t *testing.T) {
			small := &fake{answer: number}
			s := newSetup(t, floorText, singlesProbe, map[string]*fake{"full": tt.full, "small": small})
			a := s.run(t)
			if tt.full.total != 410 || small.total != 400 {
				t.Errorf("%d calls of the reference and %d of the candidate, want 410 and 400", tt.full.total, small.total)
			}
			for _, c := range a.Comparisons {
				if c.Floor == nil || c.Floor.N != 10 || c.Floor.Share != tt.share {
					t.Errorf("%s: floor %+v, want %g of 10", c.Name(), c.Floor, tt.share)
				}
			}
			if c := comparison(t, a, ""); c.N != 400 || c.Reference.Share != 1 {
				t.Errorf("the reference passes %+v, want all of its first answers", c.Reference)
			}
		})
	}
}

func TestTheFloorIsRebuiltFromTheEvidenceAndUnknownWithoutIt(t *testing.T) {
	s := newSetup(t, floorText, singlesProbe, map[string]*fake{"full": fickle(), "small": {answer: number}})
	s.run(t)
	o := s.options()
	evidence := filepath.Join(o.Dir, audit.EvidenceFile)
	a, err := s.plan.Rebuild(t.Context(), evidence, audit.RunOptions{Clock: o.Clock})
	if err != nil {
		t.Fatal(err)
	}
	if c := comparison(t, a, ""); c.Floor == nil || c.Floor.Share != 1 {
		t.Errorf("the rebuilt floor is %+v, want 10 of 10", c.Floor)
	}
	s = newSetup(t, auditText, singlesProbe, map[string]*fake{"full": {answer: number}, "small": {answer: number}})
	s.run(t)
	evidence = filepath.Join(s.options().Dir, audit.EvidenceFile)
	asksTwice := planIn(t, s.dir, floorText, singlesProbe, audit.FileOptions{})
	a, err = asksTwice.Rebuild(t.Context(), evidence, audit.RunOptions{Clock: o.Clock})
	if err != nil {
		t.Fatal(err)
	}
	if c := comparison(t, a, ""); c.Floor != nil || len(a.Warnings) > 0 || a.Reference.Reused != 400 {
		t.Errorf("floor %+v with warnings %q and %d answers, want it unknown, none and 400", c.Floor, a.Warnings, a.Reference.Reused)
	}
}

func TestSmokeSizeAsksNothingTwice(t *testing.T) {
	full := &fake{answer: number}
	s := newSetup(t, floorText+"size: smoke\n", strings.Replace(singlesProbe, "count: 200", "count: 16", 1), map[string]*fake{"full": full, "small": {answer: number}})
	if s.run(t); full.total != 32 {
		t.Errorf("%d calls, want 32", full.total)
	}
}
