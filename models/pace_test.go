package models

import (
	"context"
	"errors"
	"testing"
)

// enterAll begins attempts until one would have to wait.
func enterAll(t *testing.T, p *pace) []int {
	t.Helper()
	var epochs []int
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for {
		epoch, err := p.enter(done)
		if errors.Is(err, context.Canceled) {
			return epochs
		}
		epochs = append(epochs, epoch)
	}
}

func TestThePaceIsHalvedByARefusalAndRecovers(t *testing.T) {
	p := newPace(16)
	epochs := enterAll(t, p)
	if len(epochs) != 16 {
		t.Fatalf("%d attempts at once, want 16", len(epochs))
	}
	// A burst of refusals of attempts that began together counts once.
	for _, e := range epochs {
		p.leave(e, true)
	}
	epochs = enterAll(t, p)
	if len(epochs) != 8 {
		t.Fatalf("after a refusal %d attempts at once, want 8", len(epochs))
	}
	for _, e := range epochs { // a round of answers is worth one more
		p.leave(e, false)
	}
	epochs = enterAll(t, p)
	if n := len(epochs); n < 8 || n > 9 {
		t.Fatalf("after a round of answers %d attempts at once, want 8 or 9", n)
	}
	for range 10 {
		for _, e := range epochs {
			p.leave(e, true)
		}
		epochs = enterAll(t, p)
	}
	if len(epochs) != 1 {
		t.Errorf("after many refusals %d attempts at once, want 1", len(epochs))
	}
	for range 200 {
		for _, e := range epochs {
			p.leave(e, false)
		}
		epochs = enterAll(t, p)
	}
	if len(epochs) != 16 {
		t.Errorf("after many answers %d attempts at once, want 16 and no more", len(epochs))
	}
}

func TestOnlyTheServersWordThatItIsTooMuchLowersThePace(t *testing.T) {
	for code, want := range map[int]float64{429: 4.25, 529: 4.25, 500: 8, 503: 8} {
		f := chatServer(t, status(code))
		s := openaiSpec(f)
		s.Concurrency = 8
		m, _ := openFake(t, s)
		if r := ask(t, m, question("Where?")); r.Error != nil {
			t.Fatal(r.Error)
		}
		if got := m.client.Transport.(*transport).limit.limit; got != want {
			t.Errorf("after HTTP %d and an answer the limit is %g, want %g", code, got, want)
		}
	}
}
