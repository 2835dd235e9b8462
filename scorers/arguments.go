package scorers

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/strictyaml"
)

// expected is the error for an argument of the wrong kind.
func expected(what string, got any) error {
	return fmt.Errorf("expected %s, got %s", what, kind(got))
}

// kind names the kind of a YAML value for an error message.
func kind(value any) string {
	switch value := value.(type) {
	case nil:
		return "nothing"
	case bool:
		return strconv.FormatBool(value)
	case int, float64:
		return fmt.Sprintf("the number %v", value)
	case string:
		if value == "" {
			return "an empty text"
		}
		return "the text " + quote(value)
	case []any:
		return emptyOr(len(value), "list")
	case map[string]any:
		return emptyOr(len(value), "map")
	}
	return fmt.Sprintf("a %T", value)
}

func emptyOr(size int, what string) string {
	if size == 0 {
		return "an empty " + what
	}
	return "a " + what
}

// readText reads a text that is not empty, or a number as YAML would print it.
func readText(value any) (string, error) {
	switch value := value.(type) {
	case string:
		if strings.TrimSpace(value) != "" {
			return value, nil
		}
	case int:
		return strconv.Itoa(value), nil
	case float64:
		if !math.IsNaN(value) && !math.IsInf(value, 0) {
			return strconv.FormatFloat(value, 'f', -1, 64), nil
		}
	}
	return "", expected("a text or a number", value)
}

// readTexts reads one text or a list of at least one.
func readTexts(value any) ([]string, error) {
	list, ok := value.([]any)
	if !ok {
		text, err := readText(value)
		if err != nil {
			return nil, expected("a list of texts", value)
		}
		return []string{text}, nil
	}
	if len(list) == 0 {
		return nil, errors.New("expected at least one text, got an empty list")
	}
	texts := make([]string, len(list))
	for i, item := range list {
		text, err := readText(item)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i+1, err)
		}
		texts[i] = text
	}
	return texts, nil
}

// readNumber reads a finite number.
func readNumber(value any) (float64, error) {
	switch value := value.(type) {
	case int:
		return float64(value), nil
	case float64:
		if !math.IsNaN(value) && !math.IsInf(value, 0) {
			return value, nil
		}
	}
	return 0, expected("a number", value)
}

// readCount reads a whole number from 0.
func readCount(value any) (int, error) {
	if n, ok := value.(int); ok && n >= 0 {
		return n, nil
	}
	return 0, expected("a whole number from 0", value)
}

// readShare reads a share in (0,1].
func readShare(value any) (float64, error) {
	share, err := readNumber(value)
	if err != nil || share <= 0 || share > 1 {
		return 0, expected("a share above 0 and up to 1", value)
	}
	return share, nil
}

// fields are the options of a scorer's argument that is a map.
type fields map[string]any

// readFields reads a map that has no other keys than the known ones.
func readFields(value any, known ...string) (fields, error) {
	options, ok := value.(map[string]any)
	if !ok {
		return nil, expected("a map with "+strings.Join(known, ", "), value)
	}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown option %q: %sexpected one of %s", name, strictyaml.DidYouMean(name, known), strings.Join(known, ", "))
		}
	}
	return options, nil
}

// need reads an option that must be given with the reader of its kind.
func need[T any](f fields, name string, reader func(any) (T, error)) (T, error) {
	result, err := reader(f[name])
	if err != nil {
		return result, fmt.Errorf("%s: %w", name, err)
	}
	return result, nil
}

// optional is need for an option that may be left out for the fallback.
func optional[T any](f fields, name string, reader func(any) (T, error), fallback T) (T, error) {
	if _, given := f[name]; !given {
		return fallback, nil
	}
	return need(f, name, reader)
}

// flag reads an option that is true or false, false by default.
func (f fields) flag(name string) (bool, error) {
	value, given := f[name]
	if !given {
		return false, nil
	}
	on, ok := value.(bool)
	if !ok {
		return false, fmt.Errorf("%s: %w", name, expected("true or false", value))
	}
	return on, nil
}
