package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWatchChecksWhatHasChanged(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "draft")
	write := func(name, text string) { // at once: no half of a file is seen
		if err := os.WriteFile(outside, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(outside, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write("a.yaml", "1")
	ticks := make(chan time.Time)
	checks := make(chan struct{}, 10)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		watch(ctx, []string{dir}, ticks, func() { checks <- struct{}{} })
	}()
	// A second tick is taken only once the first has been dealt with.
	look := func() {
		ticks <- time.Time{}
		ticks <- time.Time{}
	}
	for _, step := range []struct {
		what   string
		change func()
		want   int
	}{
		{"the start", func() {}, 1},
		{"nothing", func() {}, 1},
		{"a changed file", func() { write("a.yaml", "12") }, 2},
		{"a new file", func() { write("b.yaml", "1") }, 3},
		{"a file that went", func() { _ = os.Remove(filepath.Join(dir, "b.yaml")) }, 4},
	} {
		step.change()
		look()
		if len(checks) != step.want {
			t.Errorf("after %s: %d checks, want %d", step.what, len(checks), step.want)
		}
	}
	stop()
	<-ended
}
