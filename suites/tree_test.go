package suites

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/onsi/ginkgo/v2"
)

func TestSplitBoundsContainersAndKeepsOrder(t *testing.T) {
	const n = 1201
	root := &node{}
	for i := range n {
		root.children = append(root.children, &node{text: fmt.Sprint(i), body: func(ginkgo.SpecContext) {}})
	}
	root.split()
	var texts []string
	var check func(*node)
	check = func(n *node) {
		if len(n.children) > maxChildren {
			t.Errorf("container %q has %d children, want at most %d", n.text, len(n.children), maxChildren)
		}
		if n.body != nil {
			texts = append(texts, n.text)
		}
		for _, c := range n.children {
			check(c)
		}
	}
	check(root)
	var parts []string
	for _, c := range root.children {
		parts = append(parts, c.text)
	}
	if diff := cmp.Diff([]string{"1 to 500", "501 to 1000", "1001 to 1201"}, parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if len(texts) != n || texts[0] != "0" || texts[n-1] != fmt.Sprint(n-1) {
		t.Errorf("%d specs from %q to %q, want all %d in order", len(texts), texts[0], texts[len(texts)-1], n)
	}
}

func TestLabelKeepsOutTheSignsOfFilters(t *testing.T) {
	if got, want := label("candidate", "phi3:mini/q4, (k&m)"), "candidate:phi3:mini-q4- -k-m-"; got != want {
		t.Errorf("label = %q, want %q", got, want)
	}
}
