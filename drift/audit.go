package drift

// SchemaVersion names the shape of [Audit] as JSON. It changes when a field
// changes its meaning or goes.
const SchemaVersion = "gambit.audit/1"

// Audit is a finished audit: everything that a reporter may show.
type Audit struct {
	Schema  string `json:"schema"`
	Version string `json:"version"` // of gambit
	Title   string `json:"title"`
	// Notes are printed in every report, e.g. on where the weights came from.
	Notes      []string `json:"notes,omitempty"`
	Size       string   `json:"size"` // smoke, standard or full
	Seed       uint64   `json:"seed"`
	Policy     Policy   `json:"policy"`
	Reference  Model    `json:"reference"`
	Candidates []Model  `json:"candidates"`
	// Scoring are the models that scorers asked, a judge and an embedder; empty
	// where rules scored every answer.
	Scoring     []Model      `json:"scoring,omitempty"`
	Probes      []ProbeInfo  `json:"probes"`
	Comparisons []Comparison `json:"comparisons"`
	Mandatory   []Mandatory  `json:"mandatory,omitempty"`
	// Analyses describe each probe and candidate beyond the verdicts, and
	// Findings are the exploratory results of all of them, the surest first.
	// Neither gates.
	Analyses []Analysis `json:"analyses,omitempty"`
	Findings []Finding  `json:"findings,omitempty"`
	// Floor is how often the reference contradicts itself, over the cases of
	// all probes that it was asked twice; nil where that was not measured.
	Floor *Rate `json:"floor,omitempty"`
	// AgainstBaseline holds the run against the baseline that its audit file
	// pins; nil without one.
	AgainstBaseline *BaselineAudit `json:"against_baseline,omitempty"`
	// Pairs are what the comparisons were made of, in the order of probes,
	// candidates and cases. They are kept beside the report, in a file of their
	// own (format pairs), and not in it; nil where only the report was read.
	Pairs []ProbePair `json:"-"`
	// Controls is nil where no specimens were audited; ControlsOff tells that the
	// audit file wants none.
	Controls    *Controls `json:"controls,omitempty"`
	ControlsOff bool      `json:"controls_off,omitempty"`
	// Warnings say what a reader should know and what to do about it.
	Warnings []string `json:"warnings,omitempty"`
	Gate     Gate     `json:"gate"`
}

// Policy is what the audit file demands.
type Policy struct {
	// Margin and GroupMargin are the drops in (0,1) that are still accepted,
	// for all cases of a probe and for a group.
	Margin      float64 `json:"margin"`
	GroupMargin float64 `json:"group_margin"`
	// Margins replace them for some comparisons; the last that matches counts.
	Margins []MarginRule `json:"margins,omitempty"`
	// Alpha is the one-sided level of each test, e.g. 0.05.
	Alpha float64 `json:"alpha"`
	// MaxUndecided is the largest accepted share of pairs without an answer,
	// and of the difference of the two models' shares.
	MaxUndecided float64 `json:"max_undecided"`
	// Inconclusive and Uninformative are "block" or "warn".
	Inconclusive  string `json:"inconclusive"`
	Uninformative string `json:"uninformative"`
	// MaxInconclusive is how many inconclusive comparisons of a candidate are
	// only warned of; more block it. Nil is no bound. It is read where
	// Inconclusive is "warn".
	MaxInconclusive *int `json:"max_inconclusive,omitempty"`
	// MinJudged is the least share in [0,1] of a candidate's comparisons that
	// must end in pass or fail; 0 demands none.
	MinJudged float64 `json:"min_judged,omitempty"`
	// Advisory probes are reported and never block, but for those that match
	// Blocking too. Both are globs of probe ids.
	Advisory []string `json:"advisory,omitempty"`
	Blocking []string `json:"blocking,omitempty"`
	Waivers  []Waiver `json:"waivers,omitempty"`
}

// MarginRule is the margin of some comparisons. Harm and Pack are exact, Probe
// and Group globs; one that is empty matches everything, but an empty Group
// only comparisons of all cases.
type MarginRule struct {
	Harm   string  `json:"harm,omitempty"`
	Pack   string  `json:"pack,omitempty"`
	Probe  string  `json:"probe,omitempty"`
	Group  string  `json:"group,omitempty"`
	Margin float64 `json:"margin"` // in (0,1)
}

// Waiver accepts a verdict that blocks, for one probe, until a day.
type Waiver struct {
	Probe string `json:"probe"` // glob of probe ids
	Owner string `json:"owner"`
	Until string `json:"until"` // YYYY-MM-DD, the last day on which it holds
	Why   string `json:"why"`
	// Expired is set where Until lies before the day of the run.
	Expired bool `json:"expired,omitempty"`
}

// Expect says what an audit expects of a candidate.
type Expect string

const (
	ExpectPass    Expect = "pass"    // gated: the release candidate
	ExpectBlocked Expect = "blocked" // a control with known damage
	ExpectAny     Expect = "any"     // for information
)

// Model is one audited model as the reports name it.
type Model struct {
	Name     string `json:"name"`
	Provider string `json:"provider"`
	Model    string `json:"model,omitempty"`
	Endpoint string `json:"endpoint,omitempty"`
	Digest   string `json:"digest,omitempty"` // of the weights; empty means unknown
	Bytes    int64  `json:"bytes,omitempty"`  // of the weights; 0 means unknown
	// Expect is empty for the reference.
	Expect Expect `json:"expect,omitempty"`
	// Calls were made for this run; Reused were found in the evidence.
	Calls  int `json:"calls"`
	Reused int `json:"reused"`
	// Spared are the calls that were not made, since no answer could have
	// changed a verdict.
	Spared int `json:"spared,omitempty"`
	// Usage is nil where nothing was answered.
	Usage *Usage `json:"usage,omitempty"`
}

// ProbeInfo is what a report says of a probe beside its comparisons.
type ProbeInfo struct {
	ID       string `json:"id"`
	Pack     string `json:"pack"`
	Harm     string `json:"harm"`
	About    string `json:"about,omitempty"`
	Source   string `json:"source,omitempty"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Cases    int    `json:"cases"`
	Advisory bool   `json:"advisory,omitempty"`
}

// Verdict is the judgement of one comparison.
type Verdict string

const (
	VerdictPass          Verdict = "pass"
	VerdictFail          Verdict = "fail"
	VerdictInconclusive  Verdict = "inconclusive"
	VerdictUninformative Verdict = "uninformative"
)

// Interval is a closed interval with its confidence level in (0,1).
type Interval struct {
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Confidence float64 `json:"confidence"`
}

// Rate is a share with its count and its Wilson interval. A nil *Rate is
// undefined (nothing to count).
type Rate struct {
	Share    float64  `json:"share"`
	N        int      `json:"n"`
	Interval Interval `json:"interval"`
}

// Comparison is one probe, one candidate and one group (or all cases), judged.
type Comparison struct {
	Probe     string `json:"probe"`
	Candidate string `json:"candidate"`
	// Group is "path=value", "guard", or empty for all cases.
	Group string `json:"group,omitempty"`
	File  string `json:"file"`
	Line  int    `json:"line"`
	// Gated is true where the verdict can block the release.
	Gated    bool    `json:"gated"`
	Advisory bool    `json:"advisory,omitempty"`
	Waived   *Waiver `json:"waived,omitempty"`

	N        int `json:"n"` // decided pairs
	Clusters int `json:"clusters"`
	Excluded int `json:"excluded"` // pairs with an undecided side
	// Spared are the cases that the candidate was not asked, since no answer to
	// them could change the verdict. Rates and intervals are those of the
	// others, and lean towards the verdict.
	Spared int `json:"spared,omitempty"`
	// Floor is how often the reference flips against itself on this probe; nil
	// where it was not measured.
	Floor *Rate `json:"floor,omitempty"`
	// BothPass, Loss, Gain and BothFail are the cells of the paired table: a
	// loss is a case that the reference passes and the candidate fails.
	BothPass int `json:"both_pass"`
	Loss     int `json:"loss"`
	Gain     int `json:"gain"`
	BothFail int `json:"both_fail"`

	Reference     *Rate `json:"reference"`
	CandidateRate *Rate `json:"candidate_rate"`
	// Baseline is the pass rate in [0,1] of the best answer that does not look
	// at the question, a constant or a guess; nil where there is none.
	Baseline *float64 `json:"baseline,omitempty"`
	// FlipRate is the share of decided pairs whose outcome differs, by
	// majority where cases are sampled; nil is undefined.
	FlipRate *Rate `json:"flip_rate,omitempty"`
	// Change is the candidate's pass rate minus the reference's, in [-1,1]:
	// negative is harm. Nil is undefined.
	Change   *float64  `json:"change"`
	Interval *Interval `json:"interval"` // of Change, two-sided, for reports
	Method   string    `json:"method"`   // of the interval, e.g. "tango_clustered"
	// GateInterval is the two-sided 1-2α interval that the verdict rests on.
	GateInterval *Interval `json:"gate_interval"`
	// MidP is McNemar's mid-p; nil where pairs are not independent, or sampled
	// several times.
	MidP         *float64 `json:"mid_p"`
	DesignEffect *float64 `json:"design_effect"`
	DesignSource string   `json:"design_source,omitempty"` // none, estimated, floored, planned
	Margin       float64  `json:"margin"`
	PInferior    *float64 `json:"p_inferior"`
	// PAdjusted is PInferior after Holm over the Family of all comparisons of
	// this candidate that are not advisory; nil for want of answers.
	PAdjusted *float64 `json:"p_adjusted"`
	Family    int      `json:"family"`
	// Worse marks a drop that is measurable, within the margin or not.
	Worse bool `json:"worse"`
	// Collapsed marks a candidate within noise of the best constant answer (of
	// nothing, where none can be right) while the reference is not.
	Collapsed bool `json:"collapsed,omitempty"`

	ReferenceShares Shares `json:"reference_shares"`
	CandidateShares Shares `json:"candidate_shares"`
	// ChangeParsed is Change over the pairs that both models answered in a
	// form that could be parsed. Nil is undefined.
	ChangeParsed *float64 `json:"change_parsed,omitempty"`

	Verdict Verdict `json:"verdict"`
	// Reason is a fixed word for machines. A pass is noninferior, a fail is
	// inferior, an uninformative comparison is guard or baseline; inconclusive
	// are no_data, coverage, one_cluster, too_few, no_spread, smoke,
	// judge, interval_contains_margin and not_confirmed.
	Reason string `json:"reason"`
	// Because is one sentence for people, with numbers and what to do next.
	Because string `json:"because"`
	// NeedNoDrop and NeedAtDrop are the further cases that a decision needs if
	// there is no true drop, and at the drop seen. Nil: no number helps, or
	// none is needed.
	NeedNoDrop *int `json:"need_no_drop,omitempty"`
	NeedAtDrop *int `json:"need_at_drop,omitempty"`
	// Judged is nil where rules, not a judge model, scored the answers.
	Judged *Judged `json:"judged,omitempty"`
	// Flips are the worst flips, losses first, at most a few.
	Flips []Flip `json:"flips,omitempty"`
}

// Shares counts marks of one model's answers among all pairs, decided or not.
type Shares struct {
	Undecided int `json:"undecided"`
	Unparsed  int `json:"unparsed"`
	Cut       int `json:"cut"`
	Refused   int `json:"refused"`
}

// Flip is one case whose outcome differs between the models.
type Flip struct {
	Case      string      `json:"case"`
	Line      int         `json:"line"`
	Prompt    string      `json:"prompt"`
	Want      string      `json:"want"`
	Reference Observation `json:"reference"`
	Candidate Observation `json:"candidate"`
}

// ProbePair is one pair of the audit with what was asked.
type ProbePair struct {
	Probe     string `json:"probe"`
	Candidate string `json:"candidate"`
	// Groups are those that the pair counts in, as Comparison.Group names them.
	Groups []string `json:"groups,omitempty"`
	Line   int      `json:"line"`   // of the case, in the probe's file
	Prompt string   `json:"prompt"` // of the last turn, its middle left out where it is long
	Want   string   `json:"want"`
	Pair   `json:"pair"`
}

// Mandatory is a case that every candidate must pass.
type Mandatory struct {
	Case        string      `json:"case"`
	Probe       string      `json:"probe"`
	Candidate   string      `json:"candidate"`
	File        string      `json:"file"`
	Line        int         `json:"line"`
	Gated       bool        `json:"gated"`
	Observation Observation `json:"observation"`
	Prompt      string      `json:"prompt"`
	Want        string      `json:"want"`
}

// Gate is the judgement of the run.
type Gate struct {
	Passed bool `json:"passed"`
	// Status is the exit status: 0 passed, 1 not passed, 3 the models were
	// unreachable or too few cases were answered to judge.
	Status int `json:"status"`
	// Reasons say why the gate did not pass; empty where it did.
	Reasons    []string           `json:"reasons,omitempty"`
	Candidates []CandidateVerdict `json:"candidates"`
}

// CandidateVerdict is the judgement of one candidate over all its comparisons.
type CandidateVerdict struct {
	Candidate string  `json:"candidate"`
	Expect    Expect  `json:"expect"`
	Verdict   Verdict `json:"verdict"`
	// Blocked is true where at least one comparison is a confirmed fail.
	Blocked bool `json:"blocked"`
	// Met is true where the verdict is what was expected.
	Met           bool   `json:"met"`
	Because       string `json:"because"`
	Pass          int    `json:"pass"`
	Fail          int    `json:"fail"`
	Inconclusive  int    `json:"inconclusive"`
	Uninformative int    `json:"uninformative"`
}
