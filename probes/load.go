package probes

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/strictyaml"
	"golang.org/x/sync/errgroup"
)

// LoadOptions are what a suite of probes is loaded for.
type LoadOptions struct {
	// Dir is the folder that relative sources start from; empty is the
	// working directory.
	Dir string
	// Size is the size to expand; empty is Standard.
	Size Size
	// Seed is the audit's seed, part of every random draw.
	Seed uint64
	// Margin and GroupMargin are the accepted drops in (0,1) over all cases and
	// in a group, for warnings on what is too small for them; 0 is 0.05 and 0.10.
	Margin, GroupMargin float64
}

// filled has the defaults where o is silent.
func (o LoadOptions) filled() LoadOptions {
	if o.Size == "" {
		o.Size = Standard
	}
	if o.Margin == 0 {
		o.Margin = 0.05
	}
	if o.GroupMargin == 0 {
		o.GroupMargin = 0.10
	}
	return o
}

// Load reads and expands the probes that sources name: builtin, builtin:PACK,
// builtin:PROBE, folders and files. It reports every problem of every file at
// once, each as file:line:col: what, expected what.
func Load(sources []string, o LoadOptions) (*Suite, error) {
	o = o.filled()
	if !slices.Contains(sizes, o.Size) {
		return nil, fmt.Errorf("size %q: expected one of \"full\", \"smoke\", \"standard\"", o.Size)
	}
	var files []source
	var errs []error
	for _, entry := range sources {
		found, err := find(entry, o.Dir)
		errs = append(errs, err)
		for _, f := range found {
			if !slices.ContainsFunc(files, func(g source) bool { return g.name == f.name && g.fsys == f.fsys }) {
				files = append(files, f)
			}
		}
	}
	suite := &Suite{}
	warned := map[*Probe][]error{}
	for _, l := range parseAll(files, o) {
		errs = append(errs, l.err)
		if l.probe != nil {
			suite.Probes, warned[l.probe] = append(suite.Probes, l.probe), l.warnings
		}
	}
	slices.SortStableFunc(suite.Probes, func(a, b *Probe) int { return strings.Compare(a.ID, b.ID) })
	errs = append(errs, duplicateIDs(suite.Probes))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(suite.Probes) == 0 {
		return nil, fmt.Errorf("no probes: expected at least one source such as builtin:edge or ./probes")
	}
	for _, p := range suite.Probes {
		suite.Warnings = append(suite.Warnings, warned[p]...)
	}
	return suite, nil
}

// loaded is what came of one file; probe is nil where it could not be read.
type loaded struct {
	probe    *Probe
	warnings []error
	err      error
}

// maxHeld is how many cases a suite may have for its probes to hold them. With
// more they make them when they are asked: a million would fill a gigabyte.
const maxHeld = 100_000

// parseAll parses and expands the files, as many at a time as there are
// processors, and keeps their order.
func parseAll(files []source, o LoadOptions) []loaded {
	list := make([]loaded, len(files))
	var mu sync.Mutex
	held := 0
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range files {
		g.Go(func() error {
			l := load(f, o)
			mu.Lock()
			defer mu.Unlock()
			list[i] = l
			if l.probe != nil {
				held += l.probe.Count()
			}
			if held > maxHeld {
				forget(list)
			}
			return nil
		})
	}
	_ = g.Wait() // the errors are in the list
	return list
}

// forget lets go the cases of all that is loaded so far.
func forget(list []loaded) {
	for _, l := range list {
		if l.probe != nil {
			l.probe.brief = true
			l.probe.Forget()
		}
	}
}

func load(f source, o LoadOptions) (l loaded) {
	data, err := f.data()
	if err != nil {
		return loaded{err: err}
	}
	l.probe, l.err = parseFile(f, data, o)
	if l.err == nil {
		l.warnings = warnings(l.probe, o)
	}
	return l
}

// Parse loads one probe from memory; file names it in errors. Tables and
// corpora are read from beside file.
func Parse(file string, data []byte, o LoadOptions) (*Probe, error) {
	o = o.filled()
	return parseFile(source{name: file, show: file}, data, o)
}

// ParseFS loads one probe out of a file system that also holds its tables; show
// names the file in errors and reports.
func ParseFS(fsys fs.FS, name, show string, o LoadOptions) (*Probe, error) {
	o = o.filled()
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return parseFile(source{fsys: fsys, name: name, show: show}, data, o)
}

// Add puts further probes into the suite, in order of their ids. An id that is
// there already is an error.
func (s *Suite) Add(o LoadOptions, added ...*Probe) error {
	o = o.filled()
	all := append(slices.Clone(s.Probes), added...)
	if err := duplicateIDs(all); err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b *Probe) int { return strings.Compare(a.ID, b.ID) })
	s.Probes = all
	for _, p := range added {
		s.Warnings = append(s.Warnings, warnings(p, o)...)
	}
	return nil
}

func parseFile(f source, data []byte, o LoadOptions) (*Probe, error) {
	s := &spec{File: &strictyaml.File{Name: f.show}, dir: f, size: o.Size, seed: o.Seed, probe: &Probe{File: f.show}}
	s.probe.written = s
	root, ok := s.Document(data, "a probe")
	if !ok {
		return s.probe, s.Err()
	}
	s.parse(root)
	if len(s.Problems) == s.Unexpected {
		s.expand()
	}
	return s.probe, s.Err()
}

// duplicateIDs finds ids and aliases that are used twice.
func duplicateIDs(list []*Probe) error {
	var errs []error
	used := map[string]*Probe{}
	for _, p := range list {
		for _, id := range append([]string{p.ID}, p.Aliases...) {
			if id == "" {
				continue
			}
			if other := used[id]; other != nil {
				errs = append(errs, fmt.Errorf("%s:%d:1: id %q is used already at %s:%d: expected an id of its own",
					p.File, p.Line, id, other.File, other.Line))
				continue
			}
			used[id] = p
		}
	}
	return errors.Join(errs...)
}

// warnings are what a probe's author should know.
func warnings(p *Probe, o LoadOptions) []error {
	var list []error
	warn := func(key, format string, args ...any) {
		list = append(list, strictyaml.Position(p.File, p.written.key(key), format, args...))
	}
	if o.Size == Smoke && len(p.Cases()) > 32 {
		warn("probe", "%d cases at smoke size: expected at most 32", len(p.Cases()))
	}
	clusters := map[string]bool{}
	for _, c := range p.Cases() {
		clusters[c.Cluster] = true
	}
	if len(clusters) == 1 && len(p.Cases()) > 1 {
		warn("cluster", "all %d cases are one cluster: the verdict can only be inconclusive; expected several values of the cluster", len(p.Cases()))
	}
	if why := p.judgedWarning(); why != "" {
		warn("anchors", "%s", why)
	}
	if o.Size == Smoke {
		return list
	}
	for _, text := range unusedGroups(p) {
		warn("compare", "%s", text)
	}
	floor, err := drift.NIFloor(o.GroupMargin, alpha)
	if err != nil {
		return append(list, err)
	}
	for _, g := range slices.Sorted(slices.Values(p.groups()[1:])) {
		units := p.Units(g)
		if len(units) >= floor {
			continue
		}
		prospect, err := drift.NewProspect(clusterSizes(units), 0, o.GroupMargin, alpha)
		if err != nil {
			return append(list, err)
		}
		have := p.counted(prospect.N)
		if prospect.Clusters < prospect.N {
			have += " in " + plural(prospect.Clusters, "cluster")
		}
		warn("compare", "group %s has %s: need >= %d to pass at margin %g", g, have, prospect.N+prospect.AddToPass, o.GroupMargin)
	}
	return list
}

// alpha is the error of the verdicts that warnings plan with.
const alpha = 0.05

// counted names n units.
func (p *Probe) counted(n int) string {
	if p.Bundled() {
		return plural(n, "bundle")
	}
	return plural(n, "case")
}

// plural is "1 case", "2 cases".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
