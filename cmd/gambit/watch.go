package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"
)

// stamp is what tells one state of a file from another.
type stamp struct {
	size     int64
	modified time.Time
}

// stamps are the files below the paths. What cannot be read has none, and so
// differs from what can.
func stamps(paths []string) map[string]stamp {
	found := map[string]stamp{}
	for _, path := range paths {
		_ = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil
			}
			if info, err := os.Stat(name); err == nil {
				found[name] = stamp{info.Size(), info.ModTime()}
			}
			return nil
		})
	}
	return found
}

// watch calls check now and, at a tick, again wherever a file has changed since
// the last call, until ctx ends. It looks rather than being told, which works
// on every kind of file system.
func watch(ctx context.Context, paths []string, ticks <-chan time.Time, check func()) {
	var last map[string]stamp
	for {
		if now := stamps(paths); last == nil || !maps.Equal(now, last) {
			last = now
			check()
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
	}
}

// lintWatching lints again and again, until it is interrupted.
func lintWatching(ctx context.Context, c console, paths []string) (int, error) {
	ticker := time.NewTicker(300 * time.Millisecond)
	defer ticker.Stop()
	watch(ctx, paths, ticker.C, func() {
		fmt.Fprintf(c.out, "── %s\n", time.Now().Format(time.TimeOnly))
		if _, err := lint(c, paths); err != nil {
			fmt.Fprintln(c.err, err)
		}
	})
	return statusOK, nil
}
