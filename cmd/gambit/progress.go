package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress shows how far each model is. Its methods are called from one
// goroutine at a time.
type progress interface {
	note(audit.Progress)
	end()
}

// newProgress shows bars on a terminal, and a line from time to time elsewhere.
func newProgress(w io.Writer, f *audit.File) progress {
	if isTerminal(w) {
		return newBars(w)
	}
	return lines{audit.NewLine(f, time.Now, func(line string) { fmt.Fprintf(w, "gambit: %s\n", line) })}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// bars are one bar for each model.
type bars struct {
	container *mpb.Progress
	models    map[string]*mpb.Bar
}

var _ progress = (*bars)(nil)

func newBars(w io.Writer) *bars {
	return &bars{container: mpb.New(mpb.WithOutput(w), mpb.WithAutoRefresh()), models: map[string]*mpb.Bar{}}
}

func (b *bars) note(e audit.Progress) {
	bar, ok := b.models[e.Model]
	if !ok {
		bar = b.container.AddBar(int64(e.Total),
			mpb.PrependDecorators(decor.Name(e.Model, decor.WCSyncSpaceR), decor.CountersNoUnit("%d/%d", decor.WCSyncSpace)),
			mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO)))
		b.models[e.Model] = bar
	}
	bar.SetCurrent(int64(e.Done))
}

// end leaves unfinished bars as they are.
func (b *bars) end() {
	for _, bar := range b.models {
		bar.Abort(false)
	}
	b.container.Wait()
}

// lines are one line on all models from time to time.
type lines struct{ line *audit.Line }

var _ progress = lines{}

func (l lines) note(e audit.Progress) { l.line.Note(e) }
func (l lines) end()                  {}
