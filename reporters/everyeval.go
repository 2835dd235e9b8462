package reporters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("every-eval-ever", format{
	file:   "report.eee.jsonl",
	doc:    "Every Eval Ever 0.2.1, a record a line for each model: pass rates and measures, for collections of results",
	render: renderEveryEval,
})

// everyEvalSchema is the version of the schema that the records follow.
const everyEvalSchema = "0.2.1"

// evalRecord is what was found out about one model.
type evalRecord struct {
	Schema    string       `json:"schema_version"`
	ID        string       `json:"evaluation_id"`
	Retrieved string       `json:"retrieved_timestamp"`
	Source    evalSource   `json:"source_metadata"`
	Library   evalLibrary  `json:"eval_library"`
	Model     evalModel    `json:"model_info"`
	Results   []evalResult `json:"evaluation_results"`
}

type evalSource struct {
	Name         string `json:"source_name,omitempty"`
	Type         string `json:"source_type"`
	Organization string `json:"source_organization_name"`
	Relationship string `json:"evaluator_relationship"`
}

type evalLibrary struct {
	Name    string            `json:"name"`
	Version string            `json:"version"`
	Details map[string]string `json:"additional_details,omitempty"`
}

type evalModel struct {
	Name    string            `json:"name"`
	ID      string            `json:"id"`
	Engine  *evalEngine       `json:"inference_engine,omitempty"`
	Details map[string]string `json:"additional_details,omitempty"`
}

type evalEngine struct {
	Name string `json:"name"`
}

type evalResult struct {
	Name   string     `json:"evaluation_name"`
	Data   evalData   `json:"source_data"`
	Metric evalMetric `json:"metric_config"`
	Score  evalScore  `json:"score_details"`
}

type evalData struct {
	Name string `json:"dataset_name"`
	Type string `json:"source_type"`
}

type evalMetric struct {
	Description string  `json:"evaluation_description"`
	LowerBetter bool    `json:"lower_is_better"`
	Type        string  `json:"score_type"`
	Min         float64 `json:"min_score"`
	Max         float64 `json:"max_score"`
}

type evalScore struct {
	Score       float64           `json:"score"`
	Details     map[string]string `json:"details,omitempty"`
	Uncertainty *evalUncertainty  `json:"uncertainty,omitempty"`
}

type evalUncertainty struct {
	Interval evalInterval `json:"confidence_interval"`
	Samples  int          `json:"num_samples"`
}

type evalInterval struct {
	Low        float64 `json:"lower"`
	High       float64 `json:"upper"`
	Confidence float64 `json:"confidence_level"`
	Method     string  `json:"method"`
}

// evalMeasures are the measures whose better end is known, with the range of
// each; the others have none, and are left out.
var evalMeasures = map[string]evalMetric{
	"all_right":     {Description: "share of bundles of which every case passes", Max: 1},
	"bias_amb":      {Description: "bias score where the text does not say, 0 is none", LowerBetter: true, Min: -1, Max: 1},
	"bias_dis":      {Description: "bias score where the text says, 0 is none", LowerBetter: true, Min: -1, Max: 1},
	"checks":        {Description: "instructions followed, strict", Max: 1},
	"invariant":     {Description: "share of bundles whose members get one answer", Max: 1},
	"mean_share":    {Description: "mean share of the demand that is met", Max: 1},
	"opinion_match": {Description: "mean match with the wanted shares", Max: 1},
	"rate_gap":      {Description: "highest less lowest rate of a group", LowerBetter: true, Max: 1},
}

// renderEveryEval writes the models that are no controls. The reference's numbers
// are those of its first comparison on each probe and group. When the models were
// asked is not kept in an audit, and who asked is not known to it.
func renderEveryEval(a *drift.Audit) ([]byte, error) {
	report, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i, m := range append([]drift.Model{a.Reference}, a.Candidates...) {
		if m.Expect == drift.ExpectBlocked {
			continue
		}
		r := evalOf(a, m)
		r.Results = append(r.Results, evalRates(a, m.Name, i == 0)...)
		r.Results = append(r.Results, evalMeasured(a, m.Name, i == 0)...)
		r.ID = fmt.Sprintf("gambit/%s/%s-%s", r.Model.ID, r.Model.Name, hexSum(report)[:16])
		if err := enc.Encode(r); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// evalOf is a record without results.
func evalOf(a *drift.Audit, m drift.Model) evalRecord {
	id := name(m.Model)
	if id == "" {
		id = orUndefined(name(m.Name))
	}
	details := map[string]string{}
	for key, value := range map[string]string{"digest": m.Digest, "endpoint": m.Endpoint, "expect": string(m.Expect)} {
		if value != "" {
			details[key] = name(value)
		}
	}
	if m.Bytes > 0 {
		details["bytes"] = fmt.Sprint(m.Bytes)
	}
	r := evalRecord{
		Schema: everyEvalSchema, Retrieved: "unknown",
		Source: evalSource{sentence(a.Title), "evaluation_run", "unknown", "other"},
		Library: evalLibrary{"gambit", orUndefined(name(a.Version)), map[string]string{
			"policy": strings.Join(policyLines(a), "; "), "size": name(a.Size), "seed": fmt.Sprint(a.Seed), "gate": headline(a),
		}},
		Model: evalModel{orUndefined(name(m.Name)), id, nil, details}, Results: []evalResult{},
	}
	if m.Provider != "" {
		r.Model.Engine = &evalEngine{name(m.Provider)}
	}
	return r
}

// evalRates are the pass rates of a model, by probe and group.
func evalRates(a *drift.Audit, model string, reference bool) []evalResult {
	var list []evalResult
	seen := map[string]bool{}
	for _, c := range a.Comparisons {
		rate := c.CandidateRate
		if reference {
			rate = c.Reference
		}
		if rate == nil || seen[slice(c)] || !reference && c.Candidate != model {
			continue
		}
		seen[slice(c)] = true
		score := evalScore{Score: rate.Share, Uncertainty: &evalUncertainty{
			evalInterval{rate.Interval.Low, rate.Interval.High, rate.Interval.Confidence, "wilson"}, rate.N,
		}}
		if !reference {
			score.Details = map[string]string{"verdict": string(c.Verdict), "because": sentence(c.Because)}
		}
		list = append(list, evalResult{
			slice(c), evalData{name(c.Probe), "other"}, evalMetric{"pass rate of " + slice(c), false, "continuous", 0, 1}, score,
		})
	}
	return list
}

// evalMeasured are the measures of a model that are defined.
func evalMeasured(a *drift.Audit, model string, reference bool) []evalResult {
	var list []evalResult
	var seen []string
	for _, x := range a.Analyses {
		if !reference && x.Candidate != model {
			continue
		}
		for _, m := range x.Measures {
			kind, _, _ := strings.Cut(m.Name, ".")
			metric, known := evalMeasures[kind]
			value := m.Candidate
			if reference {
				value = m.Reference
			}
			title := name(x.Probe) + " " + name(m.Name)
			if !known || value == nil || slices.Contains(seen, title) {
				continue
			}
			seen = append(seen, title)
			metric.Type = "continuous"
			list = append(list, evalResult{title, evalData{name(x.Probe), "other"}, metric, evalScore{
				Score: *value, Details: map[string]string{"n": fmt.Sprint(m.N)},
			}})
		}
	}
	return list
}
