package main

import (
	"fmt"
	"io"
	"os"
	"strings"
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
	if file, ok := w.(*os.File); ok && isatty.IsTerminal(file.Fd()) {
		return newBars(w)
	}
	l := &lines{w: w, last: time.Now()}
	for _, m := range append([]audit.Model{f.Reference}, f.Candidates...) {
		l.models = append(l.models, audit.Progress{Model: m.Name})
	}
	return l
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

// lines are one line on all models, at most every pause.
type lines struct {
	w      io.Writer
	models []audit.Progress // in the order of the audit file
	last   time.Time        // of the last line
}

var _ progress = (*lines)(nil)

const pause = 10 * time.Second

func (l *lines) note(e audit.Progress) {
	for i := range l.models {
		if l.models[i].Model == e.Model {
			l.models[i] = e
		}
	}
	if now := time.Now(); now.Sub(l.last) >= pause {
		l.last = now
		l.print()
	}
}

func (l *lines) print() {
	var parts []string
	for _, m := range l.models {
		parts = append(parts, fmt.Sprintf("%s %d/%d", m.Model, m.Done, m.Total))
	}
	fmt.Fprintf(l.w, "gambit: %s\n", strings.Join(parts, ", "))
}

func (l *lines) end() {}
