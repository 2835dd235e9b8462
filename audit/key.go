package audit

import (
	"strings"

	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// refuseKeys refuses API keys that stand in the file itself, which is shared and
// kept. It looks at the texts before ${NAME} is replaced.
func (r *fileReader) refuseKeys(n *yaml.Node) {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "api_key" && holdsKey(strictyaml.Follow(n.Content[i+1])) {
				r.At(n.Content[i+1], "api_key is written into the file: expected \"${NAME}\", {file: PATH}, or %s where the server wants no true one", models.NoKey)
			}
		}
	}
	for _, child := range n.Content {
		r.refuseKeys(child)
	}
}

func holdsKey(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Value != "" && n.Value != models.NoKey && !variable.MatchString(n.Value)
}

// key reads an API key, or where it is: in a file, that is read when the model is
// opened, since without a model no key is needed.
func (r *fileReader) key(n *yaml.Node, c *Model) {
	if n == nil || strictyaml.Follow(n).Kind != yaml.MappingNode {
		c.APIKey = strings.TrimSpace(r.Text(n, "api_key"))
		return
	}
	m, _ := r.Map(n, "api_key", "file")
	if c.APIKeyFile = r.path(m.Get("file"), "file", ""); c.APIKeyFile == "" {
		r.At(n, "api_key without a file: expected {file: PATH}")
	}
}
