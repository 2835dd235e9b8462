package scorers

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/strictyaml"
)

// constructor makes a scorer from its argument, a rendered YAML value: nil,
// bool, int, float64, string, []any or map[string]any. Its errors say what was
// expected and do not repeat the scorer's name.
type constructor func(arg any, ctx Context) (Scorer, error)

type entry struct {
	construct constructor
	doc       string
}

var registry = map[string]entry{}

// register adds a scorer under the name that it has in YAML, with one line
// that says its rule. A second registration of a name panics.
func register(name string, construct constructor, doc string) bool {
	if _, taken := registry[name]; taken {
		panic(fmt.Sprintf("scorer %q is registered twice", name))
	}
	registry[name] = entry{construct, doc}
	return true
}

// Names returns the names of all scorers, sorted.
func Names() []string {
	return slices.Sorted(maps.Keys(registry))
}

// Doc returns the rule of a scorer in one line, empty for an unknown name.
func Doc(name string) string {
	return registry[name].doc
}

// New makes the scorer of that name. The argument is a rendered YAML value:
// nil, bool, int, float64, string, []any or map[string]any. All of it is
// checked here, so that scoring cannot go wrong later.
func New(name string, arg any, ctx Context) (Scorer, error) {
	found, ok := registry[name]
	if !ok {
		return nil, fmt.Errorf("unknown scorer %q: %sexpected one of %s", name, strictyaml.DidYouMean(name, Names()), strings.Join(Names(), ", "))
	}
	scorer, err := found.construct(arg, ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return scorer, nil
}

// Parse makes the scorer of a `want` value: a map with one scorer's name, or a
// list of such maps that must all hold. Problems of a list are reported
// together.
func Parse(want any, ctx Context) (Scorer, error) {
	switch want := want.(type) {
	case map[string]any:
		return parseMap(want, ctx)
	case []any:
		return parseList(want, ctx)
	}
	return nil, expected("a map such as {any: [May]} or a list of them", want)
}

func parseMap(want map[string]any, ctx Context) (Scorer, error) {
	name, err := onlyKey(want)
	if err != nil {
		return nil, err
	}
	return New(name, want[name], ctx)
}

// onlyKey returns the name of the one scorer in a map.
func onlyKey(want map[string]any) (string, error) {
	names := slices.Sorted(maps.Keys(want))
	switch len(names) {
	case 0:
		return "", errors.New("expected one scorer such as {any: [May]}, got an empty map")
	case 1:
		return names[0], nil
	}
	return "", fmt.Errorf("expected one scorer in a map, got %s: write a list to demand several",
		strings.Join(names, ", "))
}

func parseList(want []any, ctx Context) (Scorer, error) {
	if len(want) == 0 {
		return nil, errors.New("expected at least one scorer, got an empty list")
	}
	members := make(every, len(want))
	var problems []error
	for i, item := range want {
		inner, ok := item.(map[string]any)
		if !ok {
			problems = append(problems, fmt.Errorf("want %d: %w", i+1, expected("a map such as {any: [May]}", item)))
			continue
		}
		member, err := parseMap(inner, ctx)
		if err == nil && len(want) > 1 {
			err = alone(member)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("want %d: %w", i+1, err))
		}
		members[i] = member
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	if len(members) == 1 {
		return members[0], nil
	}
	return members, nil
}
