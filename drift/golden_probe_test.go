package drift

import (
	"fmt"
	"math"
	"slices"
)

func (in inputs) ints(name string) []int {
	var list []int
	for _, x := range in.list(name) {
		list = append(list, whole(x))
	}
	return list
}

// draws reads lists of cluster numbers.
func (in inputs) draws() [][]int {
	var all [][]int
	for _, x := range in["draws"].([]any) {
		all = append(all, inputs{"draw": x}.ints("draw"))
	}
	return all
}

func outcomeOf(x any) Outcome {
	switch x {
	case true:
		return Pass
	case false:
		return Fail
	}
	return Undecided
}

// tables reads groups of four counts.
func (in inputs) tables(name string) (map[string]Table, error) {
	tables := map[string]Table{}
	for group, x := range in[name].(map[string]any) {
		n := inputs{"n": x}.ints("n")
		if len(n) != 4 {
			return nil, invalid("group %s has %d counts", group, len(n))
		}
		tables[group] = Table{BothPass: n[0], Loss: n[1], Gain: n[2], BothFail: n[3]}
	}
	return tables, nil
}

// answers reads the parsed answers of a set; null is an undecided one.
func answers(x any) []Observation {
	var list []Observation
	for _, a := range x.([]any) {
		o := Observation{Outcome: Undecided}
		if text, ok := a.(string); ok {
			o = Observation{Outcome: Pass, Answer: text}
		}
		list = append(list, o)
	}
	return list
}

func (in inputs) base() *float64 {
	if x, ok := in["base"].(float64); ok {
		return &x
	}
	return nil
}

// probeStatistics are those of groups, bundles, samples and lengths, by the code
// that audits run.
var probeStatistics = map[string]compute{
	"group_amplification": func(in inputs) (results, error) {
		tables, err := in.tables("groups")
		if err != nil {
			return nil, err
		}
		pairs, ledgers := map[string][]*Pair{}, map[string]*ledger{}
		for name, t := range tables {
			pairs[name] = t.pairs(name)
			if t.N() > 0 {
				ledgers[name] = ledgerOf(values(pairs[name]))
			}
		}
		a := AnalyseGroups(pairs, GroupOptions{Path: "group", Alpha: 0.05, Margin: func(string) float64 { return 0.1 }})
		if a == nil {
			return nil, empty("no group has a pair")
		}
		groups, worst := results{}, 0.0
		for _, g := range a.Groups {
			full, comp := ledgers[g.Name].mean(referenceOf).Estimate, ledgers[g.Name].mean(candidateOf).Estimate
			r := ends(results{"n": g.N, "drop": g.Change, "pass_full": full, "pass_comp": comp, "error_full": 1 - full, "error_comp": 1 - comp,
				"error_ratio": g.ErrorRatio, "error_ratio_smoothed": ledgers[g.Name].errors().smoothed(),
				"amplification_ratio": g.Amplification, "did": g.Beyond, "did_low": nil, "did_high": nil}, g.Interval)
			if d := g.BeyondInterval; d != nil {
				r["did_low"], r["did_high"] = d.Low, d.High
			}
			groups[g.Name] = r
			if g.Name == a.Worst {
				worst = g.Change
			}
		}
		return results{"groups": groups, "skipped": a.Skipped, "worst_group": a.Worst, "worst_drop": worst,
			"macro_drop": a.Macro, "gap_full": a.Gap.Reference, "gap_comp": a.Gap.Candidate, "gap_change": a.Gap.Change}, nil
	},
	"swap_gap_exact": func(in inputs) (results, error) {
		tables, err := in.tables("groups_disc")
		if err != nil {
			return nil, err
		}
		ledgers := map[string]*ledger{}
		for name, t := range tables {
			ledgers[name] = ledgerOf(values(t.pairs(name)))
		}
		s, _, err := swapLedgers(ledgers, 1)
		return results{"gap_change": s.GapChange, "p": s.P}, err
	},
	"invariance": func(in inputs) (results, error) {
		in.sameLength("full_sets", "comp_sets")
		full, comp := in["full_sets"].([]any), in["comp_sets"].([]any)
		var sets []AnsweredBundle
		for i := range full {
			inputs{"full": full[i], "comp": comp[i]}.sameLength("full", "comp")
			sets = append(sets, AnsweredBundle{Cluster: fmt.Sprint(i), ReferenceMembers: answers(full[i]), CandidateMembers: answers(comp[i])})
		}
		a := AnalyseSets(sets)
		if a == nil {
			return nil, empty("no set of two answered members")
		}
		w, err := Wilson(*a.Inconsistent.Candidate*float64(a.N), float64(a.N), in.or("conf", 0.95))
		if err != nil {
			return nil, err
		}
		mc, err := McNemar(float64(a.Broken), float64(a.Repaired))
		r := results{"n": a.N, "excluded": a.Excluded, "broken": a.Broken, "repaired": a.Repaired,
			"inconsistent_full": a.Inconsistent.Reference, "inconsistent_comp": a.Inconsistent.Candidate,
			"comp_low": w.Low, "comp_high": w.High, "change": a.Inconsistent.Change,
			"pairwise_full": a.Flips.Reference, "pairwise_comp": a.Flips.Candidate, "midp": mc.MidP}
		change := a.Inconsistent.Interval
		if a.N == 1 { // an audit gives no interval: one cluster says nothing about others
			i := counts{float64(a.Broken), float64(a.Repaired), 1}.interval(in.or("conf", 0.95), 0)
			change = &Interval{-i.High, -i.Low, i.Confidence}
		}
		r["change_low"], r["change_high"] = change.Low, change.High
		return r, err
	},
	"repeated": func(in inputs) (results, error) {
		in.sameLength("kf", "Kf", "kc", "Kc")
		kf, Kf, kc, Kc := in.ints("kf"), in.ints("Kf"), in.ints("kc"), in.ints("Kc")
		var cases []Sampled
		for i := range kf {
			cases = append(cases, Sampled{kf[i], Kf[i], kc[i], Kc[i]})
		}
		r, err := CompareRepeated(cases)
		return results{"n": r.N, "pass_full": r.ReferencePass, "pass_comp": r.CandidatePass, "delta": r.Change, "se": r.SE,
			"sampling_var": r.SamplingVariance, "between_var": r.BetweenVariance, "se_many_samples": r.SEManySamples,
			"self_flip_full": r.SelfFlipReference, "self_flip_comp": r.SelfFlipCandidate,
			"cross_flip": r.CrossFlip, "excess_flip": r.ExcessFlip}, err
	},
	"length_curve": func(in inputs) (results, error) {
		in.sameLength("lengths", "passes", "totals")
		lengths, passes, totals := in.list("lengths"), in.ints("passes"), in.ints("totals")
		var points []LengthPoint
		for i := range lengths {
			points = append(points, LengthPoint{lengths[i], passes[i], totals[i]})
		}
		c, err := FitLengthCurve(points, in.base(), in.or("ratio_thr", EffectiveRatio))
		return results{"lengths": c.Lengths, "accuracy": c.Accuracy, "fitted": c.Fitted, "base": c.Base, "threshold": c.Threshold,
			"effective_length": c.EffectiveLength, "crossing_length": c.CrossingLength, "censored": c.Censored,
			"mean_accuracy_log2": c.MeanAccuracy}, err
	},
	"effective_length_bootstrap": func(in inputs) (results, error) {
		in.sameLength("full", "comp")
		full, comp, lengths := in["full"].([]any), in["comp"].([]any), in.finite("lengths")
		if len(full) == 0 {
			return nil, empty("no templates")
		}
		if !slices.IsSorted(lengths) {
			return nil, invalid("lengths %v", lengths)
		}
		var cases []Located
		for i := range full {
			for k, length := range lengths {
				p := Pair{Cluster: fmt.Sprint(i), Reference: Observation{Outcome: outcomeOf(full[i].([]any)[k])}, Candidate: Observation{Outcome: outcomeOf(comp[i].([]any)[k])}}
				cases = append(cases, Located{&p, length})
			}
		}
		e := newGrid(lengths, cases).bootstrap(slices.Values(in.draws()), in.or("conf", 0.90))
		limits := func(r Range) []int { return []int{r.Low, r.High} }
		return results{"index_full": e.reference, "index_comp": e.candidate, "steps": e.steps,
			"full_limits": limits(e.referenceLimits), "comp_limits": limits(e.candidateLimits), "steps_limits": limits(e.stepsLimits)}, nil
	},
	"ols_slope_cluster": func(in inputs) (results, error) {
		s, err := ClusterSlope(in.list("x"), in.list("y"), in.texts("cluster"), in.or("conf", 0.95))
		return ends(results{"clusters": s.Clusters, "slope": s.Slope, "intercept": s.Intercept, "se": s.SE}, &s.Interval), err
	},
	"depth_profile": func(in inputs) (results, error) {
		in.sameLength("depths", "passed")
		depths := in.finite("depths")
		if len(depths) == 0 {
			return nil, empty("no depths")
		}
		var cases []Located
		for i, x := range in["passed"].([]any) {
			cases = append(cases, Located{outcomes(fmt.Sprint(i), x == true, x == true), depths[i]})
		}
		a := AnalyseDepths(cases, nil, Bootstrapped{})
		if a == nil {
			return nil, invalid("a depth outside [0,1]")
		}
		counts, passes := make([]int, depthBins), make([]float64, depthBins)
		for _, c := range a.Cells {
			bin := min(int(c.Depth*depthBins), depthBins-1)
			counts[bin] += c.N
			passes[bin] += float64(c.N) * *c.Candidate
		}
		accuracy := make([]*float64, depthBins)
		for i, n := range counts {
			if n > 0 {
				accuracy[i] = pointer(passes[i] / float64(n))
			}
		}
		return results{"counts": counts, "accuracy": accuracy, "middle_gap": a.MiddleGap.Candidate}, nil
	},
}

// textStatistics are those of texts and tokens.
var textStatistics = map[string]compute{
	"exact_match": func(in inputs) (results, error) {
		return results{"same": SameText(in["a"].(string), in["b"].(string))}, nil
	},
	"normalised_edit_distance": func(in inputs) (results, error) {
		a, b := in["a"].(string), in["b"].(string)
		return results{"distance": EditDistance(a, b), "normalised": NormalisedEditDistance(a, b)}, nil
	},
	"chrf": func(in inputs) (results, error) {
		return results{"chrf": ChrF(in["full"].(string), in["comp"].(string))}, nil
	},
	"topk_kl": func(in inputs) (results, error) {
		logs := func(name string) map[string]float64 {
			m := map[string]float64{}
			for token, x := range in[name].(map[string]any) {
				m[token] = number(x)
			}
			return m
		}
		d, err := TopKKL(logs("full"), logs("comp"))
		return results{"kl": d.KL, "coverage": d.Coverage, "top1_same": d.SameTop}, err
	},
	"perplexity_ratio": func(in inputs) (results, error) {
		in.sameLength("nll_full", "nll_comp")
		full, comp := in.finite("nll_full"), in.finite("nll_comp")
		var f forcedTexts
		for i := range full {
			f.add(fmt.Sprint(i), -full[i], -comp[i], true)
		}
		p := f.compare()
		if p == nil {
			return nil, empty("no tokens")
		}
		mean := f.mean(changeOf)
		return results{"ppl_full": math.Exp(f.mean(referenceOf).Estimate), "ppl_comp": math.Exp(f.mean(candidateOf).Estimate),
			"ratio": p.Ratio, "mean_delta_nll": mean.Estimate, "se": mean.SE}, nil
	},
}

// bootstrapStatistics are those of resampling.
var bootstrapStatistics = map[string]compute{
	"cluster_bootstrap": func(in inputs) (results, error) {
		in.sameLength("d", "cluster")
		s := sumsOf(in.finite("d"), in.texts("cluster"))
		if s.clusters() < 2 {
			return nil, tooFew("one cluster")
		}
		estimate, _ := s.difference(s.total(), meanOfSums)
		return results{"estimate": estimate, "replicates": s.replicates(meanOfSums, slices.Values(in.draws())), "jackknife": s.jackknife(meanOfSums)}, nil
	},
	"percentile_interval": func(in inputs) (results, error) {
		i, err := PercentileInterval(in.list("reps"), in.or("conf", 0.95))
		return ends(results{}, &i), err
	},
	"bca_interval": func(in inputs) (results, error) {
		b, err := BCaInterval(in.get("estimate"), in.list("reps"), in.list("jack"), in.or("conf", 0.95))
		return ends(results{"method": b.Method, "z0": b.Bias, "accel": b.Acceleration}, &b.Interval), err
	},
}
