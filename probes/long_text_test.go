package probes_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/probes"
	"github.com/google/go-cmp/cmp"
)

const needleProbe = `
probe: longrange.a.b
axes: {i: {count: %d}, depth: [0, 1], ask: [one, two]}
random: {n: {digits: 5}}
context:
  corpus: builtin:chronicle
  tokens: %d
  insert: [{text: "The number is {{n}}.", depth: "{{depth}}"}]
system: Be brief.
prompt: "{{context}} {{ask}}?\n{{context}}"
want: {any: ["{{n}}"]}
bundle: {over: [ask], relation: paired}
`

func TestAContextIsTheSameEachTimeItIsRead(t *testing.T) {
	text := fmt.Sprintf(needleProbe, 2, 200)
	again := parse(t, text, probes.LoadOptions{}).Cases()
	for i, c := range parse(t, text, probes.LoadOptions{}).Cases() {
		user := c.Steps[0].User()
		if diff := cmp.Diff(user, c.Steps[0].User()); diff != "" {
			t.Errorf("%s: read twice (-first +second):\n%s", c.ID, diff)
		}
		if user != again[i].Steps[0].User() || c.Hash() != again[i].Hash() {
			t.Errorf("%s: loaded twice it asks another question", c.ID)
		}
		if n := strings.Count(user, "The number is"); n != 2 || strings.Contains(user, "\x00") {
			t.Errorf("%s: the needle stands there %d times, want 2: %q", c.ID, n, user)
		}
	}
}

func TestCasesThatBeginAlikeHaveOneOpening(t *testing.T) {
	text := fmt.Sprintf(needleProbe, 1, 200)
	first := parse(t, text, probes.LoadOptions{}).Cases()
	second := parse(t, text, probes.LoadOptions{}).Cases()
	for i, a := range first {
		for j, b := range second {
			if got, want := a.Opening() == b.Opening(), i == j; got != want {
				t.Errorf("openings of %s and %s are equal: %v, want %v", a.ID, b.ID, got, want)
			}
		}
	}
	other := parse(t, strings.Replace(text, "Be brief", "Be long", 1), probes.LoadOptions{}).Cases()[0]
	if other.Opening() == first[0].Opening() {
		t.Error("another system message leaves the opening as it was")
	}
}

// Kept as texts the contexts below would take more than 50 MB.
func TestLongContextsTakeNoMemory(t *testing.T) {
	before := heap()
	p := parse(t, fmt.Sprintf(needleProbe, 25, 131072), probes.LoadOptions{})
	if grown := heap() - before; grown > 4<<20 {
		t.Errorf("100 cases with two contexts of 128k tokens each take %d bytes, want at most 4 MiB", grown)
	}
	if n := len(p.Cases()[0].Steps[0].User()); n < 2*400_000 {
		t.Errorf("the first prompt has %d bytes, want two contexts of 128k tokens", n)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestAUsersCorpusThatIsTooShortIsFoundOutEarly(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "book.txt"), []byte("It rained. The cart stood still. Nobody came."), 0o644); err != nil {
		t.Fatal(err)
	}
	text := "probe: edge.a.b\ncontext: {corpus: book.txt, tokens: %d}\nprompt: \"{{context}}\"\nwant: {any: [x]}\n"
	file := filepath.Join(dir, "probe.yaml")
	p, err := probes.Parse(file, fmt.Appendf(nil, text, 5), probes.LoadOptions{})
	if err != nil || !strings.Contains("It rained. The cart stood still. Nobody came.", p.Cases()[0].Steps[0].User()) {
		t.Errorf("got %v, want a part of the book", err)
	}
	_, err = probes.Parse(file, fmt.Appendf(nil, text, 500), probes.LoadOptions{})
	if err == nil || !strings.Contains(err.Error(), ":2:10: context: corpus is too short") {
		t.Errorf("got error %v, want one at the context that says that the corpus is too short", err)
	}
}
