package suites

import (
	"fmt"
	"strings"

	"github.com/gambit-audit/gambit/audit"
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
)

// node is a container or, where it has a body, a spec of the tree.
type node struct {
	text     string
	labels   []string
	at       types.CodeLocation // the YAML behind it; zero leaves it to Ginkgo
	children []*node
	body     func(ginkgo.SpecContext)
	// pick notes what the spec needs.
	pick func(*selection)
}

// selection is what the specs that will run need.
type selection struct {
	comparisons map[audit.ComparisonID]bool
	mandatory   map[audit.MandatoryID]bool
	controls    map[string]bool // candidates that must be blocked
}

func newSelection() *selection {
	return &selection{map[audit.ComparisonID]bool{}, map[audit.MandatoryID]bool{}, map[string]bool{}}
}

// maxChildren bounds the children of one container: the time to build one
// grows with the square of their number.
const maxChildren = 500

// child finds or adds a container.
func (n *node) child(text string, labels ...string) *node {
	for _, c := range n.children {
		if c.text == text && c.body == nil {
			return c
		}
	}
	c := &node{text: text, labels: labels}
	n.add(c)
	return c
}

func (n *node) add(c *node) { n.children = append(n.children, c) }

// split bounds the children of all containers from n down, by containers in
// between.
func (n *node) split() {
	for _, c := range n.children {
		c.split()
	}
	for len(n.children) > maxChildren {
		var parts []*node
		for start := 0; start < len(n.children); start += maxChildren {
			end := min(start+maxChildren, len(n.children))
			parts = append(parts, &node{
				text: fmt.Sprintf("%d to %d", start+1, end), at: n.at, children: n.children[start:end],
			})
		}
		n.children = parts
	}
}

// grow registers the node and all below it with Ginkgo.
func (n *node) grow() {
	var args []any
	if n.at.FileName != "" {
		args = append(args, n.at)
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

// specs are all specs below n by the texts that lead to them.
func (n *node) specs() map[string]*node {
	specs := map[string]*node{}
	n.walk(nil, specs)
	return specs
}

func (n *node) walk(containers []string, specs map[string]*node) {
	for _, c := range n.children {
		if c.body != nil {
			specs[pathOf(containers, c.text)] = c
			continue
		}
		c.walk(append(containers, c.text), specs)
	}
}

// pickAll notes what the specs need that will run by the preview, and counts
// them.
func pickAll(specs map[string]*node, preview ginkgo.Report, picked *selection) int {
	count := 0
	for _, r := range preview.SpecReports {
		if r.LeafNodeType != types.NodeTypeIt || r.State != types.SpecStatePassed {
			continue
		}
		if spec := specs[pathOf(r.ContainerHierarchyTexts, r.LeafNodeText)]; spec != nil {
			spec.pick(picked)
			count++
		}
	}
	return count
}

func pathOf(containers []string, text string) string {
	return strings.Join(containers, "\x00") + "\x00" + text
}

// label makes a Ginkgo label key:value. The signs that label filters keep for
// themselves become "-".
func label(key, value string) string {
	return key + ":" + strings.Map(func(r rune) rune {
		if strings.ContainsRune("&|!,()/{}", r) {
			return '-'
		}
		return r
	}, value)
}
