package reporters

import (
	"fmt"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("cyclonedx", format{
	file:   "report.cdx.json",
	doc:    "CycloneDX 1.7 with a model card for each model: pass rates by slice, fairness assessments",
	render: renderCycloneDX,
})

type bom struct {
	Schema     string        `json:"$schema"`
	Format     string        `json:"bomFormat"`
	Spec       string        `json:"specVersion"`
	Serial     string        `json:"serialNumber"`
	Version    int           `json:"version"`
	Metadata   bomMetadata   `json:"metadata"`
	Components []component   `json:"components"`
	Properties []bomProperty `json:"properties"`
}

type bomMetadata struct {
	Tools bomTools `json:"tools"`
}

type bomTools struct {
	Components []component `json:"components"`
}

// component is a model, or the tool that made the bill.
type component struct {
	Type       string        `json:"type"`
	Ref        string        `json:"bom-ref,omitempty"`
	Name       string        `json:"name"`
	Version    string        `json:"version,omitempty"`
	Hashes     []bomHash     `json:"hashes,omitempty"`
	Pedigree   *pedigree     `json:"pedigree,omitempty"`
	Card       *bomCard      `json:"modelCard,omitempty"`
	Properties []bomProperty `json:"properties,omitempty"`
}

type bomHash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// pedigree says what a model was made from.
type pedigree struct {
	Ancestors []component `json:"ancestors"`
}

type bomProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type bomCard struct {
	Analysis       quantitativeAnalysis `json:"quantitativeAnalysis"`
	Considerations *considerations      `json:"considerations,omitempty"`
}

type quantitativeAnalysis struct {
	Metrics []performanceMetric `json:"performanceMetrics"`
}

type performanceMetric struct {
	Type     string              `json:"type"`
	Value    string              `json:"value"`
	Slice    string              `json:"slice"`
	Interval *confidenceInterval `json:"confidenceInterval,omitempty"`
}

type confidenceInterval struct {
	Low  string `json:"lowerBound"`
	High string `json:"upperBound"`
}

type considerations struct {
	Limitations []string             `json:"technicalLimitations,omitempty"`
	Tradeoffs   []string             `json:"performanceTradeoffs,omitempty"`
	Fairness    []fairnessAssessment `json:"fairnessAssessments,omitempty"`
}

type fairnessAssessment struct {
	Group string `json:"groupAtRisk"`
	Harms string `json:"harms"`
}

// renderCycloneDX describes the reference and every candidate but the controls:
// those are damaged on purpose, and nobody ships them.
func renderCycloneDX(a *drift.Audit) ([]byte, error) {
	report, err := renderJSON(a)
	if err != nil {
		return nil, err
	}
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.7.schema.json", Format: "CycloneDX", Spec: "1.7",
		Serial: serial(report), Version: 1,
		Metadata:   bomMetadata{bomTools{[]component{{Type: "application", Name: "gambit", Version: name(a.Version)}}}},
		Components: []component{modelComponent(a.Reference, referenceCard(a))},
		Properties: []bomProperty{
			{"gambit:title", sentence(a.Title)}, {"gambit:gate", headline(a)}, {"gambit:report:sha256", hexSum(report)},
		},
	}
	for _, line := range policyLines(a) {
		b.Properties = append(b.Properties, bomProperty{"gambit:policy", line})
	}
	for _, m := range a.Candidates {
		if m.Expect == drift.ExpectBlocked {
			continue
		}
		c := modelComponent(m, candidateCard(a, m))
		c.Pedigree = &pedigree{[]component{bare(a.Reference)}}
		if v, ok := verdictOf(a, m.Name); ok {
			c.Properties = append(c.Properties, bomProperty{"gambit:verdict", judgedBy(v)})
		}
		b.Components = append(b.Components, c)
	}
	return indentJSON(b)
}

func judgedBy(v drift.CandidateVerdict) string {
	return fmt.Sprintf("%s: %s", name(string(v.Verdict)), sentence(v.Because))
}

// serial is a UUID of version 8 made of the report's digest: the same report
// gives the same bill.
func serial(report []byte) string {
	h := []byte(hexSum(report)[:32])
	h[12], h[16] = '8', "89ab"[h[16]&3]
	return fmt.Sprintf("urn:uuid:%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}

// bare names a model without its card.
func bare(m drift.Model) component {
	c := component{Type: "machine-learning-model", Name: orUndefined(name(m.Name))}
	if digest, err := sha256Of(m); err == nil {
		c.Hashes = []bomHash{{"SHA-256", digest}}
	}
	return c
}

func modelComponent(m drift.Model, card bomCard) component {
	c := bare(m)
	c.Ref, c.Card = "model:"+c.Name, &card
	for _, p := range []bomProperty{
		{"gambit:provider", name(m.Provider)}, {"gambit:model", name(m.Model)}, {"gambit:endpoint", name(m.Endpoint)},
		{"gambit:expect", name(string(m.Expect))},
	} {
		if p.Value != "" {
			c.Properties = append(c.Properties, p)
		}
	}
	if m.Bytes > 0 {
		c.Properties = append(c.Properties, bomProperty{"gambit:bytes", fmt.Sprint(m.Bytes)})
	}
	return c
}

// referenceCard has each slice once, though every candidate was compared on it.
func referenceCard(a *drift.Audit) bomCard {
	card := bomCard{quantitativeAnalysis{[]performanceMetric{}}, nil}
	seen := map[string]bool{}
	for _, c := range a.Comparisons {
		if !seen[slice(c)] {
			seen[slice(c)] = true
			card.Analysis.add("pass rate", slice(c), c.Reference)
		}
	}
	return card
}

func candidateCard(a *drift.Audit, m drift.Model) bomCard {
	card := bomCard{quantitativeAnalysis{[]performanceMetric{}}, &considerations{}}
	harms := map[string]string{}
	for _, p := range a.Probes {
		harms[p.ID] = p.Harm
	}
	for _, c := range comparisonsOf(a, m.Name) {
		card.Analysis.add("pass rate", slice(c), c.CandidateRate)
		card.Analysis.change(c)
		card.Considerations.add(a, c, harms[c.Probe])
	}
	return card
}

// slice names the cases that a metric is of.
func slice(c drift.Comparison) string { return fmt.Sprintf("%s, %s", name(c.Probe), group(c)) }

func (q *quantitativeAnalysis) add(kind, slice string, r *drift.Rate) {
	if r == nil {
		return
	}
	q.Metrics = append(q.Metrics, performanceMetric{
		kind, number(r.Share), slice, &confidenceInterval{number(r.Interval.Low), number(r.Interval.High)},
	})
}

func (q *quantitativeAnalysis) change(c drift.Comparison) {
	if c.Change == nil {
		return
	}
	m := performanceMetric{Type: "change of pass rate against the reference", Value: number(*c.Change), Slice: slice(c)}
	if c.Interval != nil {
		m.Interval = &confidenceInterval{number(c.Interval.Low), number(c.Interval.High)}
	}
	q.Metrics = append(q.Metrics, m)
}

// add states what a verdict says of a user. A comparison of a group is a
// fairness assessment, whatever its verdict; one of all cases is a limitation
// where it did not pass, and a trade-off where the loss is within the margin.
func (k *considerations) add(a *drift.Audit, c drift.Comparison, harm string) {
	text := fmt.Sprintf("%s: %s", verdict(a, c), sentence(c.Because))
	switch {
	case c.Group != "" && c.Group != guardGroup:
		if harm != "" {
			text = name(harm) + ": " + text
		}
		k.Fairness = append(k.Fairness, fairnessAssessment{slice(c), text})
	case c.Verdict != drift.VerdictPass:
		k.Limitations = append(k.Limitations, slice(c)+": "+text)
	case c.Worse:
		k.Tradeoffs = append(k.Tradeoffs, slice(c)+": "+text)
	}
}
