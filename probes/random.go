package probes

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/gambit-audit/gambit/strictyaml"
	"gopkg.in/yaml.v3"
)

// maxDraws bounds a list of distinct random values.
const maxDraws = 10_000

// draw is one named random value of a probe.
type draw struct {
	name string
	node *yaml.Node
	kind string // int, digits, letters, uuid or pick
	arg  value
	n    value // the length of a list; absent for a single value
	per  []string
}

func (s *spec) parseRandom(n *yaml.Node) {
	if n == nil {
		return
	}
	m, _ := s.Map(n, "random")
	for _, key := range m.Keys {
		s.checkName(key, "random draw")
		s.random = append(s.random, s.parseDraw(key, m.Get(key.Value)))
	}
}

var drawKinds = []string{"int", "digits", "letters", "uuid", "pick"}

func (s *spec) parseDraw(key, n *yaml.Node) draw {
	d := draw{name: key.Value, node: key}
	m, ok := s.Map(n, fmt.Sprintf("random draw %q", key.Value), append([]string{"n", "per"}, drawKinds...)...)
	if !ok {
		return d
	}
	for _, kind := range drawKinds {
		arg := m.Get(kind)
		if arg == nil {
			continue
		}
		if d.kind != "" {
			s.At(arg, "random draw %q: both %q and %q: expected one", key.Value, d.kind, kind)
		}
		d.kind, d.arg = kind, s.value(arg)
	}
	if d.kind == "" {
		s.At(m.Node, "random draw %q: expected one of %s", key.Value, strictyaml.Quoted(drawKinds))
	}
	if n := m.Get("n"); n != nil {
		d.n = s.value(n)
	}
	if per := m.Get("per"); per != nil {
		d.per = s.Texts(per, "per")
		for _, name := range d.per {
			if s.axis(name) == nil {
				s.At(per, "per %q: %sexpected some of the axes %s", name, strictyaml.DidYouMean(name, s.axisNames()), strictyaml.Quoted(s.axisNames()))
			}
		}
	}
	return d
}

// stream is a random stream whose numbers are the same on every machine and
// with every version of Go.
type stream struct{ pcg *rand.PCG }

// newStream is seeded by what the numbers may depend on.
func newStream(seed uint64, parts ...string) stream {
	sum := sha256.Sum256([]byte(strconv.FormatUint(seed, 10) + "\x00" + strings.Join(parts, "\x00")))
	return stream{rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16]))}
}

// below gives a uniform number in [0, n), by rejection.
func (s stream) below(n uint64) uint64 {
	limit := -n % n // 2^64 mod n
	for {
		if x := s.pcg.Uint64(); x >= limit {
			return x % n
		}
	}
}

// value makes the draw. The seed names the keys of the axes it depends on.
func (d draw) value(s stream, scope map[string]any) (any, error) {
	arg, err := d.arg.render(scope)
	if err != nil {
		return nil, err
	}
	one, pool, err := d.source(arg)
	if err != nil {
		return nil, &templateError{d.node, fmt.Errorf("random draw %q: %w", d.name, err)}
	}
	if d.n.isZero() {
		return one(s), nil
	}
	n, err := d.n.render(scope)
	if err != nil {
		return nil, err
	}
	count, ok := n.(int)
	if !ok || count < 1 || count > maxDraws {
		return nil, &templateError{d.n.node, fmt.Errorf("n is %s: expected a whole number from 1 to %d", describe(n), maxDraws)}
	}
	if pool.Cmp(big.NewInt(int64(count))) < 0 {
		return nil, &templateError{d.node, fmt.Errorf("random draw %q: pool of %s is too small for %d distinct values", d.name, pool, count)}
	}
	if d.kind == "pick" {
		return shuffled(s, arg.([]any))[:count], nil
	}
	return distinct(s, one, count), nil
}

func distinct(s stream, one func(stream) any, count int) []any {
	seen := map[any]bool{}
	list := make([]any, 0, count)
	for len(list) < count {
		v := one(s)
		if !seen[v] {
			seen[v] = true
			list = append(list, v)
		}
	}
	return list
}

func shuffled(s stream, list []any) []any {
	list = slices.Clone(list)
	for i := len(list) - 1; i > 0; i-- {
		j := s.below(uint64(i + 1))
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// source gives a function that draws one value, and how many values there are.
func (d draw) source(arg any) (func(stream) any, *big.Int, error) {
	switch d.kind {
	case "int":
		bounds, ok := arg.([]any)
		if !ok || len(bounds) != 2 {
			return nil, nil, fmt.Errorf("int is %s: expected [low, high]", describe(arg))
		}
		low, okLow := bounds[0].(int)
		high, okHigh := bounds[1].(int)
		if !okLow || !okHigh || low > high {
			return nil, nil, fmt.Errorf("int is [%v, %v]: expected two whole numbers, low first", bounds[0], bounds[1])
		}
		span := uint64(high-low) + 1
		return func(s stream) any { return low + int(s.below(span)) }, new(big.Int).SetUint64(span), nil
	case "digits", "letters":
		k, ok := arg.(int)
		if !ok || k < 1 || k > 64 {
			return nil, nil, fmt.Errorf("%s is %s: expected a whole number from 1 to 64", d.kind, describe(arg))
		}
		if d.kind == "digits" {
			return digits(k), power(10, k-1, 9), nil
		}
		return letters(k), power(26, k, 1), nil
	case "uuid":
		if arg != true {
			return nil, nil, fmt.Errorf("uuid is %s: expected true", describe(arg))
		}
		return uuid, power(2, 122, 1), nil
	case "pick":
		list, ok := arg.([]any)
		if !ok || len(list) == 0 {
			return nil, nil, fmt.Errorf("pick is %s: expected a list", describe(arg))
		}
		pick := func(s stream) any { return list[s.below(uint64(len(list)))] }
		return pick, big.NewInt(int64(len(list))), nil
	}
	return nil, nil, fmt.Errorf("expected one of %s", strictyaml.Quoted(drawKinds))
}

func power(base, exponent int, times int64) *big.Int {
	p := new(big.Int).Exp(big.NewInt(int64(base)), big.NewInt(int64(exponent)), nil)
	return p.Mul(p, big.NewInt(times))
}

// digits draws k decimal digits as text, the first of them not 0.
func digits(k int) func(stream) any {
	return func(s stream) any {
		b := []byte{byte('1' + s.below(9))}
		for len(b) < k {
			b = append(b, byte('0'+s.below(10)))
		}
		return string(b)
	}
}

func letters(k int) func(stream) any {
	return func(s stream) any {
		b := make([]byte, k)
		for i := range b {
			b[i] = byte('a' + s.below(26))
		}
		return string(b)
	}
}

func uuid(s stream) any {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.pcg.Uint64())
	binary.BigEndian.PutUint64(b[8:], s.pcg.Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
