package suites

import (
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
)

// node is one container or, where it has a body, one spec of the tree.
type node struct {
	text     string
	labels   []string
	file     string // empty: the location is left to Ginkgo
	line     int
	body     func(ginkgo.SpecContext)
	children []*node
}

// maxChildren bounds the children of one container: building a container is
// quadratic in their number.
const maxChildren = 500

// child finds or adds a container.
func (n *node) child(text string, labels ...string) *node {
	for _, c := range n.children {
		if c.text == text && c.body == nil {
			return c
		}
	}
	c := &node{text: text, labels: labels, file: n.file, line: n.line}
	n.children = append(n.children, c)
	return c
}

// split bounds the children of every container below n by putting them into
// containers of their own.
func (n *node) split() {
	for _, c := range n.children {
		c.split()
	}
	for len(n.children) > maxChildren {
		var parts []*node
		for start := 0; start < len(n.children); start += maxChildren {
			end := min(start+maxChildren, len(n.children))
			parts = append(parts, &node{
				text: fmt.Sprintf("%d to %d", start+1, end), file: n.file, line: n.line, children: n.children[start:end],
			})
		}
		n.children = parts
	}
}

// grow registers the node and all below it with Ginkgo.
func (n *node) grow() {
	var args []any
	if n.file != "" {
		args = append(args, types.CodeLocation{FileName: n.file, LineNumber: n.line})
	}
	for _, l := range n.labels {
		args = append(args, ginkgo.Label(l))
	}
	if n.body != nil {
		ginkgo.It(n.text, append(args, n.body)...)
		return
	}
	ginkgo.Describe(n.text, append(args, func() {
		for _, c := range n.children {
			c.grow()
		}
	})...)
}

// walk calls visit for every spec with the texts that lead to it.
func (n *node) walk(path []string, visit func(path string, leaf *node)) {
	path = append(path, n.text)
	if n.body != nil {
		visit(specPath(path), n)
	}
	for _, c := range n.children {
		c.walk(path, visit)
	}
}

// specPath identifies a spec by its texts, which are unique in the tree.
func specPath(texts []string) string { return strings.Join(texts, "\x00") }

// label makes a Ginkgo label of the form key:value. Signs that the language of
// label filters keeps for itself become "-".
func label(key, value string) string {
	return key + ":" + strings.Map(func(r rune) rune {
		if strings.ContainsRune("&|!,()/{}", r) {
			return '-'
		}
		return r
	}, value)
}
