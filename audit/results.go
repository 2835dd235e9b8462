package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/probes"
)

const (
	// ResultsFile is the file of a run's folder that holds its results.
	ResultsFile = "results.json"
	// ResultsSchema names the shape of [Results] as JSON.
	ResultsSchema = "gambit.results/1"
)

// Results are the outcomes of a run, case by case, with what they were measured
// by: what a later run is held against. They hold no prompt and no answer.
type Results struct {
	Schema  string       `json:"schema"`
	Version string       `json:"version"` // of gambit
	Title   string       `json:"title"`
	Size    string       `json:"size"`
	Seed    uint64       `json:"seed"`
	Policy  drift.Policy `json:"policy"`
	// Reference and Candidates are the models.
	Reference  drift.Model   `json:"reference"`
	Candidates []drift.Model `json:"candidates"`
	Probes     []ProbeResult `json:"probes"` // that were asked
}

// ProbeResult is one probe with its cases, in their order.
type ProbeResult struct {
	ID   string `json:"id"`
	Pack string `json:"pack"`
	Harm string `json:"harm"`
	File string `json:"file"`
	Line int    `json:"line"`
	// Judged tells that a judge model scored it.
	Judged bool         `json:"judged,omitempty"`
	Cases  []CaseResult `json:"cases"`
}

// CaseResult is one case, or one bundle of cases that are judged together.
type CaseResult struct {
	ID string `json:"id"`
	// Hash is that of what is asked and wanted, in hex.
	Hash    string   `json:"hash"`
	Cluster string   `json:"cluster"`
	Groups  []string `json:"groups,omitempty"`
	// Outcomes are by model; a model that was not asked has none.
	Outcomes map[string]OutcomeResult `json:"outcomes"`
}

// OutcomeResult is what one model did.
type OutcomeResult struct {
	Outcome drift.Outcome `json:"outcome"`
	// Answer is the hash of all that it answered, in hex: every turn, option and
	// sample, whole. Empty for bundles and undecided cases.
	Answer string `json:"answer,omitempty"`
}

// NewResults takes the results out of a finished audit of the plan.
func NewResults(p *Plan, a *drift.Audit) *Results {
	r := &Results{
		Schema: ResultsSchema, Version: a.Version, Title: a.Title, Size: a.Size, Seed: a.Seed, Policy: a.Policy,
		Reference: a.Reference, Candidates: a.Candidates,
	}
	outcomes := map[string]map[string]OutcomeResult{} // by case and model
	take := func(unit, model string, o drift.Observation, bundled bool) {
		if outcomes[unit] == nil {
			outcomes[unit] = map[string]OutcomeResult{}
		}
		outcomes[unit][model] = outcomeResult(o, bundled)
	}
	for _, pair := range a.Pairs {
		bundled := p.probe(pair.Probe).Bundled()
		take(pair.Case, a.Reference.Name, pair.Reference, bundled)
		take(pair.Case, pair.Candidate, pair.Pair.Candidate, bundled)
	}
	for _, probe := range p.suite.Probes {
		if result := p.probeResult(probe, outcomes); len(result.Cases) > 0 {
			r.Probes = append(r.Probes, result)
		}
		probe.Forget()
	}
	return r
}

func outcomeResult(o drift.Observation, bundled bool) OutcomeResult {
	r := OutcomeResult{Outcome: o.Outcome}
	if answered(o.Outcome) && !bundled {
		r.Answer = o.Digest
	}
	return r
}

func shortSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// probeResult has the cases that any candidate was to be asked.
func (p *Plan) probeResult(probe *probes.Probe, outcomes map[string]map[string]OutcomeResult) ProbeResult {
	result := ProbeResult{ID: probe.ID, Pack: probe.Pack, Harm: probe.Harm, File: probe.File, Line: probe.Line, Judged: probe.Judged()}
	for _, u := range units(probe, "") {
		if p.neededByAny(u.cases[0]) {
			result.Cases = append(result.Cases, CaseResult{
				ID: u.id, Hash: u.hash(), Cluster: u.cases[0].Cluster, Groups: u.commonGroups(), Outcomes: outcomes[u.id],
			})
		}
	}
	return result
}

// hash is that of the unit's case, or over those of a bundle's.
func (u unit) hash() string {
	if len(u.cases) == 1 {
		return u.cases[0].Hash()
	}
	var all strings.Builder
	for _, c := range u.cases {
		all.WriteString(c.Hash())
	}
	sum := sha256.Sum256([]byte(all.String()))
	return hex.EncodeToString(sum[:])
}

// commonGroups are the groups that all cases of the unit are in.
func (u unit) commonGroups() []string {
	var list []string
	for _, g := range u.cases[0].Groups {
		if !slices.ContainsFunc(u.cases, func(c *probes.Case) bool { return !slices.Contains(c.Groups, g) }) {
			list = append(list, g)
		}
	}
	return list
}

// ReadResults reads the results of a run: a file, or the folder of the run.
func ReadResults(path string) (*Results, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, ResultsFile)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file: expected the folder of a finished run, or its %s", path, ResultsFile)
	}
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	var r Results
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("results %s: %w", path, err)
	}
	if r.Schema != ResultsSchema {
		return nil, fmt.Errorf("results %s: schema %q: expected %q", path, r.Schema, ResultsSchema)
	}
	return &r, nil
}

// write keeps the results in the folder of a run.
func (r *Results) write(dir string) error {
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, ResultsFile), append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	return nil
}
