package drift

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"testing"
)

// goldenCase is one case of testdata/statistics.json: {"error": code} in
// Expected is a refusal, null an undefined part.
type goldenCase struct {
	Name      string
	Statistic string
	Inputs    inputs
	Expected  map[string]any
	Tolerance float64
	Source    string
}

type inputs map[string]any

// number reads a number or one of "NaN", "+Inf", "-Inf".
func number(x any) float64 {
	switch x := x.(type) {
	case float64:
		return x
	case string:
		return map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1)}[x]
	}
	return math.NaN()
}

func (in inputs) get(name string) float64 { return number(in[name]) }

func (in inputs) or(name string, otherwise float64) float64 {
	if x, ok := in[name]; ok {
		return number(x)
	}
	return otherwise
}

// finite reads numbers. What an audit never holds is refused before any
// statistic sees it, here and below.
func (in inputs) finite(name string) []float64 {
	list := in.list(name)
	if !finite(list...) {
		panic(invalid("%s holds what is no number", name))
	}
	return list
}

func (in inputs) list(name string) []float64 {
	list := []float64{}
	for _, x := range in[name].([]any) {
		list = append(list, number(x))
	}
	return list
}

func (in inputs) texts(name string) []string {
	list := []string{}
	for _, x := range in[name].([]any) {
		list = append(list, x.(string))
	}
	return list
}

// pairs reads two lists of true, false and null.
func (in inputs) pairs() []Pair {
	in.sameLength("full", "comp")
	full, comp := in["full"].([]any), in["comp"].([]any)
	if in["cluster"] != nil {
		in.sameLength("full", "cluster")
	}
	outcome := func(x any) Observation {
		switch x {
		case true:
			return Observation{Outcome: Pass, Passes: 1, Samples: 1}
		case false:
			return Observation{Outcome: Fail, Samples: 1}
		}
		return Observation{Outcome: Undecided}
	}
	var pairs []Pair
	for i := range full {
		p := Pair{Reference: outcome(full[i]), Candidate: outcome(comp[i])}
		if clusters, ok := in["cluster"].([]any); ok {
			p.Cluster = clusters[i].(string)
		}
		pairs = append(pairs, p)
	}
	return pairs
}

func (in inputs) table() Table {
	return Table{BothPass: in.whole("a"), Loss: in.whole("b"), Gain: in.whole("c"), BothFail: in.whole("d")}
}

// counts reads losses, gains and pairs, as pairs make them.
func (in inputs) counts() counts {
	k := counts{in.get("b"), in.get("c"), in.get("n")}
	if !finite(k.losses, k.gains, k.n) || k.losses+k.gains > k.n {
		panic(invalid("counts %v", k))
	}
	if k.n == 0 {
		panic(empty("no pairs"))
	}
	return k
}

func (in inputs) whole(name string) int { return whole(in.get(name)) }

func whole(x float64) int {
	if x != math.Trunc(x) || math.IsInf(x, 0) {
		panic(invalid("count %g", x))
	}
	return int(x)
}

// sameLength refuses lists that should be parallel and are not.
func (in inputs) sameLength(names ...string) {
	for _, name := range names[1:] {
		if len(in[name].([]any)) != len(in[names[0]].([]any)) {
			panic(invalid("%s and %s differ in length", name, names[0]))
		}
	}
}

// ledgerOf sums pairs as [Compare] does.
func ledgerOf(pairs []Pair) *ledger {
	var l ledger
	for p := range decided(pairs) {
		l.add(p)
	}
	if len(l.cells) == 0 {
		panic(empty("no pairs"))
	}
	return &l
}

// pairs are those of a table, each a cluster of its own; name tells their
// clusters from those of other tables.
func (t Table) pairs(name string) []*Pair {
	if err := t.check(); err != nil {
		panic(err)
	}
	var list []*Pair
	for _, of := range []struct {
		n                    int
		reference, candidate bool
	}{{t.BothPass, true, true}, {t.Loss, true, false}, {t.Gain, false, true}, {t.BothFail, false, false}} {
		for range of.n {
			list = append(list, outcomes(fmt.Sprint(name, len(list)), of.reference, of.candidate))
		}
	}
	return list
}

func values(pairs []*Pair) []Pair {
	var list []Pair
	for _, p := range pairs {
		list = append(list, *p)
	}
	return list
}

type results map[string]any

func ends(r results, i *Interval) results {
	r["low"], r["high"] = nil, nil
	if i != nil {
		r["low"], r["high"] = i.Low, i.High
	}
	return r
}

func estimated(e Estimate) results { return ends(results{"estimate": e.Estimate}, &e.Interval) }

// statistics computes each statistic of the golden file.
var statistics = union(gateStatistics, probeStatistics, textStatistics, bootstrapStatistics)

func union(all ...map[string]compute) map[string]compute {
	sum := map[string]compute{}
	for _, m := range all {
		maps.Copy(sum, m)
	}
	return sum
}

type compute func(inputs) (results, error)

// refusing turns a panic with a refusal, of an input, into the refusal.
func refusing(f compute) compute {
	return func(in inputs) (r results, err error) {
		defer func() {
			if x := recover(); x != nil {
				refusal, ok := x.(*Refusal)
				if !ok {
					panic(x)
				}
				err = refusal
			}
		}()
		return f(in)
	}
}

func readGolden(t *testing.T, file string) []goldenCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []goldenCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return cases
}

// TestGolden computes every case of testdata/statistics.json, and of the file
// that GAMBIT_GOLDEN names.
func TestGolden(t *testing.T) {
	cases := readGolden(t, "testdata/statistics.json")
	seen := map[string]bool{}
	for _, c := range cases {
		seen[c.Statistic] = true
	}
	for name := range statistics {
		if !seen[name] {
			t.Errorf("%s has no golden case", name)
		}
	}
	if file := os.Getenv("GAMBIT_GOLDEN"); file != "" {
		cases = append(cases, readGolden(t, file)...)
	}
	for _, c := range cases {
		t.Run(c.Statistic+"/"+c.Name, func(t *testing.T) { checkGolden(t, c) })
	}
}

func checkGolden(t *testing.T, c goldenCase) {
	compute, ok := statistics[c.Statistic]
	if !ok {
		t.Fatalf("no statistic %q", c.Statistic)
	}
	got, err := refusing(compute)(c.Inputs)
	if code, refused := c.Expected["error"]; refused {
		var r *Refusal
		if !errors.As(err, &r) || r.Code != code {
			t.Fatalf("got error %v, want refusal %v", err, code)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	plain := roundTrip(t, got)
	for key, want := range c.Expected {
		if value, ok := plain[key]; !ok || !near(value, want, c.Tolerance) {
			t.Errorf("%s = %v, want %v (%s)", key, value, want, c.Source)
		}
	}
}

// roundTrip turns ints, pointers and lists into what JSON holds; it fails on
// NaN and Inf but for the statistic z, which may be infinite.
func roundTrip(t *testing.T, r results) map[string]any {
	t.Helper()
	for k, v := range r {
		if f, ok := v.(float64); ok && math.IsInf(f, 0) {
			r[k] = map[bool]string{true: "+Inf", false: "-Inf"}[f > 0]
		}
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	if err := json.Unmarshal(data, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

func near(got, want any, tolerance float64) bool {
	switch want := want.(type) {
	case float64:
		got, ok := got.(float64)
		return ok && math.Abs(got-want) <= tolerance
	case map[string]any:
		got, ok := got.(map[string]any)
		for key := range want {
			ok = ok && near(got[key], want[key], tolerance)
		}
		return ok && len(got) == len(want)
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			return false
		}
		for i := range want {
			if !near(got[i], want[i], tolerance) {
				return false
			}
		}
		return true
	}
	return got == want
}
