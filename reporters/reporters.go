// Package reporters renders a finished audit.
//
// It is opinionated. A reporter computes no statistic and no verdict: what it
// lacks belongs into package drift. Text that may come from a model is
// hostile: it is bounded, what does not print is shown escaped, and the rest is
// escaped for its target. What is undefined reads "?", a change whose interval
// holds zero is marked "~", and no rate stands without its n. A format is one
// file, registered by name.
package reporters

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// format is one way to render an audit.
type format struct {
	file   string // the usual name of the report's file
	doc    string // one line on what the format is for
	pairs  bool   // it shows [drift.Audit.Pairs]
	render func(*drift.Audit) ([]byte, error)
}

var registry = map[string]format{}

// register adds a format under the name by which users ask for it. A second
// registration of a name panics.
func register(name string, f format) bool {
	if _, taken := registry[name]; taken {
		panic(fmt.Sprintf("format %q is registered twice", name))
	}
	registry[name] = f
	return true
}

// Formats returns the names of all formats, sorted.
func Formats() []string {
	return slices.Sorted(maps.Keys(registry))
}

// Kept returns the formats that a run writes beside its evidence without being
// asked: json and pairs, of which every other is made again without a model,
// and those that people and CI look at first.
func Kept() []string {
	return []string{"json", "pairs", "html", "markdown", "junit"}
}

// Doc returns in one line what a format is for, empty for an unknown name.
func Doc(name string) string {
	return registry[name].doc
}

// Filename returns the usual name of a report's file, such as report.json,
// empty for an unknown name.
func Filename(name string) string {
	return registry[name].file
}

// NeedsPairs tells whether a format shows the pairs of an audit, which
// [ReadPairs] reads, false for an unknown name.
func NeedsPairs(name string) bool {
	return registry[name].pairs
}

// Write renders the audit in one of [Formats] and writes it in one piece.
func Write(name string, w io.Writer, a *drift.Audit) error {
	f, ok := registry[name]
	if !ok {
		return fmt.Errorf("unknown format %q: expected one of %s", name, strings.Join(Formats(), ", "))
	}
	report, err := f.render(a)
	if err != nil {
		return fmt.Errorf("render %s report: %w", name, err)
	}
	if _, err := w.Write(report); err != nil {
		return fmt.Errorf("write %s report: %w", name, err)
	}
	return nil
}
