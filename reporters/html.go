package reporters

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("html", format{
	file:   "report.html",
	doc:    "one page for people, complete in itself: verdict first, tables to sort and filter, plots, both answers side by side",
	pairs:  true,
	render: renderHTML,
})

//go:embed html/*.tmpl html/*.css html/*.js
var webFiles embed.FS

// webFile is a file of the pages' own, never text from outside.
func webFile(name string) string {
	data, err := webFiles.ReadFile("html/" + name)
	if err != nil {
		panic(err) // the file is embedded
	}
	return string(data)
}

var webTemplates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"px": px, "said": said, "pieces": pieces, "count": count}).ParseFS(webFiles, "html/*.tmpl"))
})

// webFrame is what every page of ours has around its content.
type webFrame struct {
	Title string
	// Policy is a Content-Security-Policy: the page may run its own script and
	// use its own styles, and may load nothing at all.
	Policy string
	Style  template.CSS
	Script template.JS
}

func newWebFrame(title, script string) webFrame {
	style := webFile("page.css")
	return webFrame{
		Title:  title,
		Policy: fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hashSource(style), hashSource(script)),
		Style:  template.CSS(style),
		Script: template.JS(script),
	}
}

// hashSource allows one text, as Content Security Policy 3 writes its hash.
func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func renderHTML(a *drift.Audit) ([]byte, error) {
	p, err := newWebPage(a)
	if err != nil {
		return nil, err
	}
	return executeWeb("page", p)
}

func executeWeb(template string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := webTemplates().ExecuteTemplate(&b, template, data); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// renderPart renders what the page shows later, as the template would have
// shown it at once.
func renderPart(template string, data any) (string, error) {
	html, err := executeWeb(template, data)
	return strings.TrimSpace(string(html)), err
}

// said is a verdict as a line of its own.
func said(verdict string) webLine { return webLine{Class: verdict, Word: verdict} }

// pieces splits a name where a line may break.
func pieces(name string) []string {
	var list []string
	start := 0
	for i, r := range name {
		if strings.ContainsRune("._=/", r) {
			list = append(list, name[start:i+1])
			start = i + 1
		}
	}
	return append(list, name[start:])
}
