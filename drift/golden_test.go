package drift

import (
	"encoding/json"
	"errors"
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

// whole reads a count. What a Go int cannot hold is refused before any
// statistic sees it.
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
var statistics = union(gateStatistics, probeStatistics, textStatistics, runStatistics)

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

// gateStatistics are those that verdicts rest on.
var gateStatistics = map[string]compute{
	"paired_table": func(in inputs) (results, error) {
		t := NewTable(in.pairs())
		return results{"a": t.BothPass, "b": t.Loss, "c": t.Gain, "d": t.BothFail, "excluded": t.Excluded, "n": t.N()}, nil
	},
	"flips": func(in inputs) (results, error) {
		f, err := Flips(in.table(), in.or("conf", 0.95))
		return results{"n": f.N, "flip_rate": f.Flip, "flip_low": f.Interval.Low, "flip_high": f.Interval.High,
			"loss_rate": f.Loss, "gain_rate": f.Gain, "loss_given_full_pass": f.LossGivenReferencePass,
			"gain_given_full_fail": f.GainGivenReferenceFail, "pass_full": f.ReferencePass,
			"pass_comp": f.CandidatePass, "delta": f.Change}, err
	},
	"wilson": func(in inputs) (results, error) {
		e, err := Wilson(in.get("x"), in.get("n"), in.or("conf", 0.95))
		return estimated(e), err
	},
	"tango": func(in inputs) (results, error) {
		e, err := Tango(in.get("b"), in.get("c"), in.get("n"), in.or("conf", 0.95))
		return estimated(e), err
	},
	"newcombe_paired": func(in inputs) (results, error) {
		e, err := Newcombe(in.table(), in.or("conf", 0.95))
		return estimated(e), err
	},
	"tango_z": func(in inputs) (results, error) {
		z, err := TangoZ(in.get("b"), in.get("c"), in.get("n"), in.get("delta0"))
		return results{"z": z}, err
	},
	"mcnemar": func(in inputs) (results, error) {
		t, err := McNemar(in.get("b"), in.get("c"))
		return results{"exact": t.Exact, "midp": t.MidP, "exact_harm": t.ExactHarm, "midp_harm": t.MidPHarm}, err
	},
	"cluster_mean": func(in inputs) (results, error) {
		e, err := ClusterMean(in.list("d"), in.texts("cluster"), in.or("conf", 0.95))
		return ends(results{"n": e.N, "clusters": e.Clusters, "estimate": e.Estimate, "se_iid": e.SEIID, "se_cluster": e.SE,
			"deff": e.DesignEffect, "mean_cluster_weighted": e.MeanSize}, e.Interval), err
	},
	"tango_clustered": func(in inputs) (results, error) {
		r, err := TangoClustered(in.pairs(), in.or("conf", 0.95))
		return ends(results{"clusters": r.Clusters, "discordant_clusters": r.DiscordantClusters, "estimate": r.Estimate,
			"deff": r.DesignEffect, "deff_source": r.DesignSource, "n_eff": r.NEffective}, r.Interval), err
	},
	"noninferiority": func(in inputs) (results, error) {
		t, err := Noninferiority(in.get("b"), in.get("c"), in.get("n"), in.get("margin"), in.or("alpha", 0.05))
		return ends(results{"verdict": string(t.Verdict), "reason": t.Reason, "worse": t.Worse,
			"p_noninferior": t.PNoninferior, "p_inferior": t.PInferior}, t.Interval), err
	},
	"ni_floor": func(in inputs) (results, error) {
		n, err := NIFloor(in.get("margin"), in.or("alpha", 0.05))
		return results{"n": n}, err
	},
	"ni_sample_size": func(in inputs) (results, error) {
		s, err := NISampleSize(in.get("loss"), in.get("gain"), in.get("margin"), in.or("alpha", 0.05), in.or("power", 0.8))
		return results{"n": s.N, "n_wald": s.NWald, "reason": s.Reason}, err
	},
	"ni_power": func(in inputs) (results, error) {
		pass, fail, err := NIPower(in.whole("n"), in.get("loss"), in.get("gain"), in.get("margin"), in.or("alpha", 0.05))
		return results{"p_pass": pass, "p_fail": fail}, err
	},
	"cases_needed": func(in inputs) (results, error) {
		n, err := CasesNeeded(in.get("b"), in.get("c"), in.get("n"), in.get("margin"), in.or("alpha", 0.05), in.or("deff", 1))
		return results{"discordance": n.Discordance, "n_if_no_drop": n.IfNoDrop, "n_at_estimate": n.AtEstimate}, err
	},
	"holm": func(in inputs) (results, error) {
		p, err := Holm(in.list("p"))
		return results{"adjusted": p}, err
	},
	"benjamini_hochberg": func(in inputs) (results, error) {
		p, err := BenjaminiHochberg(in.list("p"))
		return results{"adjusted": p}, err
	},
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
