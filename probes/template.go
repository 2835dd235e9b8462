package probes

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/gambit-audit/gambit/strictyaml"
	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
)

// A template may neither read a file nor run away: it has no loader to include
// from, and what it makes is bounded. How long the templates of a case may take
// is bounded where cases are made.
const (
	maxRendered = 8 << 20 // bytes
	maxRange    = 100_000
)

// template is one string with Jinja2 expressions in it.
type template struct {
	source string
	text   *exec.Template
	// single is set where the string is exactly one {{ expression }}, whose
	// value keeps its type.
	single *nodes.Output
	// plain is set where the string is text and names alone.
	plain plain
}

// isTemplate tells whether a string holds anything for Jinja2 to do.
func isTemplate(s string) bool {
	return strings.Contains(s, "{{") || strings.Contains(s, "{%") || strings.Contains(s, "{#")
}

// newTemplate compiles source. Jinja2's syntax errors come back as they are.
func newTemplate(source string) (t *template, err error) {
	defer recovered(&err)
	if !usesContextAlone(source) {
		return nil, errors.New("the context stands in an expression: expected {{context}} by itself")
	}
	loader := loaders.MustNewMemoryLoader(map[string]string{"/template": source})
	text, err := exec.NewTemplate("/template", templateConfig, loader, templateEnvironment)
	if err != nil {
		return nil, plainError(err)
	}
	root := text.Root()
	guard(root)
	t = &template{source: source, text: text, plain: newPlain(source)}
	if len(root.Nodes) == 1 {
		t.single, _ = root.Nodes[0].(*nodes.Output)
	}
	return t, nil
}

// render gives a string, or for a single expression the value of it as nil,
// bool, int, float64, string, []any or map[string]any.
func (t *template) render(scope map[string]any) (value any, err error) {
	defer func() { err = suggested(err, scope) }()
	defer recovered(&err)
	if value, ok := t.plain.render(scope); ok {
		return value, nil
	}
	env := within(scope)
	if t.single != nil {
		return evaluate(t.single, env)
	}
	var out limitedBuffer
	if err := exec.NewRenderer(env, &out, templateConfig, nil, t.text).Execute(); err != nil {
		return nil, plainError(err)
	}
	return out.String(), nil
}

// within is the environment of one rendering, with a budget of its own. The
// scope lies below it, where the template does not write.
func within(scope map[string]any) *exec.Environment {
	env := *templateEnvironment
	env.Context = exec.NewContext(scope).Inherit()
	for name, function := range templateFunctions {
		if _, hidden := scope[name]; !hidden {
			env.Context.Set(name, function)
		}
	}
	env.Context.Set(budgetName, &budget{maxMade})
	return &env
}

func evaluate(output *nodes.Output, env *exec.Environment) (any, error) {
	e := &exec.Evaluator{Config: templateConfig, Environment: env}
	expression := output.Expression
	if output.Condition != nil {
		condition := e.Eval(output.Condition)
		if condition.IsError() {
			return nil, plainError(errors.New(condition.Error()))
		}
		if !condition.IsTrue() {
			expression = output.Alternative
		}
	}
	if expression == nil {
		return "", nil
	}
	v := e.Eval(expression)
	if v.IsError() {
		return nil, plainError(errors.New(v.Error()))
	}
	simple := v.ToGoSimpleType(false)
	if err, ok := simple.(error); ok {
		return nil, plainError(err)
	}
	if x, ok := simple.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
		return nil, fmt.Errorf("expression is %g: expected a finite number", x)
	}
	return simple, nil
}

// undefinedName is the error of a name that no axis, draw or var has.
type undefinedName struct{ name string }

func (e *undefinedName) Error() string { return fmt.Sprintf("undefined name %q", e.name) }

// suggested adds to an undefined name the nearest one of the scope.
func suggested(err error, scope map[string]any) error {
	var undefined *undefinedName
	if !errors.As(err, &undefined) {
		return err
	}
	nearest, ok := strictyaml.Nearest(undefined.name, sortedKeys(scope))
	if !ok {
		return err
	}
	return fmt.Errorf("%w: did you mean %q?", err, nearest)
}

var errTooLong = fmt.Errorf("template makes more than %d bytes", maxRendered)

// limitedBuffer refuses to grow past maxRendered.
type limitedBuffer struct{ bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxRendered {
		return 0, errTooLong
	}
	return b.Buffer.Write(p)
}

func (b *limitedBuffer) WriteString(s string) (int, error) { return b.Write([]byte(s)) }

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("template: %v", r)
	}
}

// plainError cuts the template engine's chain of wrappers down to its cause.
func plainError(err error) error {
	if errors.Is(err, errTooLong) {
		return errTooLong
	}
	msg := strings.TrimSpace(err.Error())
	if _, cause, ok := strings.Cut(msg, "failed to parse template "); ok {
		_, cause, _ = strings.Cut(cause, "': ")
		return errors.New(lineNumber.ReplaceAllString(cause, ""))
	}
	parts := strings.Split(msg, ": ")
	last := parts[len(parts)-1]
	if name, ok := strings.CutPrefix(last, "Unable to evaluate name "); ok {
		if name == `"context"` {
			return errors.New("the context is not known here: expected {{context}} in \"system\", \"prompt\" or a user turn, of a probe with \"context\"")
		}
		return &undefinedName{strings.Trim(name, `"`)}
	}
	if found := missingField.FindStringSubmatch(msg); found != nil {
		return fmt.Errorf("undefined: %s has no %s", found[1], found[2])
	}
	return errors.New(last)
}

var (
	lineNumber   = regexp.MustCompile(` ?\(Line: .*\)$`)
	missingField = regexp.MustCompile(`[Uu]nable to evaluate ([^:]*): (?:attribute|item) ('.*') not found$`)
)

var templateConfig = func() *config.Config {
	c := config.New()
	c.StrictUndefined = true
	c.KeepTrailingNewline = true
	return c
}()

// templateFunctions are what a template may call, where the scope has nothing of
// that name.
var templateFunctions = map[string]any{"range": boundedRange, productName: product}

// templateEnvironment is Jinja2 without what reads files, draws at random,
// calls itself or escapes for HTML.
var templateEnvironment = &exec.Environment{
	Context:           exec.EmptyContext(),
	Filters:           keepFilters(),
	Tests:             builtins.Tests,
	ControlStructures: keepStructures("if", "for", "set", "raw", "with", "break", "continue"),
	Methods:           keepMethods(),
}

func keepFilters() *exec.FilterSet {
	kept := exec.NewFilterSet(map[string]exec.FilterFunction{chargedName: charged})
	for _, name := range []string{"abs", "batch", "capitalize", "default", "d", "dictsort", "first", "float", "format",
		"groupby", "indent", "int", "items", "join", "last", "length", "count", "list", "lower", "map", "max", "min",
		"reject", "rejectattr", "replace", "reverse", "round", "select", "selectattr", "slice", "sort", "string",
		"sum", "title", "tojson", "trim", "truncate", "unique", "upper", "wordcount", "wordwrap"} {
		if f, ok := builtins.Filters.Get(name); ok {
			kept = kept.Update(exec.NewFilterSet(map[string]exec.FilterFunction{name: bounded(name, f)}))
		}
	}
	return kept
}

func keepStructures(names ...string) *exec.ControlStructureSet {
	kept := map[string]parser.ControlStructureParser{}
	for _, name := range names {
		kept[name], _ = builtins.ControlStructures.Get(name)
	}
	return exec.NewControlStructureSet(kept)
}

// boundedRange is Jinja2's range as a list of at most maxRange numbers.
func boundedRange(_ *exec.Evaluator, params *exec.VarArgs) ([]int, error) {
	bounds := []int{0, 0, 1}
	args := params.Args
	for _, a := range args {
		if !a.IsInteger() {
			return nil, errors.New("range: expected whole numbers")
		}
	}
	switch len(args) {
	case 1:
		bounds[1] = args[0].Integer()
	case 2, 3:
		for i, a := range args {
			bounds[i] = a.Integer()
		}
	default:
		return nil, errors.New("range: expected one to three whole numbers")
	}
	start, stop, step := bounds[0], bounds[1], bounds[2]
	if step == 0 {
		return nil, errors.New("range: expected a step other than 0")
	}
	list := []int{}
	for i := start; (step > 0 && i < stop) || (step < 0 && i > stop); i += step {
		if len(list) == maxRange {
			return nil, fmt.Errorf("range: more than %d numbers", maxRange)
		}
		list = append(list, i)
	}
	return list, nil
}
