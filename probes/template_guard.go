package probes

import (
	"errors"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

// The template engine has no limit of memory, and a few bytes of a template can
// ask for more than a machine has: 'a' * 99999999999. So [guard] puts the
// functions below around what makes text, and each of them is counted
// against the budget of the rendering.

// maxMade bounds what one rendering makes on the way to its result, in bytes.
const maxMade = 8 * maxRendered

// budget is what one rendering may still make, in bytes.
type budget struct{ left int }

// The names cannot be written in a template.
const (
	budgetName  = "the budget"
	productName = "the product"
	chargedName = "the charge"
)

// spend counts size bytes, or refuses them.
func spend(e *exec.Evaluator, size int) error {
	found, _ := e.Environment.Context.Get(budgetName)
	b, ok := found.(*budget)
	if !ok {
		return errors.New("template is rendered without a budget")
	}
	if size > maxRendered || size > b.left {
		return errTooLong
	}
	b.left -= size
	return nil
}

// guard bounds what a parsed template makes. The engine keeps the parts of its
// control structures to itself, so they are found by reflection; what is
// changed, in place, are fields that the engine shows.
func guard(root *nodes.Template) {
	g := guardian{seen: map[uintptr]bool{}}
	g.visit(reflect.ValueOf(root))
}

type guardian struct{ seen map[uintptr]bool }

func (g guardian) visit(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		g.visit(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			g.visit(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			g.visit(v.MapIndex(key))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			g.visit(v.Field(i))
		}
	case reflect.Pointer:
		if v.IsNil() || g.seen[v.Pointer()] {
			return
		}
		g.seen[v.Pointer()] = true
		g.visit(v.Elem())
		guardNode(v)
	}
}

// guardNode changes a node whose children are guarded already.
func guardNode(v reflect.Value) {
	switch v.Type() {
	case reflect.TypeFor[*nodes.BinaryExpression]():
		guardOperator((*nodes.BinaryExpression)(v.UnsafePointer()))
	case reflect.TypeFor[*nodes.Output]():
		n := (*nodes.Output)(v.UnsafePointer())
		n.Expression = charge(n.Expression)
		if n.Alternative != nil {
			n.Alternative = charge(n.Alternative)
		}
	}
}

func guardOperator(n *nodes.BinaryExpression) {
	switch n.Operator.Token.Type {
	case tokens.Multiply:
		// The product takes the place of the left side, times one.
		n.Left = call(productName, n.Left, n.Right)
		n.Right = &nodes.Integer{Location: n.Operator.Token, Val: 1}
	case tokens.Addition, tokens.Tilde:
		n.Left, n.Right = charge(n.Left), charge(n.Right)
	}
}

func call(name string, args ...nodes.Expression) *nodes.Call {
	at := *args[0].Position()
	at.Val = name
	return &nodes.Call{Location: args[0].Position(), Func: &nodes.Name{Name: &at}, Args: args}
}

// charge puts [charged] behind an expression, as a filter: calls of a function
// are reflected by the engine, and so several times as slow.
func charge(e nodes.Expression) nodes.Expression {
	return &nodes.FilteredExpression{Expression: e, Filters: []*nodes.FilterCall{{Token: e.Position(), Name: chargedName}}}
}

// charged gives what it is given, counted.
func charged(e *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value {
	if in.IsError() {
		return in
	}
	if err := itemError(in); err != nil {
		return exec.AsValue(err)
	}
	if err := spend(e, size(in)); err != nil {
		return exec.AsValue(err)
	}
	return in
}

// itemError is the error of an item of a list literal, which the engine keeps
// as if it were a value.
func itemError(v *exec.Value) error {
	if !v.IsList() {
		return nil
	}
	items, _ := v.Interface().(exec.ValuesList)
	for _, item := range items {
		if item.IsError() {
			return item
		}
	}
	return nil
}

// product is the operator *: a number, or a text repeated.
func product(e *exec.Evaluator, params *exec.VarArgs) (*exec.Value, error) {
	left, right := params.Args[0], params.Args[1]
	switch {
	case left.IsList() || right.IsList():
		return nil, errors.New("a list stands beside *: expected two numbers, or a text and a number")
	case left.IsFloat() || right.IsFloat():
		return exec.AsValue(left.Float() * right.Float()), nil
	case !left.IsString():
		return exec.AsValue(left.Integer() * right.Integer()), nil
	}
	text, times := left.String(), max(right.Integer(), 0)
	if times > maxRendered {
		return nil, errTooLong
	}
	if err := spend(e, len(text)*times); err != nil {
		return nil, err
	}
	return exec.AsValue(strings.Repeat(text, times)), nil
}

// size is how many bytes the texts of a value have, with one more for each
// item of a list or map. It stops counting beyond [maxRendered].
func size(v *exec.Value) int { return sizeOf(v.Val, 0) }

func sizeOf(v reflect.Value, sum int) int {
	if sum > maxRendered {
		return sum
	}
	switch v.Kind() {
	case reflect.String:
		return sum + v.Len()
	case reflect.Interface, reflect.Pointer:
		if inner, ok := inside(v); ok {
			return sizeOf(inner, sum)
		}
		return sizeOf(v.Elem(), sum)
	case reflect.Slice, reflect.Array:
		for i := 0; i < v.Len() && sum <= maxRendered; i++ {
			sum = sizeOf(v.Index(i), sum+1)
		}
	case reflect.Map:
		for entries := v.MapRange(); sum <= maxRendered && entries.Next(); {
			sum = sizeOf(entries.Value(), sizeOf(entries.Key(), sum+1))
		}
	case reflect.Struct:
		for i := 0; i < v.NumField() && sum <= maxRendered; i++ {
			sum = sizeOf(v.Field(i), sum)
		}
	}
	return sum
}

// inside unwraps a value of the engine that is kept in a list or map.
func inside(v reflect.Value) (reflect.Value, bool) {
	if v.Type() != reflect.TypeFor[*exec.Value]() || v.IsNil() || !v.CanInterface() {
		return reflect.Value{}, false
	}
	return v.Interface().(*exec.Value).Val, true
}

// bounded counts what a filter takes and what it makes. Filters that can make
// more than they take are asked beforehand how much.
func bounded(name string, filter exec.FilterFunction) exec.FilterFunction {
	return func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		if taken := charged(e, in, nil); taken.IsError() {
			return taken
		}
		if growth, ok := growths[name]; ok {
			if err := spend(e, growth(in, params)); err != nil {
				return exec.AsValue(err)
			}
		}
		out := filter(e, in, params)
		if out.IsError() {
			return out
		}
		if err := spend(e, size(out)); err != nil {
			return exec.AsValue(err)
		}
		return out
	}
}

// growths tell at most how many bytes a filter adds to what it is given.
var growths = map[string]func(in *exec.Value, params *exec.VarArgs) int{
	"batch": func(_ *exec.Value, params *exec.VarArgs) int {
		return widest(params)
	},
	"slice": func(_ *exec.Value, params *exec.VarArgs) int {
		return widest(params)
	},
	"indent": func(in *exec.Value, params *exec.VarArgs) int {
		return times(1+strings.Count(in.String(), "\n"), widest(params))
	},
	"tojson": func(in *exec.Value, params *exec.VarArgs) int {
		return times(1+size(in), widest(params))
	},
	"join": func(in *exec.Value, params *exec.VarArgs) int {
		return times(in.Len(), widest(params))
	},
	"replace": func(in *exec.Value, params *exec.VarArgs) int {
		if len(params.Args) < 2 {
			return 0 // the filter says what is missing
		}
		found := strings.Count(in.String(), params.Args[0].String())
		return times(found, len(params.Args[1].String()))
	},
	"format": formatGrowth,
}

// formatWidth finds what makes a verb of a format wider than its argument, or
// uses an argument again.
var formatWidth = regexp.MustCompile(`\d+|[*\[]`)

func formatGrowth(in *exec.Value, params *exec.VarArgs) int {
	sum := 0
	for _, arg := range params.Args {
		sum = sizeOf(arg.Val, sum)
	}
	for _, written := range formatWidth.FindAllString(in.String(), -1) {
		width, err := strconv.Atoi(written)
		if err != nil || width > maxRendered || sum > maxRendered {
			return maxRendered + 1
		}
		sum += width
	}
	return sum
}

// widest is the largest number, or length of a text, among the arguments.
func widest(params *exec.VarArgs) int {
	most := 0
	measure := func(v *exec.Value) {
		if v.IsInteger() {
			most = max(most, v.Integer())
		}
		most = max(most, size(v))
	}
	for _, v := range params.Args {
		measure(v)
	}
	for _, v := range params.KwArgs {
		measure(v)
	}
	return most
}

// times multiplies, but not past what is refused anyway.
func times(a, b int) int {
	if a > 0 && b > maxRendered/a {
		return maxRendered + 1
	}
	return a * b
}

// keepMethods are Python's methods of a text without those that can make more
// than they take; the filters do the same.
func keepMethods() exec.Methods {
	methods := builtins.Methods
	kept := map[string]exec.Method[string]{}
	for _, name := range []string{"capitalize", "capwords", "casefold", "count", "endswith", "find", "isalnum", "isalpha",
		"isascii", "isdecimal", "isdigit", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper",
		"lower", "lstrip", "partition", "removeprefix", "removesuffix", "rfind", "rpartition", "rsplit", "rstrip",
		"split", "splitlines", "startswith", "strip", "swapcase", "title", "upper"} {
		kept[name], _ = methods.Str.Get(name)
	}
	methods.Str = exec.NewMethodSet(kept)
	return methods
}
