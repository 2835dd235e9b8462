package models

import (
	"context"
	"sync"
)

// phase lets requests of one kind run together, and requests of two kinds one
// kind after the other. A llama-server that scores options while it writes
// text was measured to put parts of other prompts into the text.
type phase struct {
	mu      sync.Mutex
	kind    string
	running int
	idle    chan struct{} // closed when running falls to 0; nil while idle
}

// enter waits until no other kind runs. Leave must be called after it.
func (p *phase) enter(ctx context.Context, kind string) error {
	for {
		p.mu.Lock()
		if p.running == 0 || p.kind == kind {
			if p.running == 0 {
				p.idle = make(chan struct{})
			}
			p.kind = kind
			p.running++
			p.mu.Unlock()
			return nil
		}
		idle := p.idle
		p.mu.Unlock()
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *phase) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running--; p.running == 0 {
		close(p.idle)
	}
}
