package reporters

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("github", format{
	file:   "annotations.txt",
	doc:    "workflow commands: GitHub shows what did not pass at the YAML line of its probe",
	render: renderGitHub,
})

// maxAnnotations is how many annotations of a kind GitHub shows of one step.
const maxAnnotations = 10

// annotation is one workflow command.
type annotation struct {
	file  string // empty for the run as a whole
	line  int
	title string
	text  string
}

func renderGitHub(a *drift.Audit) ([]byte, error) {
	var blocking, shown []annotation
	for _, f := range findings(a) {
		one := annotation{f.file, f.line, f.title, f.text}
		if f.blocks() {
			blocking = append(blocking, one)
		} else {
			shown = append(shown, one)
		}
	}
	if why := distrust(a); why != "" {
		blocking = append([]annotation{{title: "controls", text: why}}, blocking...)
	}
	if len(blocking) == 0 {
		for _, r := range gateReasons(a.Gate) {
			blocking = append(blocking, annotation{title: headline(a), text: r})
		}
	}
	for _, w := range a.Warnings {
		shown = append(shown, annotation{title: "warning", text: sentence(w)})
	}
	var b bytes.Buffer
	command(&b, "error", blocking)
	command(&b, "warning", shown)
	command(&b, "notice", []annotation{{title: headline(a), text: strings.Join(policyLines(a), "\n")}})
	return b.Bytes(), nil
}

// command writes annotations of one kind. Where GitHub would drop some without
// a word, the last one says how many are left out.
func command(b *bytes.Buffer, kind string, list []annotation) {
	if more := len(list) - maxAnnotations; more > 0 {
		list = append(list[:maxAnnotations-1:maxAnnotations-1], annotation{
			title: fmt.Sprintf("%s more", count(more+1)), text: "GitHub shows 10 of a kind for each step: see the job summary for all",
		})
	}
	for _, a := range list {
		at := "title=" + commandProperty.Replace(a.title)
		if a.file != "" {
			at = fmt.Sprintf("file=%s,line=%d,%s", commandProperty.Replace(excerpt(a.file, maxQuoted)), max(1, a.line), at)
		}
		fmt.Fprintf(b, "::%s %s::%s\n", kind, at, commandText.Replace(a.text))
	}
}

// What ends a workflow command, or one of its properties, is escaped as the
// runner reads it.
var (
	commandText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
