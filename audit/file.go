package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/importers"
	"github.com/gambit-audit/gambit/models"
	"github.com/gambit-audit/gambit/probes"
	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// File is a loaded audit file.
type File struct {
	Name string // as given
	// Hash is the SHA-256 of the text, in hex, before ${NAME} is replaced.
	Hash       string
	Text       []byte // as read, without secrets from the environment
	Title      string
	Notes      []string
	Reference  Model
	Candidates []Model
	Probes     []string // sources, relative to Dir
	Imports    []importers.Import
	// Controls tells whether specimens are audited beside the models.
	Controls bool
	// Differences are the settings in which candidates may differ from the
	// reference: num_ctx, chat_template, reasoning, context.
	Differences []string
	// Unsupported is what is done with a probe that a model's provider does not
	// carry: "refuse" it, or "skip" it for all models and say so.
	Unsupported string
	Size        probes.Size
	Seed        uint64
	// Curtail stops asking a candidate where no answer can change a verdict.
	Curtail bool
	// Floor is how many cases of a probe the reference is asked twice.
	Floor int
	// Baseline is an earlier run, its folder or its results, that the
	// candidates must not fall behind; empty for none.
	Baseline string
	Out      string // the folder that run folders are made in
	Scoring  Scoring
	Policy   drift.Policy
	Dir      string // what relative paths start from
}

// Model is one model of an audit file.
type Model struct {
	models.Spec
	Bytes int64 // of the weights, as stated; 0: not stated
	// Field of the imported files, or Logs of other tools, are what provider
	// recorded answers from.
	Field  string
	Logs   []importers.Log
	Price  *Price       // nil: not stated
	Expect drift.Expect // empty for the reference
}

// FileOptions are what an audit file is read with.
type FileOptions struct {
	// LookupEnv gives the value of ${NAME}; an empty one counts as none, since CI
	// systems give that for a secret which is not there.
	LookupEnv func(string) (string, bool)
	// FS holds the evidence that the file names; nil means the disk.
	FS fs.FS
	// Size replaces the size of the file, empty keeps it.
	Size probes.Size
}

// LoadFile reads an audit file. All of its problems come at once, each as
// file:line:col: what: expected what.
func LoadFile(name string, o FileOptions) (*File, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("audit file: %w", err)
	}
	return ParseFile(name, data, o)
}

// OpenFile reads an audit file out of a file system, which also holds the
// evidence that it names. See [LoadFile].
func OpenFile(fsys fs.FS, name string, o FileOptions) (*File, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("audit file: %w", err)
	}
	o.FS = fsys
	return ParseFile(name, data, o)
}

// ParseFile reads an audit file from memory; paths in it are relative to the
// folder of name.
func ParseFile(name string, data []byte, o FileOptions) (*File, error) {
	sum := sha256.Sum256(data)
	r := &fileReader{
		File: &strictyaml.File{Name: name}, options: o,
		out: &File{Name: name, Hash: hex.EncodeToString(sum[:]), Text: data, Dir: filepath.Dir(name)},
	}
	if root, ok := r.Document(data, "an audit file"); ok {
		r.read(root)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return r.out, nil
}

// fileReader reads one audit file.
type fileReader struct {
	*strictyaml.File
	options     FileOptions
	out         *File
	concurrency int
}

var (
	fileKeys   = []string{"title", "notes", "reference", "candidates", "probes", "controls", "differences", "unsupported", "size", "seed", "concurrency", "curtail", "floor", "baseline", "out", "policy", "scoring"}
	modelKeys  = []string{"name", "provider", "model", "base_url", "api_key", "num_ctx", "weights", "chat_template", "reasoning", "evidence", "recorded", "concurrency", "timeout", "attempts", "bytes", "price", "expect", "of", "damage", "keep", "group", "answer", "field", "logs", "tool"}
	policyKeys = []string{
		"margin", "group_margin", "margins", "alpha", "max_undecided", "inconclusive", "max_inconclusive", "uninformative", "min_judged", "tiers", "waivers",
	}
)

const (
	defaultOut         = "gambit-runs"
	defaultConcurrency = 8
	defaultFloor       = 20
)

func (r *fileReader) read(root *yaml.Node) {
	r.refuseKeys(root)
	r.expandAll(root)
	m, ok := r.Map(root, "audit file", fileKeys...)
	if !ok {
		return
	}
	f := r.out
	f.Title = r.Text(m.Get("title"), "title")
	f.Notes = r.Texts(m.Get("notes"), "notes")
	f.Size = probes.Size(r.OneOf(m.Get("size"), "size", "standard", "smoke", "full"))
	if r.options.Size != "" {
		f.Size = r.options.Size
	}
	f.Seed = uint64(r.Integer(m.Get("seed"), "seed", 0, 1))
	f.Out = r.path(m.Get("out"), "out", defaultOut)
	r.concurrency = r.Integer(m.Get("concurrency"), "concurrency", 1, defaultConcurrency)
	r.probes(m.Get("probes"))
	if len(f.Probes)+len(f.Imports) == 0 {
		r.At(m.Node, "no probes: expected `probes`, a list such as [builtin:edge, ./probes]")
	}
	f.Controls = r.OneOf(m.Get("controls"), "controls", "on", "off") == "on"
	f.Unsupported = r.OneOf(m.Get("unsupported"), "unsupported", "refuse", "skip")
	f.Curtail = r.OneOf(m.Get("curtail"), "curtail", "on", "off") == "on"
	f.Floor = r.Integer(m.Get("floor"), "floor", 0, defaultFloor)
	f.Baseline = r.path(m.Get("baseline"), "baseline", "")
	r.differences(m.Get("differences"))
	r.models(m)
	r.scoring(m.Get("scoring"))
	f.Policy = r.policy(m.Get("policy"))
}

// expandAll replaces ${NAME} in every text of the file.
func (r *fileReader) expandAll(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		n.Value = r.expand(n)
		return
	}
	for _, child := range n.Content {
		r.expandAll(child)
	}
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

func (r *fileReader) expand(n *yaml.Node) string {
	return variable.ReplaceAllStringFunc(n.Value, func(found string) string {
		name := found[2 : len(found)-1]
		if r.options.LookupEnv != nil {
			if value, ok := r.options.LookupEnv(name); ok && value != "" {
				return value
			}
		}
		r.At(n, "the environment variable %s is not set, or empty: expected a value for ${%s}", name, name)
		return ""
	})
}

// path reads a path; a relative one starts from the audit file's folder.
func (r *fileReader) path(n *yaml.Node, what, otherwise string) string {
	name := r.Text(n, what)
	if name == "" {
		name = otherwise
	}
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(r.out.Dir, name)
}

func (r *fileReader) models(m strictyaml.Map) {
	if n := m.Get("reference"); n != nil {
		r.out.Reference = r.model(n, "reference")
	} else {
		r.At(m.Node, "no reference: expected `reference`, the full model")
	}
	items := r.Items(m.Get("candidates"), "candidates")
	for _, n := range items {
		r.out.Candidates = append(r.out.Candidates, r.model(n, "candidate"))
	}
	if len(r.out.Candidates) == 0 {
		r.At(m.Node, "no candidates: expected `candidates`, a list of at least one compressed model")
	}
	seen := map[string]bool{r.out.Reference.Name: true}
	for i, c := range r.out.Candidates {
		if seen[c.Name] {
			r.At(items[i], "two models are named %q: expected a `name` of its own for each", c.Name)
		}
		seen[c.Name] = true
	}
	r.settle(items)
	r.compare(items)
}

var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (r *fileReader) model(n *yaml.Node, what string) Model {
	m, ok := r.Map(n, what, modelKeys...)
	if !ok {
		return Model{}
	}
	c := Model{Spec: models.Spec{
		Name:         r.Text(m.Get("name"), "name"),
		Provider:     r.Text(m.Get("provider"), "provider"),
		Model:        r.Text(m.Get("model"), "model"),
		BaseURL:      r.Text(m.Get("base_url"), "base_url"),
		NumCtx:       r.Integer(m.Get("num_ctx"), "num_ctx", 1, 0),
		Weights:      r.path(m.Get("weights"), "weights", ""),
		ChatTemplate: r.Text(m.Get("chat_template"), "chat_template"),
		Reasoning:    r.Text(m.Get("reasoning"), "reasoning"),
		Recorded:     r.Text(m.Get("recorded"), "recorded"),
		Concurrency:  r.Integer(m.Get("concurrency"), "concurrency", 1, r.concurrency),
		Attempts:     r.Integer(m.Get("attempts"), "attempts", 1, 0),
		Timeout:      r.duration(m.Get("timeout")),
	}, Bytes: r.bytes(m.Get("bytes")), Price: r.price(m.Get("price"))}
	if c.Name == "" {
		c.Name = c.Model
	}
	if !modelName.MatchString(c.Name) {
		r.At(m.Node, "%s named %q: expected `name` of letters, digits, '.', '_' and '-'", what, c.Name)
	}
	r.key(m.Get("api_key"), &c)
	if _, err := models.LookUp(c.Provider); err != nil {
		names := models.Providers()
		r.At(or(m.Get("provider"), m.Node), "unknown provider %q: %sexpected one of %s", c.Provider, strictyaml.DidYouMean(c.Provider, names), strings.Join(names, ", "))
	} else if err := models.CheckSettings(c.Spec); err != nil {
		r.At(m.Node, "provider %s: %v", c.Provider, err)
	}
	r.evidence(m.Get("evidence"), &c)
	r.planted(m, &c)
	r.answers(m, &c)
	c.Expect = drift.Expect(r.OneOf(m.Get("expect"), "expect", "pass", "blocked", "any"))
	if what != "candidate" {
		if m.Get("expect") != nil {
			r.At(m.Get("expect"), "expect on the %s: expected it on candidates", what)
		}
		c.Expect = ""
	}
	return c
}

// evidence names a recorded file, inside FileOptions.FS where there is one.
func (r *fileReader) evidence(n *yaml.Node, c *Model) {
	if n == nil {
		return
	}
	if r.options.FS == nil {
		c.Evidence = r.path(n, "evidence", "")
		return
	}
	c.Evidence = path.Join(path.Dir(filepath.ToSlash(r.Name)), r.Text(n, "evidence"))
	c.EvidenceFS = r.options.FS
}

func or(n, otherwise *yaml.Node) *yaml.Node {
	if n == nil {
		return otherwise
	}
	return n
}

func (r *fileReader) duration(n *yaml.Node) time.Duration {
	if n == nil {
		return 0
	}
	d, err := time.ParseDuration(r.Text(n, "timeout"))
	if err != nil || d <= 0 {
		r.At(n, "timeout is %s: expected a duration such as 90s", strictyaml.KindOf(strictyaml.Follow(n)))
	}
	return d
}

// price reads {input, output}, each for a million tokens.
func (r *fileReader) price(n *yaml.Node) *Price {
	if n == nil {
		return nil
	}
	m, _ := r.Map(n, "price", "input", "output")
	var p Price
	read := func(key string, at *float64) {
		if x := r.Number(m.Get(key), key, 0, maxPrice); x != nil {
			*at = *x
		} else if m.Get(key) == nil {
			r.At(m.Node, "price without %q: expected {input, output}, each for a million tokens", key)
		}
	}
	read("input", &p.Input)
	read("output", &p.Output)
	return &p
}

// maxPrice bounds the price of a million tokens.
const maxPrice = 1e6

// maxBytes bounds what the weights of a model may weigh: 1,000 TB.
const maxBytes = 1e15

var size = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)\s*([kMGT]?)B?$`)

// bytes reads 98000000, "98MB" or "2.2GB" (powers of 1000).
func (r *fileReader) bytes(n *yaml.Node) int64 {
	if n == nil {
		return 0
	}
	parts := size.FindStringSubmatch(r.Text(n, "bytes"))
	if parts == nil {
		r.At(n, "bytes is %s: expected a size such as 2.2GB", strictyaml.KindOf(strictyaml.Follow(n)))
		return 0
	}
	if parts[2] == "" && strings.Contains(parts[1], ".") {
		r.At(n, "bytes is %s: expected a unit, such as %sGB, or a whole number of bytes", parts[0], parts[1])
		return 0
	}
	x, _ := strconv.ParseFloat(parts[1], 64) // the pattern admits numbers alone
	x *= map[string]float64{"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}[parts[2]]
	if x > maxBytes {
		r.At(n, "bytes is %s: expected at most 1000TB", parts[0])
		return 0
	}
	return int64(math.Round(x))
}

func (r *fileReader) policy(n *yaml.Node) drift.Policy {
	p := drift.Policy{Margin: 0.05, GroupMargin: 0.10, Alpha: 0.05, MaxUndecided: 0.05, Inconclusive: "block", Uninformative: "warn"}
	if n == nil {
		return p
	}
	m, ok := r.Map(n, "policy", policyKeys...)
	if !ok {
		return p
	}
	share := func(key string, low, high float64, at *float64) {
		if x := r.Number(m.Get(key), key, low, high); x != nil {
			*at = *x
		}
	}
	share("margin", 0.0001, 0.49, &p.Margin)
	share("group_margin", 0.0001, 0.49, &p.GroupMargin)
	share("alpha", 0.0001, 0.49, &p.Alpha)
	share("max_undecided", 0, 0.5, &p.MaxUndecided)
	share("min_judged", 0, 1, &p.MinJudged)
	p.Inconclusive = r.OneOf(m.Get("inconclusive"), "inconclusive", "block", "warn")
	p.Uninformative = r.OneOf(m.Get("uninformative"), "uninformative", "warn", "block")
	if n := m.Get("max_inconclusive"); n != nil {
		most := r.Integer(n, "max_inconclusive", 0, 0)
		p.MaxInconclusive = &most
		if p.Inconclusive == "block" {
			r.At(n, "max_inconclusive where every inconclusive comparison blocks: expected it with `inconclusive: warn`")
		}
	}
	for _, item := range r.Items(m.Get("margins"), "margins") {
		p.Margins = append(p.Margins, r.margin(item))
	}
	if tiers := m.Get("tiers"); tiers != nil {
		t, _ := r.Map(tiers, "tiers", "advisory", "blocking")
		p.Advisory = r.globs(t.Get("advisory"), "advisory")
		p.Blocking = r.globs(t.Get("blocking"), "blocking")
		if len(p.Blocking) > 0 && len(p.Advisory) == 0 {
			r.At(t.Get("blocking"), "blocking without advisory: every probe blocks: expected `advisory`, from which `blocking` takes out some")
		}
	}
	for _, item := range r.Items(m.Get("waivers"), "waivers") {
		p.Waivers = append(p.Waivers, r.waiver(item))
	}
	return p
}

// margin reads a rule: a margin, and at least one of what it is for.
func (r *fileReader) margin(n *yaml.Node) drift.MarginRule {
	m, _ := r.Map(n, "margin", "harm", "pack", "probe", "group", "margin")
	rule := drift.MarginRule{
		Harm: r.Text(m.Get("harm"), "harm"), Pack: r.Text(m.Get("pack"), "pack"),
		Probe: r.Text(m.Get("probe"), "probe"), Group: r.Text(m.Get("group"), "group"),
	}
	if x := r.Number(m.Get("margin"), "margin", 0.0001, 0.49); x != nil {
		rule.Margin = *x
	}
	if m.Get("margin") == nil || rule == (drift.MarginRule{Margin: rule.Margin}) {
		r.At(m.Node, "rule of margins that is not whole: expected `margin` and at least one of harm, pack, probe and group")
	}
	r.glob(or(m.Get("probe"), n), rule.Probe)
	r.glob(or(m.Get("group"), n), rule.Group)
	return rule
}

func (r *fileReader) globs(n *yaml.Node, what string) []string {
	list := r.Texts(n, what)
	for _, glob := range list {
		r.glob(n, glob)
	}
	return list
}

func (r *fileReader) glob(n *yaml.Node, glob string) {
	if err := CheckPattern(glob); err != nil {
		r.At(n, "%v", err)
	}
}

// CheckPattern refuses what a pattern of ids does not mean: in it only * is
// special.
func CheckPattern(glob string) error {
	if strings.ContainsAny(glob, `[]?\`) {
		return fmt.Errorf("pattern %q: expected an id with * for any text, and nothing else that is special", glob)
	}
	return nil
}

func (r *fileReader) waiver(n *yaml.Node) drift.Waiver {
	m, _ := r.Map(n, "waiver", "probe", "owner", "until", "why")
	for _, key := range []string{"probe", "owner", "until", "why"} {
		if m.Get(key) == nil {
			r.At(m.Node, "waiver without %q: expected {probe, owner, until, why}", key)
		}
	}
	w := drift.Waiver{
		Probe: r.Text(m.Get("probe"), "probe"), Owner: r.Text(m.Get("owner"), "owner"),
		Until: r.Text(m.Get("until"), "until"), Why: r.Text(m.Get("why"), "why"),
	}
	if _, err := time.Parse(time.DateOnly, w.Until); err != nil && m.Get("until") != nil {
		r.At(m.Get("until"), "until is %q: expected a day such as 2027-03-01", w.Until)
	}
	r.glob(m.Node, w.Probe)
	return w
}

// models are the reference and the candidates, in the order of the file.
func (f *File) models() []Model { return append([]Model{f.Reference}, f.Candidates...) }
