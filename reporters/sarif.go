package reporters

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

var _ = register("sarif", format{
	file:   "report.sarif",
	doc:    "SARIF 2.1.0 for code hosts: what did not pass, on the YAML line of its probe",
	render: renderSARIF,
})

// maxSARIF is how many results are written. GitHub shows 5,000 of a run and
// refuses a run of more than 25,000 or a file of more than 10 MB, gzipped.
const maxSARIF = 5000

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homePage    = "https://github.com/gambit-audit/gambit"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool           `json:"tool"`
	Automation  sarifAutomation     `json:"automationDetails"`
	Invocations []sarifInvocation   `json:"invocations"`
	Results     []sarifResult       `json:"results"`
	Bases       map[string]struct{} `json:"originalUriBaseIds"`
	Columns     string              `json:"columnKind"`
	Properties  sarifRunProperties  `json:"properties"`
}

// sarifAutomation tells runs of this tool from those of others on one commit.
type sarifAutomation struct {
	ID string `json:"id"`
}

type sarifRunProperties struct {
	Title  string   `json:"title"`
	Size   string   `json:"size"`
	Gate   string   `json:"gate"`
	Policy []string `json:"policy"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	URI     string      `json:"informationUri"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID         string         `json:"id"`
	Short      sarifText      `json:"shortDescription"`
	Full       sarifText      `json:"fullDescription"`
	Help       sarifText      `json:"help"`
	Properties sarifRuleProps `json:"properties"`
}

type sarifRuleProps struct {
	Tags []string `json:"tags"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Kind         string            `json:"kind,omitempty"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

func renderSARIF(a *drift.Audit) ([]byte, error) {
	all := findings(a)
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "Gambit", Version: name(a.Version), URI: homePage, Rules: []sarifRule{}}},
		Automation: sarifAutomation{"gambit/"},
		Invocations: []sarifInvocation{{
			Successful: a.Gate.Status != statusUnjudged, Notifications: notifications(a, len(all)-maxSARIF),
		}},
		Results: []sarifResult{}, Bases: map[string]struct{}{sourceRoot: {}}, Columns: "utf16CodeUnits",
		Properties: sarifRunProperties{sentence(a.Title), name(a.Size), headline(a), policyLines(a)},
	}
	for _, f := range all[:min(maxSARIF, len(all))] {
		run.add(a, f)
	}
	return indentJSON(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

// notifications tell of the gate and of what is not tied to a line: code hosts
// show results alone, other readers these too.
func notifications(a *drift.Audit, omitted int) []sarifNotification {
	list := []sarifNotification{}
	note := func(level, text string) {
		list = append(list, sarifNotification{level, sarifText{literal(text)}})
	}
	if omitted > 0 {
		note("warning", fmt.Sprintf("%s results, the least harmful, are left out of %s: see the other formats",
			count(omitted), count(omitted+maxSARIF)))
	}
	for _, r := range gateReasons(a.Gate) {
		note("error", r)
	}
	for _, w := range a.Warnings {
		note("warning", sentence(w))
	}
	for _, n := range a.Notes {
		note("note", sentence(n))
	}
	return list
}

// add appends a result, and its rule where it is the first of it.
func (r *sarifRun) add(a *drift.Audit, f finding) {
	id := orUndefined(name(f.probe))
	at := -1
	for i, rule := range r.Tool.Driver.Rules {
		if rule.ID == id {
			at = i
		}
	}
	if at < 0 {
		at = len(r.Tool.Driver.Rules)
		r.Tool.Driver.Rules = append(r.Tool.Driver.Rules, ruleOf(a, id, f.probe))
	}
	result := sarifResult{
		RuleID: id, RuleIndex: at, Level: sarifLevel(f), Message: sarifText{message(a, f)},
		Locations:    []sarifLocation{{sarifPhysical{artifact(f.file), sarifRegion{max(1, f.line)}}}},
		Fingerprints: fingerprints(f.key),
	}
	if result.Level == "none" {
		result.Kind = "informational"
	}
	r.Results = append(r.Results, result)
}

// ruleOf describes a probe as a rule. Its id is the probe's, which is stable.
func ruleOf(a *drift.Audit, id, probe string) sarifRule {
	r := sarifRule{
		ID: id, Short: sarifText{literal(id)}, Full: sarifText{literal(id)},
		Help:       sarifText{"The candidate loses more of this probe than the policy accepts, or the evidence does not reach."},
		Properties: sarifRuleProps{Tags: []string{"compression"}},
	}
	for _, p := range a.Probes {
		if p.ID != probe {
			continue
		}
		if p.About != "" {
			r.Full = sarifText{literal(sentence(p.About))}
		}
		for _, tag := range []string{p.Pack, p.Harm} {
			if tag != "" {
				r.Properties.Tags = append(r.Properties.Tags, name(tag))
			}
		}
	}
	return r
}

// sarifLevel is how a code host ranks a result.
func sarifLevel(f finding) string {
	switch {
	case f.blocks():
		return "error"
	case f.uninformative:
		return "note"
	}
	return "warning"
}

// message says what happened, with the first flip.
func message(a *drift.Audit, f finding) string {
	text := f.title + ": " + f.text
	if f.flip != nil {
		text += fmt.Sprintf(". First flip (%s): asked %s, %s %s, %s %s", direction(*f.flip), quote(f.flip.Prompt),
			name(a.Reference.Name), answered(f.flip.Reference), name(f.candidate), answered(f.flip.Candidate))
	}
	return literal(text)
}

// literal keeps visible text from being read as placeholders or links, which
// SARIF knows in every message (2.1.0, 3.11.5 and 3.11.6).
var literal = strings.NewReplacer("{", "{{", "}", "}}", "](", "] (").Replace

// sourceRoot is what relative paths start from, by convention the top of the
// repository.
const sourceRoot = "%SRCROOT%"

// artifact is a file of the repository; an absolute path stays one.
func artifact(file string) sarifArtifact {
	slashed := filepath.ToSlash(file)
	if strings.HasPrefix(slashed, "/") {
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: slashed}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: orUndefined(slashed)}).String(), Base: sourceRoot}
}

// fingerprints name a finding in every run, wherever its line moves. The first
// key is the one that GitHub reads, with the count of its own that it expects.
func fingerprints(key string) map[string]string {
	sum := sha256.Sum256([]byte(key))
	id := hex.EncodeToString(sum[:8])
	return map[string]string{"primaryLocationLineHash": id + ":1", "gambitFinding/v1": id}
}
