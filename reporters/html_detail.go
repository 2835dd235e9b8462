package reporters

import (
	"strings"

	"github.com/gambit-audit/gambit/drift"
)

// webDetail is what a verdict rests on, with flips, both answers side by side.
type webDetail struct {
	Place, Candidate, Reference string
	Lines                       []string
	Flips                       []webFlip
}

// webFlip is a case whose outcome differs between the models.
type webFlip struct {
	Direction, Case, Place, Prompt, Want string
	Reference, Candidate                 webAnswer
}

// webAnswer is what a model did with a case.
type webAnswer struct {
	Model, Outcome, Class string
	Spans                 []span
}

func detailOf(a *drift.Audit, c drift.Comparison) webDetail {
	d := webDetail{
		Place: place(c.File, c.Line), Candidate: name(c.Candidate), Reference: name(a.Reference.Name), Lines: explain(a, c),
	}
	for _, f := range c.Flips {
		d.Flips = append(d.Flips, flipOf(a, c, f))
	}
	return d
}

func flipOf(a *drift.Audit, c drift.Comparison, f drift.Flip) webFlip {
	reference, candidate := wordDifference(answerText(f.Reference, maxParagraph), answerText(f.Candidate, maxParagraph))
	return webFlip{
		Direction: direction(f), Case: name(f.Case), Place: place(c.File, f.Line),
		Prompt: paragraph(f.Prompt, maxParagraph), Want: paragraph(f.Want, maxParagraph),
		Reference: webAnswer{name(a.Reference.Name), outcome(f.Reference), string(f.Reference.Outcome), reference},
		Candidate: webAnswer{name(c.Candidate), outcome(f.Candidate), string(f.Candidate.Outcome), candidate},
	}
}

// answerText is what the model wrote, of at most so many code points, or why it
// wrote nothing.
func answerText(o drift.Observation, most int) string {
	if o.Text == "" && o.Detail != "" {
		return sentence(o.Detail)
	}
	return paragraph(o.Text, most)
}

// maxParagraph is the most code points that a page shows of a text at once.
const maxParagraph = 600

// paragraph shows a text with its line breaks. It has no other difference from
// [excerpt].
func paragraph(s string, most int) string {
	lines := strings.Split(strings.ReplaceAll(shorten(s, most), "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = visible(l)
	}
	return strings.Join(lines, "\n")
}
