package reporters

import (
	"fmt"
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// heading names a comparison of a known candidate, with its verdict.
func heading(a *drift.Audit, c drift.Comparison) string {
	return fmt.Sprintf("%s, %s: %s", name(c.Probe), group(c), verdict(a, c))
}

// because says why a verdict was given, and why it counts as it does.
func because(a *drift.Audit, c drift.Comparison) []string {
	lines := []string{sentence(c.Because)}
	if note := stand(a, c).note; note != "" {
		lines = append(lines, note)
	}
	return lines
}

// explain says in some lines what a verdict rests on.
func explain(a *drift.Audit, c drift.Comparison) []string {
	lines := append(because(a, c),
		fmt.Sprintf("%s in %s, %s left out without an answer; %s lost, %s gained",
			plural(c.N, "pair", "pairs"), plural(c.Clusters, "cluster", "clusters"),
			count(c.Excluded), count(c.Loss), count(c.Gain)),
		flipping(a, c),
		fmt.Sprintf("%s %s, %s %s",
			name(a.Reference.Name), shareWithin(c.Reference), name(c.Candidate), shareWithin(c.CandidateRate)),
		fmt.Sprintf("change %s, margin %s points%s", change(c), plain(c.Margin), confirmed(c)),
	)
	return append(lines, marks(c)...)
}

// confirmed is how a fail stands among all comparisons of its candidate, empty
// where nothing was tested.
func confirmed(c drift.Comparison) string {
	if c.PAdjusted == nil {
		return ""
	}
	return fmt.Sprintf(", Holm p %s among %s", probability(*c.PAdjusted), plural(c.Family, "comparison", "comparisons"))
}

// marks tells lost format from lost knowledge, where anything was marked.
func marks(c drift.Comparison) []string {
	r, k := c.ReferenceShares, c.CandidateShares
	if r == (drift.Shares{}) && k == (drift.Shares{}) {
		return nil
	}
	line := fmt.Sprintf("reference → candidate: unparsed %s → %s, cut %s → %s, refused %s → %s, undecided %s → %s",
		count(r.Unparsed), count(k.Unparsed), count(r.Cut), count(k.Cut),
		count(r.Refused), count(k.Refused), count(r.Undecided), count(k.Undecided))
	if c.ChangeParsed != nil {
		line += "; change where both could be parsed " + signed(100**c.ChangeParsed)
	}
	return []string{line}
}

// place is where a probe or a case is written down.
func place(file string, line int) string {
	return fmt.Sprintf("%s:%d", excerpt(file, maxQuoted), line)
}

// direction is "lost" where the reference passes, else "gained".
func direction(f drift.Flip) string {
	if f.Reference.Outcome == drift.Pass {
		return "lost"
	}
	return "gained"
}

// explainFlips shows the first flips of a comparison, both answers.
func explainFlips(a *drift.Audit, c drift.Comparison, most int) []string {
	var lines []string
	for _, f := range c.Flips[:min(most, len(c.Flips))] {
		lines = append(lines,
			fmt.Sprintf("%s %s (%s)", direction(f), name(f.Case), place(c.File, f.Line)),
			"  asked "+quote(f.Prompt),
			"  want  "+quote(f.Want),
			fmt.Sprintf("  %s: %s", name(a.Reference.Name), answered(f.Reference)),
			fmt.Sprintf("  %s: %s", name(c.Candidate), answered(f.Candidate)),
		)
	}
	return lines
}

// explainMandatory shows a mandatory case that did not pass.
func explainMandatory(m drift.Mandatory) []string {
	return []string{
		fmt.Sprintf("%s (%s)", name(m.Case), place(m.File, m.Line)),
		"  asked " + quote(m.Prompt),
		"  want  " + quote(m.Want),
		fmt.Sprintf("  %s: %s", name(m.Candidate), answered(m.Observation)),
	}
}

// answered is an outcome with what the model wrote.
func answered(o drift.Observation) string {
	return fmt.Sprintf("%s: %s", outcome(o), reply(o))
}

// reply is what the model wrote, or why it wrote nothing.
func reply(o drift.Observation) string {
	if o.Text == "" && o.Detail != "" {
		return sentence(o.Detail)
	}
	return quote(o.Text)
}

// outcome is an outcome with its reason and marks.
func outcome(o drift.Observation) string {
	var marks []string
	if o.Reason != "" {
		marks = append(marks, name(o.Reason))
	}
	if o.Cut {
		marks = append(marks, "cut at the token limit")
	}
	if o.Refused {
		marks = append(marks, "refused")
	}
	if o.Samples > 1 {
		marks = append(marks, fmt.Sprintf("%s of %s samples pass", count(o.Passes), count(o.Samples)))
	}
	if len(marks) == 0 {
		return name(string(o.Outcome))
	}
	return fmt.Sprintf("%s (%s)", name(string(o.Outcome)), strings.Join(marks, ", "))
}

// judged is the judgement of a candidate in one line.
func judged(a *drift.Audit, m drift.Model) string {
	v, ok := verdictOf(a, m.Name)
	if !ok {
		return "not judged"
	}
	return fmt.Sprintf("%s: %s", name(string(v.Verdict)), sentence(v.Because))
}

// control says in one line whether a control was blocked, and by what.
func control(a *drift.Audit, m drift.Model) string {
	title := fmt.Sprintf("%s (control, expected blocked): ", name(m.Name))
	v, ok := verdictOf(a, m.Name)
	if !ok {
		return title + "not judged"
	}
	if !v.Blocked {
		return title + "NOT BLOCKED: " + sentence(v.Because)
	}
	all := v.Pass + v.Fail + v.Inconclusive + v.Uninformative
	text := fmt.Sprintf("%sblocked by %s of %s", title, count(v.Fail), plural(all, "comparison", "comparisons"))
	worst, ok := worstOf(a, m.Name)
	if !ok {
		return text
	}
	return fmt.Sprintf("%s, worst %s (%s) %s points", text, name(worst.Probe), group(worst), change(worst))
}

// headline is the judgement of the run in a few words. A smoke run can find
// breakage and passes no release, so it never reads as a passed gate.
func headline(a *drift.Audit) string {
	switch {
	case !a.Gate.Passed:
		return "gate not passed"
	case a.Size == "smoke":
		return "no breakage found; smoke size passes no release"
	}
	return "gate passed"
}

// statusUnjudged is the Status of a run that could not be judged.
const statusUnjudged = 3

// gateReasons say why the gate did not pass.
func gateReasons(g drift.Gate) []string {
	if g.Passed {
		return nil
	}
	var reasons []string
	for _, r := range g.Reasons {
		reasons = append(reasons, sentence(r))
	}
	if g.Status == statusUnjudged {
		reasons = append(reasons, "the models were unreachable or too few cases were answered to judge (exit status 3)")
	}
	if len(reasons) == 0 {
		reasons = append(reasons, "no reason was given")
	}
	return reasons
}

// policyLines say what the audit demanded.
func policyLines(a *drift.Audit) []string {
	p := a.Policy
	lines := []string{
		fmt.Sprintf("size %s, seed %d", name(a.Size), a.Seed),
		fmt.Sprintf("margin %s points, for groups %s; alpha %g; at most %s %% of pairs without an answer",
			plain(p.Margin), plain(p.GroupMargin), p.Alpha, plain(p.MaxUndecided)),
		fmt.Sprintf("inconclusive: %s%s; uninformative: %s%s", name(p.Inconclusive), most(p), name(p.Uninformative), least(p)),
	}
	for _, m := range p.Margins {
		lines = append(lines, fmt.Sprintf("margin %s points for %s", plain(m.Margin), scope(m)))
	}
	if len(p.Advisory) > 0 {
		lines = append(lines, "advisory: "+sentence(strings.Join(p.Advisory, ", ")))
	}
	if len(p.Blocking) > 0 {
		lines = append(lines, "blocking all the same: "+sentence(strings.Join(p.Blocking, ", ")))
	}
	for _, w := range p.Waivers {
		lines = append(lines, fmt.Sprintf("%s: %s", name(w.Probe), waiver(w)))
	}
	return lines
}

// most is the budget of inconclusive comparisons, empty for none.
func most(p drift.Policy) string {
	if p.MaxInconclusive == nil {
		return ""
	}
	return fmt.Sprintf(" of at most %s of a candidate", count(*p.MaxInconclusive))
}

// least is the floor of comparisons that came to pass or fail, empty for none.
func least(p drift.Policy) string {
	if p.MinJudged == 0 {
		return ""
	}
	return fmt.Sprintf("; at least %s %% of a candidate's comparisons come to pass or fail", plain(p.MinJudged))
}

// scope says what a margin is for.
func scope(m drift.MarginRule) string {
	var parts []string
	for _, part := range []struct{ what, is string }{
		{"harm", m.Harm}, {"pack", m.Pack}, {"probe", m.Probe}, {"group", m.Group},
	} {
		if part.is != "" {
			parts = append(parts, part.what+" "+name(part.is))
		}
	}
	return strings.Join(parts, ", ")
}
