package scorers

import (
	"math/big"
	"strings"
)

var _ = register("numeric", newNumeric,
	"the last number of the answer, within an absolute tolerance and in one of the units")

// numeric compares the last number of the answer (see [lastNumber]) with the
// expected one. Both are exact decimals: within 0.1 of 5 includes 5.1.
//
// Where a unit is wanted, one of its spellings must follow the number or stand
// directly before it, in any case and as a whole word. Values are not
// converted: 5 with the unit "%" wants "5%", not "0.05".
type numeric struct {
	is, tolerance *big.Rat
	units         []phrase // nil: any unit or none
}

var _ Scorer = numeric{}

func newNumeric(arg any, _ Context) (Scorer, error) {
	f := fields{"is": arg}
	if _, isMap := arg.(map[string]any); isMap {
		var err error
		if f, err = readFields(arg, "is", "tolerance", "unit"); err != nil {
			return nil, err
		}
	}
	is, err := need(f, "is", readExact)
	if err != nil {
		return nil, err
	}
	tolerance, err := optional(f, "tolerance", readExact, new(big.Rat))
	if err != nil {
		return nil, err
	}
	if tolerance.Sign() < 0 {
		return nil, expected("a tolerance from 0", f["tolerance"])
	}
	units, err := optional(f, "unit", readPhraseList, nil)
	return numeric{is, tolerance, units}, err
}

// readExact reads a number, or a text that is one.
func readExact(value any) (*big.Rat, error) {
	text, err := readText(value)
	if err != nil {
		return nil, expected("a number", value)
	}
	exact := parseNumber(asciiNumbers(strings.TrimSpace(text)))
	if exact == nil {
		return nil, expected("a number", value)
	}
	return exact, nil
}

func (s numeric) Score(a Answer) Result {
	n, ok := lastNumber(a.Text)
	if !ok {
		return unparsed("no number in %s", quote(a.Text))
	}
	if n.value == nil {
		return unparsed("%s is not one number", quote(n.text))
	}
	r := s.judge(n)
	r.Parsed = formatNumber(n.value)
	return r
}

func (s numeric) judge(n number) Result {
	distance := new(big.Rat).Sub(n.value, s.is)
	if distance.Abs(distance).Cmp(s.tolerance) > 0 {
		return wrong("want %s, got %s", s.wanted(), n.text)
	}
	if s.units != nil && !n.hasUnit(s.units) {
		return wrong("want the unit %s, got %s", quoteAll(texts(s.units)), quote(n.text+n.after))
	}
	return passed()
}

func (s numeric) wanted() string {
	if s.tolerance.Sign() == 0 {
		return formatNumber(s.is)
	}
	return formatNumber(s.is) + " within " + formatNumber(s.tolerance)
}

// hasUnit reports whether one of the units follows the number or stands before
// it, with no more between than space, emphasis, brackets or a hyphen.
func (n number) hasUnit(units []phrase) bool {
	after := fold(strings.TrimLeft(n.after, " \t\u00a0\u2009\u202f*_`)}-"))
	before := fold(strings.TrimRight(n.before, " \t\u00a0*_`({"))
	for _, unit := range units {
		if strings.HasPrefix(string(after), string(unit.folded)) && boundary(after, len(unit.folded)) {
			return true
		}
		if strings.HasSuffix(string(before), string(unit.folded)) && boundary(before, len(before)-len(unit.folded)) {
			return true
		}
	}
	return false
}
