package scorers

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
	"github.com/gambit-audit/gambit/strictyaml"
)

var _ = register("expr", newExpression,
	"a condition on the answer is true, such as 'len(words) <= 20 and has(\"rain\")'")

// What an expression may cost. It has no variables of its own, no ranges and no
// loop inside a loop, so that at the worst each of its parts looks at all of an
// answer once for each of the answer's words.
const (
	maxNodes      = 100      // of its syntax tree
	maxExpression = 4 << 10  // bytes of its text
	maxConsidered = 16 << 10 // bytes of an answer
	maxSearches   = 100      // of has and times
)

// expression is a condition in the language of expr-lang, see [exprAnswer] for
// what it can name.
type expression struct {
	text    string
	program *vm.Program
	uses    map[string]bool // names that stand in it
}

var _ Scorer = expression{}

// exprAnswer is what an expression sees of an answer.
type exprAnswer struct {
	Answer   string                     `expr:"answer"`   // without space around it
	Question string                     `expr:"question"` // as asked
	Words    []string                   `expr:"words"`    // see [words]
	Lines    []string                   `expr:"lines"`    // that are not blank
	Number   float64                    `expr:"number"`   // the last one, see [lastNumber]
	JSON     any                        `expr:"json"`     // numbers are float64
	Has      func(string) (bool, error) `expr:"has"`      // a text as whole words, in any case
	Times    func(string) (int, error)  `expr:"times"`    // how often it stands there
}

// exprNames are the names of [exprAnswer].
var exprNames = []string{"answer", "has", "json", "lines", "number", "question", "times", "words"}

// exprBuiltins are the functions of the language that are left: none makes a
// text or a list that is longer than what it is given, nor looks at a clock.
var exprBuiltins = []string{"abs", "all", "any", "ceil", "count", "filter", "find", "first", "float", "floor", "get",
	"hasPrefix", "hasSuffix", "indexOf", "int", "keys", "last", "len", "lower", "max", "mean", "min", "none", "one",
	"round", "string", "sum", "trim", "type", "upper", "values"}

func newExpression(arg any, _ Context) (Scorer, error) {
	text, ok := arg.(string)
	if !ok || strings.TrimSpace(text) == "" {
		return nil, expected("a condition such as 'len(words) <= 20'", arg)
	}
	if len(text) > maxExpression {
		return nil, fmt.Errorf("%d bytes: expected at most %d", len(text), maxExpression)
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, located(err)
	}
	v := &exprVisitor{source: tree.Source, uses: map[string]bool{}}
	ast.Walk(&tree.Node, v)
	if v.err != nil {
		return nil, v.err
	}
	program, err := expr.Compile(text, exprOptions()...)
	return expression{oneLine(text), program, v.uses}, located(err)
}

func exprOptions() []expr.Option {
	options := []expr.Option{expr.Env(exprAnswer{}), expr.AsBool(), expr.MaxNodes(maxNodes), expr.DisableAllBuiltins()}
	for _, name := range exprBuiltins {
		options = append(options, expr.EnableBuiltin(name))
	}
	return options
}

// located is an error of the language in one line, with its column from 1, and
// the nearest name to an unknown one.
func located(err error) error {
	var at *file.Error
	if !errors.As(err, &at) {
		return err // of the whole: nil, or a kind other than true or false
	}
	message := at.Message
	if name, ok := strings.CutPrefix(message, "unknown name "); ok {
		known := slices.Concat(exprNames, exprBuiltins)
		message = fmt.Sprintf("unknown name %q: %sexpected one of %s, or a function such as len", name,
			strictyaml.DidYouMean(name, known), strings.Join(exprNames, ", "))
	}
	return fmt.Errorf("line %d, column %d: %s", at.Line, at.Column+1, oneLine(message))
}

// exprVisitor collects the names of an expression, and refuses what makes its
// cost grow faster than the answer.
type exprVisitor struct {
	source file.Source
	uses   map[string]bool
	err    error
}

func (v *exprVisitor) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		v.uses[n.Value] = true
	case *ast.VariableDeclaratorNode:
		v.refuse(n, "a variable")
	case *ast.BinaryNode:
		if n.Operator == ".." {
			v.refuse(n, "a range")
		}
		if _, fixed := n.Right.(*ast.StringNode); n.Operator == "matches" && !fixed {
			v.refuse(n, "a pattern that is worked out")
		}
	case *ast.PredicateNode:
		inner := &loops{}
		ast.Walk(&n.Node, inner)
		if inner.found {
			v.refuse(n, "a loop inside a loop")
		}
	}
}

func (v *exprVisitor) refuse(n ast.Node, what string) {
	if v.err == nil {
		at := &file.Error{Location: n.Location(), Message: what + " has no bounded cost: expected an expression without one"}
		v.err = located(at.Bind(v.source))
	}
}

// loops finds a predicate.
type loops struct{ found bool }

func (l *loops) Visit(node *ast.Node) {
	_, ok := (*node).(*ast.PredicateNode)
	l.found = l.found || ok
}

func (s expression) Score(a Answer) Result {
	if isBlank(a.Text) && !s.uses["json"] { // which [] is
		return blank(a.Text)
	}
	if len(a.Text) > maxConsidered {
		return unparsed("an answer of %d bytes: expected at most %d", len(a.Text), maxConsidered)
	}
	seen, miss := s.see(a)
	if miss != nil {
		return *miss
	}
	out, err := expr.Run(s.program, seen)
	var at *file.Error
	if errors.As(err, &at) {
		return wrong("%s cannot be worked out for %s: %s", quote(s.text), quote(a.Text), quote(oneLine(at.Message)))
	}
	if err != nil || out != true {
		return wrong("want %s, got %s", quote(s.text), quote(a.Text))
	}
	return passed()
}

// see works out what the expression names; it is a result where the answer has
// no such thing.
func (s expression) see(a Answer) (exprAnswer, *Result) {
	seen := exprAnswer{Answer: strings.TrimSpace(a.Text), Question: a.Question}
	if s.uses["words"] {
		seen.Words = words(a.Text)
	}
	if s.uses["lines"] {
		seen.Lines = nonBlankLines(a.Text)
	}
	if s.uses["has"] || s.uses["times"] {
		text, searches := fold(a.Text), 0
		seen.Times = func(wanted string) (int, error) {
			if searches++; searches > maxSearches {
				return 0, fmt.Errorf("more than %d searches", maxSearches)
			}
			p, err := newPhrase(wanted)
			return len(p.spans(text)), err
		}
		seen.Has = func(wanted string) (bool, error) {
			n, err := seen.Times(wanted)
			return n > 0, err
		}
	}
	if s.uses["number"] {
		n, ok := lastNumber(a.Text)
		if !ok || n.value == nil {
			miss := unparsed("no number in %s", quote(a.Text))
			return seen, &miss
		}
		seen.Number, _ = n.value.Float64()
	}
	if s.uses["json"] {
		if err := json.Unmarshal([]byte(a.Text), &seen.JSON); err != nil {
			miss := unparsed("no JSON in %s: %v", quote(a.Text), err)
			return seen, &miss
		}
	}
	return seen, nil
}
