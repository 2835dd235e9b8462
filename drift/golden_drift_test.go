package drift

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

func (in inputs) base() *float64 {
	if x, ok := in["base"].(float64); ok {
		return &x
	}
	return nil
}

// probeStatistics are those of groups, bundles, samples and lengths.
var probeStatistics = map[string]compute{
	"group_amplification": func(in inputs) (results, error) {
		tables, err := in.tables("groups")
		if err != nil {
			return nil, err
		}
		a, err := Amplify(tables, in.or("conf", 0.95))
		groups := results{}
		for _, g := range a.Groups {
			r := results{"n": g.N, "drop": g.Change.Estimate, "low": g.Change.Low, "high": g.Change.High,
				"pass_full": g.ReferencePass, "pass_comp": g.CandidatePass,
				"error_full": 1 - g.ReferencePass, "error_comp": 1 - g.CandidatePass,
				"error_ratio": g.ErrorRatio, "error_ratio_smoothed": g.SmoothedErrorRatio,
				"amplification_ratio": g.Amplification, "did": nil, "did_low": nil, "did_high": nil}
			if d := g.BeyondRest; d != nil {
				r["did"], r["did_low"], r["did_high"] = d.Estimate, d.Low, d.High
			}
			groups[g.Name] = r
		}
		return results{"groups": groups, "skipped": a.Skipped, "worst_group": a.WorstGroup, "worst_drop": a.WorstChange,
			"macro_drop": a.MacroChange, "gap_full": a.ReferenceGap, "gap_comp": a.CandidateGap, "gap_change": a.GapChange()}, err
	},
	"swap_gap_exact": func(in inputs) (results, error) {
		tables, err := in.tables("groups_disc")
		if err != nil {
			return nil, err
		}
		s, err := SwapGapTest(tables, 1)
		return results{"gap_change": s.GapChange, "p": s.P}, err
	},
	"invariance": func(in inputs) (results, error) {
		in.sameLength("full_sets", "comp_sets")
		full, comp := in["full_sets"].([]any), in["comp_sets"].([]any)
		var sets []AnswerSet
		for i := range full {
			var s AnswerSet
			answers := func(x any) (list []string) {
				for _, a := range x.([]any) {
					text, ok := a.(string)
					s.Undecided = s.Undecided || !ok
					list = append(list, text)
				}
				return list
			}
			s.Reference, s.Candidate = answers(full[i]), answers(comp[i])
			sets = append(sets, s)
		}
		r, err := CompareInvariance(sets, in.or("conf", 0.95))
		return results{"n": r.N, "excluded": r.Excluded, "broken": r.Broken, "repaired": r.Repaired,
			"inconsistent_full": r.InconsistentReference, "inconsistent_comp": r.InconsistentCandidate.Estimate,
			"comp_low": r.InconsistentCandidate.Low, "comp_high": r.InconsistentCandidate.High,
			"change": r.Change.Estimate, "change_low": r.Change.Low, "change_high": r.Change.High,
			"pairwise_full": r.PairwiseReference, "pairwise_comp": r.PairwiseCandidate, "midp": r.MidP}, err
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
		full, comp := in["full"].([]any), in["comp"].([]any)
		var templates []LengthTemplate
		for i := range full {
			outcomes := func(x any) (list []Outcome) {
				for _, o := range x.([]any) {
					list = append(list, outcomeOf(o))
				}
				return list
			}
			templates = append(templates, LengthTemplate{outcomes(full[i]), outcomes(comp[i])})
		}
		e, err := BootstrapEffectiveLengths(in.list("lengths"), templates, in.draws(), in.or("ratio_thr", EffectiveRatio), in.or("conf", 0.90))
		limits := func(r Range) []int { return []int{r.Low, r.High} }
		return results{"index_full": e.Reference, "index_comp": e.Candidate, "steps": e.Steps,
			"full_limits": limits(e.ReferenceLimits), "comp_limits": limits(e.CandidateLimits), "steps_limits": limits(e.StepsLimits)}, err
	},
	"ols_slope_cluster": func(in inputs) (results, error) {
		s, err := ClusterSlope(in.list("x"), in.list("y"), in.texts("cluster"), in.or("conf", 0.95))
		return ends(results{"clusters": s.Clusters, "slope": s.Slope, "intercept": s.Intercept, "se": s.SE}, &s.Interval), err
	},
	"depth_profile": func(in inputs) (results, error) {
		var passed []bool
		for _, x := range in["passed"].([]any) {
			passed = append(passed, x == true)
		}
		p, err := ProfileDepth(in.list("depths"), passed, whole(in.or("bins", 5)))
		return results{"counts": p.Counts, "accuracy": p.Accuracy, "middle_gap": p.MiddleGap}, err
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
	"cosine": func(in inputs) (results, error) {
		c, err := Cosine(in.list("u"), in.list("v"))
		return results{"cosine": c}, err
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
		p, err := ComparePerplexity(in.list("nll_full"), in.list("nll_comp"))
		return results{"ppl_full": p.Reference, "ppl_comp": p.Candidate, "ratio": p.Ratio, "mean_delta_nll": p.MeanChange, "se": p.SE}, err
	},
}

// runStatistics are those of the bootstrap, of stopping early and of history.
var runStatistics = map[string]compute{
	"cluster_bootstrap": func(in inputs) (results, error) {
		b, err := ClusterBootstrap(in.list("d"), in.texts("cluster"), in.draws())
		return results{"estimate": b.Estimate, "replicates": b.Replicates, "jackknife": b.Jackknife}, err
	},
	"percentile_interval": func(in inputs) (results, error) {
		i, err := PercentileInterval(in.list("reps"), in.or("conf", 0.95))
		return ends(results{}, &i), err
	},
	"bca_interval": func(in inputs) (results, error) {
		b, err := BCaInterval(in.get("estimate"), in.list("reps"), in.list("jack"), in.or("conf", 0.95))
		return ends(results{"method": b.Method, "z0": b.Bias, "accel": b.Acceleration}, &b.Interval), err
	},
	"curtailment": func(in inputs) (results, error) {
		open := OpenCases{in.whole("open_full_pass"), in.whole("open_full_fail")}
		c, err := Curtail(in.get("b"), in.get("c"), in.get("n"), open, in.get("margin"), in.or("alpha", 0.05))
		return results{"worst": c.Worst, "best": c.Best, "verdict": c.Verdict, "decided": c.Decided}, err
	},
	"baseline_join": func(in inputs) (results, error) {
		cases := func(name string) map[string]BaselineCase {
			m := map[string]BaselineCase{}
			for id, x := range in[name].(map[string]any) {
				m[id] = BaselineCase{x.([]any)[0].(string), outcomeOf(x.([]any)[1])}
			}
			return m
		}
		j := JoinBaseline(cases("old"), cases("new"))
		return results{"a": j.BothPass, "b": j.Loss, "c": j.Gain, "d": j.BothFail, "n": j.N(), "excluded": j.Excluded,
			"added": j.Added, "removed": j.Removed, "changed": j.Changed, "regressed": j.Regressed, "repaired": j.Repaired}, nil
	},
}
