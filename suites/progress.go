package suites

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gambit-audit/gambit/audit"
	"github.com/onsi/ginkgo/v2"
)

// pause is the least time between two lines of progress.
const pause = 10 * time.Second

// progress keeps how far each model is and says so from time to time.
type progress struct {
	w io.Writer

	mu     sync.Mutex
	models []audit.Progress // in the order of the audit file
	last   time.Time        // of the last line
}

// newProgress writes to standard error, or nowhere where Ginkgo runs several
// processes and would show the lines as the output of some spec.
func newProgress(f *audit.File) *progress {
	p := &progress{w: os.Stderr, last: time.Now()}
	if c, _ := ginkgo.GinkgoConfiguration(); c.ParallelTotal > 1 {
		p.w = io.Discard
	}
	for _, m := range append([]audit.Model{f.Reference}, f.Candidates...) {
		p.models = append(p.models, audit.Progress{Model: m.Name})
	}
	return p
}

func (p *progress) note(e audit.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.models {
		if p.models[i].Model == e.Model {
			p.models[i] = e
		}
	}
	if now := time.Now(); now.Sub(p.last) >= pause {
		p.last = now
		fmt.Fprintf(p.w, "\ngambit: %s\n", p.line())
	}
}

// String is the progress as Ginkgo shows it on request.
func (p *progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return "gambit: " + p.line()
}

func (p *progress) line() string {
	var parts []string
	for _, m := range p.models {
		parts = append(parts, fmt.Sprintf("%s %d/%d", m.Model, m.Done, m.Total))
	}
	return strings.Join(parts, ", ")
}
