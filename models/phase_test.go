package models

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func TestAPhaseHoldsOneKindAtATime(t *testing.T) {
	var p phase
	var mu sync.Mutex
	running := map[string]int{}
	var wg sync.WaitGroup
	for i := range 200 {
		kind := []string{"text", "options"}[i%2]
		wg.Go(func() {
			if err := p.enter(t.Context(), kind); err != nil {
				t.Error(err)
				return
			}
			defer p.leave()
			mu.Lock()
			running[kind]++
			if running["text"] > 0 && running["options"] > 0 {
				t.Error("text and options run together")
			}
			mu.Unlock()
			mu.Lock()
			running[kind]--
			mu.Unlock()
		})
	}
	wg.Wait()
}

func TestWaitingForAPhaseEndsWithTheContext(t *testing.T) {
	var p phase
	if err := p.enter(t.Context(), "text"); err != nil {
		t.Fatal(err)
	}
	defer p.leave()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.enter(ctx, "options"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if err := p.enter(ctx, "text"); err != nil {
		t.Errorf("the same kind waited: %v", err)
	}
	p.leave()
}
