package reporters_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/gambit-audit/gambit/drift"
)

// started is the browser, nil until a test asks for it.
var started context.Context

// chromium finds a browser and starts it, once for all tests that ask.
var chromium = sync.OnceValues(func() (context.Context, error) {
	binary, err := findChromium()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary), chromedp.NoSandbox)
	allocator, _ := chromedp.NewExecAllocator(context.Background(), options...)
	started, _ = chromedp.NewContext(allocator)
	return started, chromedp.Do(started)
})

// TestMain ends the browser with the tests.
func TestMain(m *testing.M) {
	status := m.Run()
	if started != nil {
		_ = chromedp.Cancel(started)
	}
	os.Exit(status)
}

func findChromium() (string, error) {
	if binary := os.Getenv("GAMBIT_CHROMIUM"); binary != "" {
		return exec.LookPath(binary)
	}
	for _, name := range []string{"chromium-headless-shell", "headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if binary, err := exec.LookPath(name); err == nil {
			return binary, nil
		}
	}
	return "", fmt.Errorf("no browser found: install chromium-headless-shell or chromium, or name a binary in GAMBIT_CHROMIUM")
}

// tab is a page in the browser, with all that it complained of and loaded.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	trouble  []string
	requests []string
}

// openPage shows a page from a file, in a tab of its own.
func openPage(t testing.TB, html string) *tab {
	t.Helper()
	browser, err := chromium()
	if err != nil {
		t.Skip(err)
	}
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.note); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(html), 0o644); err != nil {
		t.Fatal(err)
	}
	call(p, log.Enable, cdp.Empty{})
	call(p, network.Enable, network.EnableParams{})
	p.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate("file://"+file))
	return p
}

// note keeps what a page that loads nothing and breaks nowhere never does.
func (p *tab) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		p.trouble = append(p.trouble, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		p.trouble = append(p.trouble, "console: "+string(e.Type))
	case *log.EventEntryAdded:
		p.trouble = append(p.trouble, e.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		p.trouble = append(p.trouble, "dialog: "+e.Message)
	}
}

// quiet fails where the page complained, or loaded anything but itself.
func (p *tab) quiet() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.trouble) > 0 {
		p.t.Errorf("the page complains:\n%s", strings.Join(p.trouble, "\n"))
	}
	if len(p.requests) != 1 {
		p.t.Errorf("the page made %d requests, want 1, for itself: %q", len(p.requests), p.requests)
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// call sends one command of the protocol.
func call[P, R any](p *tab, command cdp.Command[P, R], params P) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, command, params); err != nil {
		p.t.Fatal(err)
	}
}

// eval gives the value of an expression, waiting for it where it is a promise.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%.200s: %v", expression, err)
	}
	return value
}

// settle runs statements and waits until the page has done what follows.
func (p *tab) settle(statements, until string) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`new Promise((done, fail) => {
		%s;
		const end = performance.now() + 20_000;
		const look = () => { if (%s) done(true); else if (performance.now() > end) fail(new Error("not reached")); else setTimeout(look, 5); };
		look();
	})`, statements, until))
}

// visibleRows are a column of the rows of the table that are not filtered out.
const visibleRows = `[...document.querySelectorAll("#table tbody tr")].filter(r => !r.hidden)`

func TestThePageShowsTheVerdictAndLoadsNothing(t *testing.T) {
	for situation, build := range audits {
		p := openPage(t, render(t, "html", build(t)))
		want := map[string]string{"mixed": "Gate not passed", "passed": "Gate passed", "empty": "Gate not passed"}[situation]
		if got := eval[string](p, `document.querySelector("h1").textContent`); got != want {
			t.Errorf("%s: the headline is %q, want %q", situation, got, want)
		}
		p.quiet()
	}
}

func TestTheTableIsFilteredAndSearched(t *testing.T) {
	a := richAudit(t)
	p := openPage(t, render(t, "html", a))
	fails := 0
	for _, c := range a.Comparisons {
		if c.Verdict == drift.VerdictFail {
			fails++
		}
	}
	set := func(name, value, want string) {
		t.Helper()
		p.settle(fmt.Sprintf(`const f = document.querySelector("#comparisons form"); f.elements[%q].value = %q; f.dispatchEvent(new Event("input"))`, name, value),
			fmt.Sprintf(`document.getElementById("shown").textContent === %q`, want))
	}
	total := len(a.Comparisons)
	set("verdict", "fail", fmt.Sprintf("%d of %d comparisons", fails, total))
	if got := eval[[]string](p, visibleRows+`.map(r => r.dataset.verdict)`); len(got) != fails || strings.Join(got, "") != strings.Repeat("fail", fails) {
		t.Errorf("shown are %q, want %d fails", got, fails)
	}
	set("text", "tail.facts MINORITY", fmt.Sprintf("1 of %d comparisons", total))
	set("verdict", "", fmt.Sprintf("6 of %d comparisons", total))
	set("text", "no such thing", fmt.Sprintf("0 of %d comparisons", total))
	p.settle(`document.querySelector("#comparisons button[type=reset]").click()`,
		fmt.Sprintf(`document.getElementById("shown").textContent === "%d of %d comparisons"`, total, total))
	p.quiet()
}

func TestTheTableIsSorted(t *testing.T) {
	p := openPage(t, render(t, "html", mixedAudit(t)))
	button := `document.querySelector("[data-sort=change] button")`
	values := func() []string { return eval[[]string](p, visibleRows+`.map(r => r.dataset.change)`) }
	p.settle(button+".click()", `document.querySelector("[aria-sort=ascending]") !== null && document.querySelector("#table tbody tr").dataset.change.startsWith("-0.6")`)
	up := values()
	if up[len(up)-1] != "" {
		t.Errorf("the last is %q, want the undefined change", up[len(up)-1])
	}
	p.settle(button+".click()", `document.querySelector("[aria-sort=descending]") !== null && !document.querySelector("#table tbody tr").dataset.change.startsWith("-0.6")`)
	down := values()
	if down[len(down)-1] != "" || down[0] != up[len(up)-2] {
		t.Errorf("downwards is %q after upwards %q, want the reverse with the undefined last", down, up)
	}
	p.quiet()
}

func TestARowOpensItsAnswers(t *testing.T) {
	p := openPage(t, render(t, "html", mixedAudit(t)))
	p.settle(visibleRows+`[0].querySelector(".more").click()`, `document.querySelector("tr.opened .flip") !== null`)
	if got := eval[int](p, `document.querySelectorAll("tr.opened .flip").length`); got != 2 {
		t.Errorf("%d flips, want 2", got)
	}
	if got := eval[string](p, `document.querySelector("tr.opened blockquote mark").textContent`); got != "May" {
		t.Errorf("marked is %q, want what the other answer lacks, May", got)
	}
	p.settle(visibleRows+`[0].querySelector(".more").click()`, `document.querySelector("tr.opened") === null`)
	p.quiet()
}

func TestPairsAreBrowsed(t *testing.T) {
	p := openPage(t, render(t, "html", richAudit(t)))
	found := func(want string) string {
		return fmt.Sprintf(`document.getElementById("found").textContent === %q`, want)
	}
	// Of 120 pairs of each candidate 12 are lost and 6 gained.
	p.settle(`document.getElementById("open").click()`, found("1 to 20 of 36 pairs"))
	p.settle(`document.getElementById("on").click()`, found("21 to 36 of 36 pairs"))
	choose := func(name, value, want string) {
		t.Helper()
		p.settle(fmt.Sprintf(`const f = document.querySelector("#browse form"); f.elements[%q].value = %q; f.dispatchEvent(new Event("input"))`, name, value), found(want))
	}
	if got := eval[[]string](p, `[...document.querySelectorAll("#list .flip:first-child .answer strong")].map(e => e.textContent)`); !cmp.Equal(got, []string{"full", "q5"}) {
		t.Errorf("the answers are those of %q, want full and q5", got)
	}
	choose("kind", "gained", "1 to 12 of 12 pairs")
	choose("candidate", "q5", "1 to 6 of 6 pairs")
	choose("kind", "undecided", "1 to 3 of 3 pairs")
	choose("kind", "", "1 to 20 of 120 pairs")
	choose("text", "feast-013 NEVER", "1 to 1 of 1 pairs")
	choose("text", "nowhere", "no pair fits")
	p.quiet()
}

// outside counts what a page has beyond its own elements.
const outside = `[document.querySelectorAll("img, iframe, object, embed, link, base, form[action], a[href^=http]").length,
	document.querySelectorAll("script").length, document.querySelectorAll("[onerror], [onclick], [onload]").length].join()`

func TestHostileTextStaysText(t *testing.T) {
	for _, text := range []string{
		hostile, `"><img src=x onerror=alert(1)><script>alert(2)</script>`, "</script><script>alert(3)</script>", "</style><img src=http://example.org/x>",
		"]]>", "\x00\x1b[2J\u202e\u2066", "'-alert(4)-'", "{{.}}", "javascript:alert(5)", "\ue000\ue001\ue000", strings.Repeat("long ", 200_000),
	} {
		a := richAudit(t)
		spoil(reflect.ValueOf(a).Elem(), text)
		html := render(t, "html", a)
		checkVisible(t, "html", html)
		p := openPage(t, html)
		p.settle(visibleRows+`[0].querySelector(".more").click()`, `document.querySelector("tr.opened .place") !== null`)
		p.settle(`document.getElementById("open").click()`, `document.querySelector("#list .flip") !== null`)
		if got := eval[string](p, outside); got != "0,3,0" {
			t.Errorf("%.40q: foreign elements, scripts and handlers are %s, want 0,3,0", text, got)
		}
		p.quiet()
	}
}

func TestALongTableIsNotAllInThePageAtOnce(t *testing.T) {
	a := manyComparisons(t, 2000)
	p := openPage(t, render(t, "html", a))
	if got := eval[int](p, visibleRows+".length"); got != 100 {
		t.Errorf("%d rows at first, want 100", got)
	}
	p.settle(`const f = document.querySelector("#comparisons form"); f.elements.text.value = "p01999"; f.dispatchEvent(new Event("input"))`,
		`document.getElementById("shown").textContent.startsWith("1 of ")`)
	if got := eval[[]string](p, visibleRows+`.map(r => r.querySelector(".probe").textContent)`); !cmp.Equal(got, []string{"long.series.p01999"}) {
		t.Errorf("found %q, want the one from the compressed part", got)
	}
	p.quiet()
}

func TestThePageFitsAPhone(t *testing.T) {
	p := openPage(t, render(t, "html", richAudit(t)))
	p.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	if got := eval[int](p, "document.scrollingElement.scrollWidth"); got > 360 {
		t.Errorf("the page is %d wide, want 360 or less", got)
	}
}

func TestThePagePrintsWithoutItsControls(t *testing.T) {
	p := openPage(t, render(t, "html", richAudit(t)))
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if got := eval[int](p, `[...document.querySelectorAll("nav, form, .more, #browse")].filter(e => e.checkVisibility()).length`); got != 0 {
		t.Errorf("%d controls would be printed, want none", got)
	}
	eval[bool](p, `dispatchEvent(new Event("beforeprint"))`)
	if got := eval[int](p, `document.querySelectorAll("details:not([open])").length`); got != 0 {
		t.Errorf("%d details stay closed on paper, want none", got)
	}
}

// violation is a rule of axe-core that a page breaks.
type violation struct {
	ID, Impact string
	Nodes      []struct{ HTML, FailureSummary string }
}

func TestThePageIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(os.Getenv("GAMBIT_AXE"))
	if err != nil {
		t.Skip("name axe.min.js of the npm package axe-core in GAMBIT_AXE to check the accessibility of the pages")
	}
	views := map[string]func(*tab){
		"light": func(*tab) {},
		"dark": func(p *tab) {
			call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
			})
		},
		"phone": func(p *tab) { p.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile)) },
	}
	for view, set := range views {
		t.Run(view, func(t *testing.T) {
			p := openPage(t, render(t, "html", richAudit(t)))
			set(p)
			p.settle(visibleRows+`[0].querySelector(".more").click()`, `document.querySelector("tr.opened .place") !== null`)
			p.settle(`document.getElementById("open").click()`, `document.querySelector("#list .flip") !== null`)
			p.accessible(string(axe))
		})
	}
}

// accessible fails where axe-core finds a violation that is serious.
func (p *tab) accessible(axe string) {
	p.t.Helper()
	eval[bool](p, axe+"; true")
	found := eval[[]violation](p, `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations)`)
	for _, v := range found {
		p.t.Errorf("%s (%s), %d times, first: %s\n%s", v.ID, v.Impact, len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
	}
}
