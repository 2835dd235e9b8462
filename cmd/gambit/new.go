package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/probes"
	"github.com/mattn/go-isatty"
)

// newFlags are the flags of `gambit new`.
type newFlags struct {
	dir, harm, about, prompt, want string
}

var newCommand = command{
	name: "new",
	args: "probe ID [--dir DIR] [--harm HARM] [--about TEXT] [--prompt TEXT --want TEXT]",
	text: "write a commented probe file to start from; on a terminal it asks for what no flag gives",
	setup: func(flags *flag.FlagSet) action {
		f := new(newFlags)
		flags.StringVar(&f.dir, "dir", "probes", "write it into `dir`")
		flags.StringVar(&f.harm, "harm", "", "the `harm` it tests: "+strings.Join(probes.Harms, ", "))
		flags.StringVar(&f.about, "about", "", "what it tests, in one `sentence`")
		flags.StringVar(&f.prompt, "prompt", "", "the `question`")
		flags.StringVar(&f.want, "want", "", "a `text` that the right answer holds")
		return f.write
	},
}

func (f *newFlags) write(c console, args []string) (int, error) {
	if len(args) != 2 || args[0] != "probe" {
		return statusUsage, errors.New("expected: probe ID, such as probe edge.dates.leap_day")
	}
	id := args[1]
	if isatty.IsTerminal(os.Stdin.Fd()) {
		f.ask(bufio.NewReader(os.Stdin), c.out)
	}
	if (f.prompt == "") != (f.want == "") {
		return statusUsage, errors.New("expected --prompt and --want together")
	}
	text := f.text(id)
	path := filepath.Join(f.dir, id+".yaml")
	if _, err := probes.Parse(path, []byte(text), probes.LoadOptions{}); err != nil {
		return statusUsage, err
	}
	if _, err := os.Lstat(path); err == nil {
		return statusUsage, fmt.Errorf("%s is there already: expected another id, or another --dir", path)
	}
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return statusUsage, err
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return statusUsage, err
	}
	fmt.Fprintf(c.out, "%s\n\nNext:\n  gambit show %s\n  gambit lint %s\n", path, path, path)
	return statusOK, nil
}

// ask asks for what no flag gave; an empty line keeps the example.
func (f *newFlags) ask(in *bufio.Reader, out io.Writer) {
	for _, q := range []struct {
		question string
		answer   *string
	}{
		{"What does it test, in one sentence?", &f.about},
		{"The question to ask (empty: an example)?", &f.prompt},
		{"A text that the right answer holds?", &f.want},
	} {
		if *q.answer != "" || q.answer == &f.want && f.prompt == "" {
			continue
		}
		fmt.Fprintf(out, "%s ", q.question)
		line, _ := in.ReadString('\n') // an end of input is an empty answer
		*q.answer = strings.TrimSpace(line)
	}
}

// text is the new file.
func (f *newFlags) text(id string) string {
	pack, _, _ := strings.Cut(id, ".")
	harm, about := f.harm, f.about
	if harm == "" {
		harm = probes.PackHarm[pack]
	}
	if harm == "" {
		harm = "edge-case"
	}
	if about == "" {
		about = "Say in one sentence what a good model does here."
	}
	head := fmt.Sprintf(`# yaml-language-server: $schema=https://raw.githubusercontent.com/gambit-audit/gambit/main/docs/schemas/probe.schema.json
probe: %s
version: 1 # raise it when the meaning of a case changes
harm: %s # or %s
about: %s
source: Own text. # of the construct, and of every fact and figure
`, id, harm, strings.Join(others(probes.Harms, harm), ", "), strconv.Quote(about))
	if f.prompt == "" {
		return head + exampleBody
	}
	return head + fmt.Sprintf("prompt: %s\nwant: {any: [%s]} # one of these texts is in the answer, as whole words\n",
		strconv.Quote(f.prompt), strconv.Quote(f.want))
}

// exampleBody stands where no question was given: an example to replace.
const exampleBody = `axes: # every combination of the axes is one case; list at least thirty of a group for a verdict
  animal:
    - {id: dog, young: puppy, known: well}
    - {id: cat, young: kitten, known: well}
    - {id: swan, young: cygnet, known: little}
    - {id: hare, young: leveret, known: little}
  wording:
    - "What is the young of a {{animal.id}} called?"
    - "Give the name for a young {{animal.id}}."
prompt: "{{wording}} Answer with one word."
want: {any: ["{{animal.young}}"]} # one of these texts is in the answer, as whole words
compare: {by: [animal.known]} # each group gets a verdict of its own
cluster: animal # cases that share this are correlated
`

func others(list []string, without string) []string {
	var out []string
	for _, x := range list {
		if x != without {
			out = append(out, x)
		}
	}
	return out
}
