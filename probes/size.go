package probes

import (
	"slices"

	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// sized picks the node of a size map for size: a missing size takes the next
// smaller one, else the smallest given. Any other node is returned as it is.
func sized(n *yaml.Node, size Size) *yaml.Node {
	if n == nil {
		return nil
	}
	n = strictyaml.Follow(n)
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		return n
	}
	given := map[Size]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := Size(n.Content[i].Value)
		if !slices.Contains(sizes, name) {
			return n
		}
		given[name] = n.Content[i+1]
	}
	at := slices.Index(sizes, size)
	for i := at; i >= 0; i-- {
		if v := given[sizes[i]]; v != nil {
			return strictyaml.Follow(v)
		}
	}
	for _, s := range sizes[at:] {
		if v := given[s]; v != nil {
			return strictyaml.Follow(v)
		}
	}
	return n
}

var sizes = []Size{Smoke, Standard, Full}
