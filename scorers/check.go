package scorers

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/strictyaml"
)

// unmet is a check on the form of a text that answers a question. It says in a
// few words what is amiss, and "" where the check is met.
type unmet func(text, question string) string

// checkConstructor makes a check from its argument, a rendered YAML value.
type checkConstructor func(arg any) (unmet, error)

type checkEntry struct {
	construct checkConstructor
	doc       string
}

var checkRegistry = map[string]checkEntry{}

// registerCheck adds a check under the name that it has in YAML, with one line
// that says its rule. A second registration of a name panics.
func registerCheck(name string, construct checkConstructor, doc string) bool {
	if _, taken := checkRegistry[name]; taken {
		panic(fmt.Sprintf("check %q is registered twice", name))
	}
	checkRegistry[name] = checkEntry{construct, doc}
	return true
}

// CheckNames returns the names of all checks of `constraints`, sorted.
func CheckNames() []string {
	return slices.Sorted(maps.Keys(checkRegistry))
}

// CheckDoc returns the rule of a check in one line, empty for an unknown name.
func CheckDoc(name string) string {
	return checkRegistry[name].doc
}

func newCheck(name string, arg any) (unmet, error) {
	found, ok := checkRegistry[name]
	if !ok {
		return nil, fmt.Errorf("unknown check %q: %sexpected one of %s", name, strictyaml.DidYouMean(name, CheckNames()), strings.Join(CheckNames(), ", "))
	}
	check, err := found.construct(arg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return check, nil
}

// demanded is the constructor of a check that takes no other argument than
// true.
func demanded(check unmet) checkConstructor {
	return func(arg any) (unmet, error) {
		if arg != true {
			return nil, expected("true (leave the check out to demand nothing)", arg)
		}
		return check, nil
	}
}

// bounds are the accepted numbers of something, both ends included.
type bounds struct {
	least int
	most  int // math.MaxInt is no limit
}

// unbounded are the bounds that every number meets.
var unbounded = bounds{0, math.MaxInt}

var boundNames = []string{"exactly", "at_least", "at_most", "more_than", "less_than"}

// readBounds reads a number, which means exactly, or a map of bounds.
func readBounds(arg any) (bounds, error) {
	if n, err := readCount(arg); err == nil {
		return bounds{n, n}, nil
	}
	if _, isMap := arg.(map[string]any); !isMap {
		return bounds{}, expected("a whole number from 0 or a map with "+strings.Join(boundNames, ", "), arg)
	}
	f, err := readFields(arg, boundNames...)
	if err != nil {
		return bounds{}, err
	}
	return f.bounds()
}

// bounds reads the bounds among the options; at least one must be given.
func (f fields) bounds() (bounds, error) {
	b := unbounded
	given := false
	for _, name := range boundNames {
		if _, ok := f[name]; !ok {
			continue
		}
		given = true
		n, err := need(f, name, readCount)
		if err != nil {
			return b, err
		}
		b = b.narrowed(name, n)
	}
	if !given {
		return b, errors.New("expected one of " + strings.Join(boundNames, ", "))
	}
	if b.least > b.most {
		return b, errors.New("expected bounds that some number meets")
	}
	if b == unbounded {
		return b, errors.New("expected bounds that some number misses")
	}
	return b, nil
}

func (b bounds) narrowed(name string, n int) bounds {
	switch name {
	case "exactly":
		return bounds{max(b.least, n), min(b.most, n)}
	case "at_least":
		b.least = max(b.least, n)
	case "more_than":
		b.least = max(b.least, n+1)
	case "at_most":
		b.most = min(b.most, n)
	case "less_than":
		b.most = min(b.most, n-1)
	}
	return b
}

func (b bounds) String() string {
	switch {
	case b.least == b.most:
		return fmt.Sprintf("exactly %d", b.least)
	case b.most == math.MaxInt:
		return fmt.Sprintf("at least %d", b.least)
	case b.least == 0:
		return fmt.Sprintf("at most %d", b.most)
	}
	return fmt.Sprintf("from %d to %d", b.least, b.most)
}

// counted is the check that what is counted in a text keeps to the bounds.
func (b bounds) counted(count func(text string) int) unmet {
	return func(text, _ string) string {
		n := count(text)
		if n < b.least || n > b.most {
			return fmt.Sprintf("want %v, got %d", b, n)
		}
		return ""
	}
}

// counting is the constructor of a check that takes bounds alone.
func counting(count func(text string) int) checkConstructor {
	return func(arg any) (unmet, error) {
		b, err := readBounds(arg)
		return b.counted(count), err
	}
}
