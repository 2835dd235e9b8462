package probes

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// casesAxis is the name of the outermost axis that hand-written cases form.
const casesAxis = "case"

// axis is one dimension of the cross product.
type axis struct {
	name   string
	node   *yaml.Node
	values []axisValue
	// eachAxis and eachField name the list inside an earlier axis that this
	// axis runs over; empty for an axis with values of its own.
	eachAxis, eachField string
	take                int // values to keep; 0 keeps all
}

type axisValue struct {
	key   string
	value value
	body  *body // of a hand-written case
	// places are the value's part of Case.Axes; see [spec.combinations].
	places []string
}

// placed fills in where a value stands on an axis.
func (v axisValue) placed(axis string) axisValue {
	if axis == casesAxis {
		return v
	}
	v.places = nil
	_, named := v.value.get("id")
	if v.value.kind == yaml.ScalarNode || named {
		v.places = append(v.places, axis+"="+v.key)
	}
	for _, f := range v.value.fields {
		if f.name != "id" && f.value.kind == yaml.ScalarNode && f.value.tmpl == nil && f.value.scalar != nil {
			v.places = append(v.places, axis+"."+f.name+"="+fmt.Sprint(f.value.scalar))
		}
	}
	return v
}

func (s *spec) axis(name string) *axis {
	for i := range s.axes {
		if s.axes[i].name == name && name != casesAxis {
			return &s.axes[i]
		}
	}
	return nil
}

func (s *spec) axisNames() []string {
	var names []string
	for _, a := range s.axes {
		if a.name != casesAxis {
			names = append(names, a.name)
		}
	}
	return names
}

// cases are the hand-written cases.
func (s *spec) cases() []axisValue {
	if len(s.axes) > 0 && s.axes[0].name == casesAxis {
		return s.axes[0].values
	}
	return nil
}

func (s *spec) parseAxes(axes, cases *yaml.Node) {
	if cases != nil {
		s.axes = append(s.axes, axis{name: casesAxis, node: strictyaml.Follow(cases)})
	}
	if axes != nil {
		m, _ := s.Map(axes, "axes")
		for _, key := range m.Keys {
			s.checkName(key, "axis")
			a := axis{name: key.Value, node: key}
			s.parseAxis(&a, m.Get(key.Value))
			s.axes = append(s.axes, a)
		}
	}
	if cases != nil {
		s.axes[0].values = s.parseCases(cases)
	}
}

func (s *spec) parseCases(n *yaml.Node) []axisValue {
	var list []axisValue
	for _, item := range s.Items(n, "cases") {
		m, ok := s.Map(item, "case", caseKeys...)
		if !ok {
			continue
		}
		b := s.parseBody(m, "case")
		v := value{node: m.Node, kind: yaml.ScalarNode, scalar: b.id}
		if b.id == "" {
			v.scalar = shortHash(s.value(item).canonical())
		}
		list = append(list, axisValue{key: keyOf(v), value: v, body: &b})
	}
	if len(list) == 0 {
		s.At(n, "no cases: expected a list of at least one")
	}
	s.checkKeys(n, "cases", list)
	return list
}

func (s *spec) parseAxis(a *axis, n *yaml.Node) {
	n = sized(n, s.size)
	before := len(s.Problems)
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			v := s.value(item)
			a.values = append(a.values, axisValue{key: keyOf(v), value: v})
		}
	case yaml.MappingNode:
		s.parseAxisSource(a, n)
	default:
		s.At(n, "axis %q is %s: expected a list, or one of {count}, {table}, {each}", a.name, strictyaml.KindOf(n))
		return
	}
	if a.eachAxis != "" || len(s.Problems) > before {
		return
	}
	a.values = taken(s.probe.ID, a.values, a.take)
	if len(a.values) == 0 {
		s.At(n, "axis %q is empty: expected at least one value", a.name)
	}
	s.checkKeys(n, fmt.Sprintf("axis %q", a.name), a.values)
}

func (s *spec) parseAxisSource(a *axis, n *yaml.Node) {
	m, ok := s.Map(n, fmt.Sprintf("axis %q", a.name), "count", "table", "each", "take")
	if !ok {
		return
	}
	a.take = s.Integer(sized(m.Get("take"), s.size), "take", 1, 0)
	count, table, each := m.Get("count"), m.Get("table"), m.Get("each")
	switch {
	case count != nil && table == nil && each == nil:
		for i := range s.count(sized(count, s.size)) {
			v := value{node: n, kind: yaml.ScalarNode, scalar: i + 1}
			a.values = append(a.values, axisValue{key: strconv.Itoa(i + 1), value: v})
		}
	case table != nil && count == nil && each == nil:
		a.values = s.readTable(table, s.Text(table, "table"))
	case each != nil && count == nil && table == nil:
		path := s.Text(each, "each")
		a.eachAxis, a.eachField, _ = strings.Cut(path, ".")
		if a.eachField == "" || s.axis(a.eachAxis) == nil {
			s.At(each, "each %q: %sexpected axis.field of an earlier axis (%s)", path, strictyaml.DidYouMean(a.eachAxis, s.axisNames()), strictyaml.Quoted(s.axisNames()))
		}
	default:
		s.At(n, "axis %q: expected exactly one of \"count\", \"table\", \"each\"", a.name)
	}
}

// count reads how many values an axis has, from 1 to [maxCases].
func (s *spec) count(n *yaml.Node) int {
	count := s.Integer(n, "count", 1, 0)
	if count > maxCases {
		s.At(n, "count is %d: expected at most %d", count, maxCases)
		return 0
	}
	return count
}

func (s *spec) checkKeys(n *yaml.Node, what string, values []axisValue) {
	seen := map[string]bool{}
	for _, v := range values {
		if seen[v.key] {
			s.At(v.value.node, "equal key %q in %s: expected an `id` of its own for each value", v.key, what)
		}
		seen[v.key] = true
	}
}

// keyOf is a value's id, else its scalar, else a hash of it.
func keyOf(v value) string {
	if id, ok := v.get("id"); ok && id.kind == yaml.ScalarNode && id.tmpl == nil {
		return fmt.Sprint(id.scalar)
	}
	if v.kind == yaml.ScalarNode {
		return fmt.Sprint(v.scalar)
	}
	return shortHash(v.canonical())
}

// canonical is v as JSON with its templates unrendered.
func (v value) canonical() string {
	data, err := json.Marshal(v.raw())
	if err != nil {
		return fmt.Sprint(v.raw()) // a float such as .inf
	}
	return string(data)
}

func (v value) raw() any {
	if v.settled {
		return v.plain
	}
	switch v.kind {
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range v.list {
			list = append(list, item.raw())
		}
		return list
	case yaml.MappingNode:
		m := map[string]any{}
		for _, f := range v.fields {
			m[f.name] = f.value.raw()
		}
		return m
	}
	return v.scalar
}

func shortHash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// taken keeps the n values with the smallest hash of probe id and key, in
// their own order, so that a smaller take is part of a larger one.
func taken(probe string, values []axisValue, n int) []axisValue {
	if n == 0 || n >= len(values) {
		return values
	}
	hash := func(v axisValue) string {
		sum := sha256.Sum256([]byte(probe + "\x00" + v.key))
		return string(sum[:])
	}
	ranked := slices.Clone(values)
	slices.SortStableFunc(ranked, func(a, b axisValue) int { return strings.Compare(hash(a), hash(b)) })
	limit := hash(ranked[n-1])
	return slices.DeleteFunc(slices.Clone(values), func(v axisValue) bool { return hash(v) > limit })
}

// readTable reads rows of CSV, TSV or JSON lines.
func (s *spec) readTable(n *yaml.Node, name string) []axisValue {
	s.tables = append(s.tables, name)
	data, err := s.dir.read(name)
	if err != nil {
		s.At(n, "table %q: %v", name, err)
		return nil
	}
	var rows []value
	switch {
	case strings.HasSuffix(name, ".csv"):
		rows, err = delimited(n, data, ',')
	case strings.HasSuffix(name, ".tsv"):
		rows, err = delimited(n, data, '\t')
	case strings.HasSuffix(name, ".jsonl"):
		rows, err = jsonLines(n, data)
	default:
		err = fmt.Errorf("expected a file ending in .csv, .tsv or .jsonl")
	}
	if err != nil {
		s.At(n, "table %q: %v", name, err)
		return nil
	}
	if len(rows) == 0 {
		s.At(n, "table %q has no rows: expected a header and at least one row", name)
	}
	var values []axisValue
	for _, row := range rows {
		values = append(values, axisValue{key: keyOf(row), value: row})
	}
	return values
}

func delimited(n *yaml.Node, data []byte, comma rune) ([]value, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = comma
	r.LazyQuotes = comma == '\t'
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("no header: %w", err)
	}
	for i, name := range header {
		header[i] = strings.TrimPrefix(name, "\ufeff")
		if slices.Contains(header[:i], header[i]) {
			return nil, fmt.Errorf("column %q stands twice in the header", name)
		}
	}
	records, err := r.ReadAll()
	if err != nil {
		return nil, err // names the line of a ragged row
	}
	var rows []value
	for _, record := range records {
		row := value{node: n, kind: yaml.MappingNode}
		for i, cell := range record {
			row.fields = append(row.fields, field{header[i], value{node: n, kind: yaml.ScalarNode, scalar: cell}})
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func jsonLines(n *yaml.Node, data []byte) ([]value, error) {
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 16<<20)
	var rows []value
	for number := 1; lines.Scan(); number++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var row map[string]any
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		rows = append(rows, fromPlain(n, row))
	}
	return rows, lines.Err()
}

// fromPlain makes a value without templates; whole numbers become ints.
func fromPlain(n *yaml.Node, x any) value {
	switch x := x.(type) {
	case []any:
		v := value{node: n, kind: yaml.SequenceNode}
		for _, item := range x {
			v.list = append(v.list, fromPlain(n, item))
		}
		return v.settle()
	case map[string]any:
		v := value{node: n, kind: yaml.MappingNode}
		for _, name := range sortedKeys(x) {
			v.fields = append(v.fields, field{name, fromPlain(n, x[name])})
		}
		return v.settle()
	case float64:
		if i := int(x); float64(i) == x {
			return value{node: n, kind: yaml.ScalarNode, scalar: i}
		}
	}
	return value{node: n, kind: yaml.ScalarNode, scalar: x}
}
