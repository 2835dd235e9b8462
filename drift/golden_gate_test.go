package drift

import "math"

// gateStatistics are those that verdicts rest on, by the code that audits run.
var gateStatistics = map[string]compute{
	"paired_table": func(in inputs) (results, error) {
		c, err := Compare(in.pairs(), in.options())
		return results{"a": c.BothPass, "b": c.Loss, "c": c.Gain, "d": c.BothFail, "excluded": c.Excluded, "n": c.N}, err
	},
	"flips": func(in inputs) (results, error) {
		c, err := Compare(values(in.table().pairs("")), in.options())
		if err != nil || c.FlipRate == nil {
			return nil, empty("no flip rate (%v)", err)
		}
		share := func(k, n int) *float64 {
			if n == 0 {
				return nil
			}
			return pointer(float64(k) / float64(n))
		}
		return results{"n": c.N, "flip_rate": c.FlipRate.Share, "flip_low": c.FlipRate.Interval.Low, "flip_high": c.FlipRate.Interval.High,
			"loss_rate": share(c.Loss, c.N), "gain_rate": share(c.Gain, c.N),
			"loss_given_full_pass": share(c.Loss, c.BothPass+c.Loss), "gain_given_full_fail": share(c.Gain, c.Gain+c.BothFail),
			"pass_full": c.Reference.Share, "pass_comp": c.CandidateRate.Share, "delta": c.Change}, nil
	},
	"wilson": func(in inputs) (results, error) {
		e, err := Wilson(in.get("x"), in.get("n"), in.or("conf", 0.95))
		return estimated(e), err
	},
	"tango": func(in inputs) (results, error) {
		k := in.counts()
		return estimated(Estimate{k.change(), k.interval(in.or("conf", 0.95), 0)}), nil
	},
	// Newcombe's interval is MOVER on two of Wilson's, with the correlation of
	// the table.
	"newcombe_paired": func(in inputs) (results, error) {
		t, conf := in.table(), in.or("conf", 0.95)
		candidate, err := Wilson(float64(t.BothPass+t.Gain), float64(t.N()), conf)
		if err != nil {
			return nil, err
		}
		reference, err := Wilson(float64(t.BothPass+t.Loss), float64(t.N()), conf)
		return estimated(changeBeyond(candidate, reference, phi(t))), err
	},
	"tango_z": func(in inputs) (results, error) {
		return results{"z": in.counts().score(in.get("delta0"))}, nil
	},
	"mcnemar": func(in inputs) (results, error) {
		t, err := McNemar(in.get("b"), in.get("c"))
		return results{"exact": t.Exact, "midp": t.MidP, "exact_harm": t.ExactHarm, "midp_harm": t.MidPHarm}, err
	},
	"cluster_mean": func(in inputs) (results, error) {
		in.sameLength("d", "cluster")
		d, clusters := in.finite("d"), in.texts("cluster")
		if len(d) == 0 {
			return nil, empty("no differences")
		}
		var l ledger
		for i := range d {
			l.addNumbers(clusters[i], 0, d[i])
		}
		e := l.mean(changeOf)
		return ends(results{"n": e.N, "clusters": e.Clusters, "estimate": e.Estimate, "se_iid": e.SEIID, "se_cluster": e.SE,
			"deff": e.DesignEffect, "mean_cluster_weighted": e.MeanSize}, e.interval(in.or("conf", 0.95))), nil
	},
	"tango_clustered": func(in inputs) (results, error) {
		t := ledgerOf(in.pairs()).tango()
		return ends(results{"clusters": t.mean.Clusters, "discordant_clusters": t.discordant, "estimate": t.mean.Estimate,
			"deff": t.effect, "deff_source": t.source, "n_eff": t.effective.n}, t.interval(in.or("conf", 0.95))), nil
	},
	"noninferiority": func(in inputs) (results, error) {
		o := in.options()
		if in.get("n") == 0 {
			c, err := Compare(nil, o)
			return ends(results{"verdict": c.Verdict, "reason": c.Reason, "worse": c.Worse, "p_noninferior": nil, "p_inferior": c.PInferior}, c.GateInterval), err
		}
		t := in.counts().noninferiority(o.Margin, o.Alpha, 0)
		return ends(results{"verdict": t.verdict, "reason": t.reason, "worse": t.worse,
			"p_noninferior": 1 - *t.inferior, "p_inferior": t.inferior}, t.interval), o.check()
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
	"curtailment": func(in inputs) (results, error) {
		o := in.options()
		b, c, n := in.whole("b"), in.whole("c"), in.whole("n")
		s := Standing{Table: Table{BothPass: n - b - c, Loss: b, Gain: c},
			Open: OpenCases{in.whole("open_full_pass"), in.whole("open_full_fail")}, Largest: 1, Clusters: n, Family: 1}
		verdict, settled, err := s.Settled(o)
		if !settled {
			verdict = VerdictInconclusive
		}
		extreme := func(k counts) Verdict {
			if k.n == 0 {
				return VerdictInconclusive
			}
			return k.noninferiority(o.Margin, o.Alpha, 0).verdict
		}
		return results{"worst": extreme(s.worst()), "best": extreme(s.best()), "verdict": verdict, "decided": settled}, err
	},
	"holm": func(in inputs) (results, error) {
		p, err := Holm(in.list("p"))
		return results{"adjusted": p}, err
	},
	"benjamini_hochberg": func(in inputs) (results, error) {
		p, err := BenjaminiHochberg(in.list("p"))
		return results{"adjusted": p}, err
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

// options accept any coverage but none.
func (in inputs) options() CompareOptions {
	return CompareOptions{Margin: in.or("margin", 0.05), Alpha: in.or("alpha", 0.05), MaxUndecided: 0.99}
}

// phi is the correlation of both models' outcomes, held to less where it is
// positive (Newcombe 1998, method 10).
func phi(t Table) float64 {
	a, b, c, d := float64(t.BothPass), float64(t.Loss), float64(t.Gain), float64(t.BothFail)
	product := (a + b) * (c + d) * (a + c) * (b + d)
	if product == 0 {
		return 0
	}
	numerator := a*d - b*c
	if numerator > 0 {
		numerator = max(numerator-(a+b+c+d)/2, 0)
	}
	return numerator / math.Sqrt(product)
}
