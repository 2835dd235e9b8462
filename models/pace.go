package models

import (
	"context"
	"sync"
)

// pace bounds the attempts in flight, and finds the bound that a server bears:
// it is halved when the server says that there are too many, and grows by one
// for each round of answers (additive increase and multiplicative decrease:
// Chiu and Jain, 1989). It never exceeds the concurrency that was asked for.
type pace struct {
	mu      sync.Mutex
	most    float64
	limit   float64 // in [1,most]
	running int
	// epoch counts the times that the limit was lowered: refusals of attempts
	// that began before the last one say nothing new.
	epoch int
	freed chan struct{} // closed, and made anew, when an attempt may begin
}

func newPace(most int) *pace {
	return &pace{most: float64(most), limit: float64(most), freed: make(chan struct{})}
}

// enter waits until an attempt may begin, and returns what leave takes.
func (p *pace) enter(ctx context.Context) (epoch int, err error) {
	for {
		p.mu.Lock()
		if float64(p.running) < p.limit {
			p.running++
			epoch = p.epoch
			p.mu.Unlock()
			return epoch, nil
		}
		freed := p.freed
		p.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// leave ends an attempt. Refused tells that the server had too many.
func (p *pace) leave(epoch int, refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	switch {
	case !refused:
		p.limit = min(p.most, p.limit+1/p.limit)
	case epoch == p.epoch:
		p.limit = max(1, p.limit/2)
		p.epoch++
	}
	close(p.freed)
	p.freed = make(chan struct{})
}
