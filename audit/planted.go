package audit

import (
	"slices"
	"strings"

	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// plantedKeys are the keys of a model with provider planted, beside name,
// provider and expect: everything else is the damaged model's.
var plantedKeys = []string{"of", "damage", "keep", "group", "answer"}

// needed tells which key each damage reads; one that reads none is left out.
var needed = map[string]string{"forget": "keep", "truncate": "keep", "drop": "group", "constant": "answer"}

// planted reads the damage of a candidate.
func (r *fileReader) planted(m strictyaml.Map, c *Model) {
	if c.Provider != "planted" {
		for _, key := range plantedKeys {
			if n := m.Get(key); n != nil {
				r.At(n, "%s on provider %s: expected it with provider planted", key, c.Provider)
			}
		}
		return
	}
	for _, key := range modelKeys {
		n := m.Get(key)
		if n == nil || slices.Contains(plantedKeys, key) || key == "name" || key == "provider" || key == "expect" {
			continue
		}
		r.At(n, "%s on provider planted: expected it on the model that `of` names", key)
	}
	var names []string
	for _, d := range models.Damages {
		names = append(names, d.Name)
	}
	c.Planted = &models.Planted{Of: r.Text(m.Get("of"), "of"), Damage: r.Text(m.Get("damage"), "damage")}
	if !slices.Contains(names, c.Planted.Damage) {
		r.At(or(m.Get("damage"), m.Node), "damage is %q: expected one of %s", c.Planted.Damage, strings.Join(names, ", "))
		return
	}
	for _, key := range plantedKeys[2:] {
		n, reads := m.Get(key), needed[c.Planted.Damage] == key
		switch {
		case reads && n == nil:
			r.At(m.Node, "damage %s without `%s`: expected it", c.Planted.Damage, key)
		case !reads && n != nil:
			r.At(n, "%s is not read by damage %s", key, c.Planted.Damage)
		}
	}
	c.Planted.Keep = r.Integer(m.Get("keep"), "keep", 1, 0)
	c.Planted.Group = r.Text(m.Get("group"), "group")
	c.Planted.Answer = r.Text(m.Get("answer"), "answer")
}

// settle gives each model with planted damage the settings of the model that it
// damages, which stands in the same file.
func (r *fileReader) settle(items []*yaml.Node) {
	all := r.out.models()
	for i := range r.out.Candidates {
		c := &r.out.Candidates[i]
		if c.Planted == nil {
			continue
		}
		at := slices.IndexFunc(all, func(o Model) bool { return o.Name == c.Planted.Of && o.Planted == nil })
		if at < 0 {
			r.At(items[i], "of is %q: expected the name of a model of this file that is not itself planted", c.Planted.Of)
			continue
		}
		spec, damage := all[at].Spec, *c.Planted
		damage.Provider, damage.Model = spec.Provider, spec.Model
		spec.Name, spec.Provider, spec.Model, spec.Planted = c.Name, "planted", damage.String(), &damage
		c.Spec, c.Bytes, c.Price = spec, all[at].Bytes, all[at].Price
	}
}
