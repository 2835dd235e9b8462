package reporters

import "github.com/gambit-audit/gambit/drift"

var _ = register("comment", format{
	file:   "comment.md",
	doc:    "the Markdown report in the size of a comment on a pull or merge request, details left out first",
	render: renderComment,
})

// maxComment is the size in bytes below which a comment stays: GitHub refuses
// one of more than 65,536 characters.
const maxComment = 60_000

// commentMark lets a workflow find its comment again, to replace it. It does
// not show.
const commentMark = "<!-- gambit -->\n"

func renderComment(a *drift.Audit) ([]byte, error) {
	d := markdownOf(a)
	return []byte(commentMark + d.fit(maxComment)), nil
}
