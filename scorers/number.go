package scorers

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// number is a number found in a text, with what stands around it.
type number struct {
	value         *big.Rat // nil: digits stand there, but no one number
	text          string   // as written, digits and signs made ASCII
	before, after string
}

// numberRun is a run of digits and of the signs that may stand in a number.
// The first branch is a mixed number, "1 3/4".
var numberRun = regexp.MustCompile(`[-+]?\d+ \d+/\d+|[-+]?\.?\d(?:[\d.,/:^\x{00A0}\x{2009}\x{202F}\p{No}]|[eE][-+]?\d)*`)

// lastNumber returns the last number of a text, and false for a text without.
//
// A number has digits of any script and may have a minus or plus sign (also
// U+2212 and an en dash) directly before it, unless a letter, a digit or a
// closing bracket stands before the sign: "5-7" ends in 7. Thousands are parted
// by commas or by no-break or thin spaces ("1,000", also the Indian
// "1,00,000"), decimals by a point; "1e6", "3/4" and "1 3/4" are one number
// each. Punctuation at the end is none of it: "5." is 5, and "9.11" is 9.11.
// Digits after a letter belong to a word: "H2O" and "x1" have no number.
//
// Digits with other signs among them are not guessed at: for "3,5", "10:30",
// "1/2/2024", "10^6" and "9.1.1" the value is nil.
//
// Groups of exactly three digits that spaces part are one number: "1 000 000".
// "Minus", "negative" and a sign set off by a space belong to the number where
// an expression begins; see [withSigns].
func lastNumber(text string) (number, bool) {
	text = joinGroups(withSigns(asciiNumbers(text)))
	runs := numberRun.FindAllStringIndex(text, -1)
	for i := len(runs) - 1; i >= 0; i-- {
		if n, ok := numberAt(text, runs[i][0], runs[i][1]); ok {
			return n, true
		}
	}
	return number{}, false
}

func numberAt(text string, start, end int) (n number, ok bool) {
	previous, _ := utf8.DecodeLastRuneInString(text[:start])
	glued := unicode.IsLetter(previous) && !isUnspaced(previous)
	switch {
	case !strings.ContainsRune("+-", rune(text[start])):
		if glued || unicode.IsMark(previous) && !isUnspaced(previous) {
			return n, false
		}
	case glued || unicode.IsNumber(previous) || previous == ')' || previous == ']':
		start++
	}
	end = start + len(strings.TrimRight(text[start:end], ".,/:^\u00a0\u2009\u202f"))
	written := text[start:end]
	return number{parseNumber(written), written, text[:start], text[end:]}, true
}

// signBeforeNumber finds a sign that may belong to the number that follows.
var signBeforeNumber = regexp.MustCompile(`(?i)(?:\b(?:minus|negative)[ \x{00A0}]+|-[ \x{00A0}\x{2009}\x{202F}]*)(\p{Sc}?)(\.?\p{Nd})`)

// withSigns writes the sign of a number directly before its first digit:
// "minus 5", "- 5" and "-$5" become "-5", "-5" and "$-5".
//
// The words count unless a number, a single letter or a closing bracket stands
// before them ("7 minus 5" is a difference). A sign that a space or a currency
// follows counts where an expression begins: at the start of a line, after
// "is", "are", "be" or "equals", and after a mark such as "=" or ":". So "3 - 5"
// and "Total - 5" end in 5. Where more than one line begins with a dash they are
// items of a list, and the dash is no sign.
func withSigns(text string) string {
	var out strings.Builder
	end, listed := 0, len(dashItem.FindAllString(text, 2)) == 2
	for _, at := range signBeforeNumber.FindAllStringSubmatchIndex(text, -1) {
		sign, before := text[at[0]:at[2]], text[max(0, at[0]-enough):at[0]]
		if sign == "-" && at[2] == at[3] || !beginsExpression(before, sign, listed) {
			continue
		}
		out.WriteString(text[end:at[0]] + text[at[2]:at[3]] + "-")
		end = at[4]
	}
	return out.String() + text[end:]
}

var (
	minuend    = regexp.MustCompile(`(?:[\p{N})\]%]|(?:^|[^\p{L}])\p{L})[ \x{00A0}]*$`)
	introduces = regexp.MustCompile(`(?i)(?:^|\n|[=:(\[{*_"'“≈<>≤≥/$]|\b(?:is|are|be|equals))[ \x{00A0}]*$`)
	dashItem   = regexp.MustCompile(`(?m)^[ \t]*- `)
)

// enough is how many bytes before a sign tell what it stands after.
const enough = 32

// beginsExpression reports whether a sign, a dash or a word, is the sign of the
// number after it, and not a difference, an item's dash or a dash between words.
func beginsExpression(before, sign string, listed bool) bool {
	switch {
	case sign == "-":
		return !endsOperand(before)
	case sign[0] != '-':
		return !minuend.MatchString(before)
	}
	line := before[strings.LastIndex(before, "\n")+1:]
	if listed && strings.TrimSpace(line) == "" {
		return false
	}
	return introduces.MatchString(before)
}

// spacedDigits finds digits with single spaces between them, with the mark
// before and after that would make them something else than a whole number.
var (
	spacedDigits = regexp.MustCompile(`[\p{L}\d.,/:^]?\d+(?:[ \x{00A0}\x{2009}\x{202F}]\d+)+/?`)
	digitGroups  = regexp.MustCompile(`^[1-9]\d{0,2}(?:[ \x{00A0}\x{2009}\x{202F}]\d{3})+$`)
)

// joinGroups writes the spaces between groups of three digits as no-break ones.
func joinGroups(text string) string {
	return spacedDigits.ReplaceAllStringFunc(text, func(digits string) string {
		if digitGroups.MatchString(digits) {
			return strings.ReplaceAll(digits, " ", "\u00a0")
		}
		return digits
	})
}

// asciiNumbers writes the digits of every script, the Arabic separators and
// the minus signs as ASCII.
func asciiNumbers(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u2212', '\u2013', '\ufe63':
			return '-'
		case '\u066b':
			return '.'
		case '\u066c':
			return ','
		}
		return asciiDigit(r)
	}, narrow(text))
}

// asciiDigit returns the ASCII digit for a decimal digit of any script and
// every other rune as it is. Unicode encodes decimal digits in runs from 0 to
// 9 (Unicode Standard, section 4.6), and the ranges of [unicode.Nd] hold whole
// runs.
func asciiDigit(r rune) rune {
	for _, run := range unicode.Nd.R16 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return '0' + (r-rune(run.Lo))%10
		}
	}
	for _, run := range unicode.Nd.R32 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return '0' + (r-rune(run.Lo))%10
		}
	}
	return r
}

var (
	decimal   = regexp.MustCompile(`^[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?$`)
	thousands = regexp.MustCompile(`^[-+]?[1-9]\d{0,2}(?:(?:[\x{00A0}\x{2009}\x{202F}]\d{3})+|(?:,\d{2,3})*,\d{3})(?:\.\d+)?$`)
	fraction  = regexp.MustCompile(`^([-+]?)(?:(\d+) )?(\d+)/(\d+)$`)
	separator = strings.NewReplacer(",", "", "\u00a0", "", "\u2009", "", "\u202f", "")
)

// parseNumber returns the value of a written number, or nil if it is not one
// number or has more than some hundred digits.
func parseNumber(text string) *big.Rat {
	if parts := fraction.FindStringSubmatch(text); parts != nil {
		return parseFraction(parts[1], parts[2], parts[3]+"/"+parts[4])
	}
	if thousands.MatchString(text) {
		text = separator.Replace(text)
	}
	if !decimal.MatchString(text) || !isModest(text) {
		return nil
	}
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return value
}

func parseFraction(sign, whole, part string) *big.Rat {
	if !isModest(whole + part) {
		return nil
	}
	value, ok := new(big.Rat).SetString(part) // not ok for a zero below the line
	if !ok {
		return nil
	}
	if whole != "" {
		integer, _ := new(big.Rat).SetString(whole)
		value.Add(value, integer)
	}
	if sign == "-" {
		value.Neg(value)
	}
	return value
}

// isModest reports whether a written number has a value of at most some
// hundred digits. Without the limit a short text such as "1e99999999" from a
// model would fill the memory.
func isModest(text string) bool {
	const most = 400
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if exponent == "" {
		return len(mantissa) <= most
	}
	power, err := strconv.Atoi(exponent)
	return err == nil && -most <= power && power <= most && len(mantissa) <= most
}

// formatNumber writes a value in decimals, at most twelve after the point, and
// zero without a sign.
func formatNumber(value *big.Rat) string {
	if value.IsInt() {
		return value.Num().String()
	}
	text := strings.TrimRight(strings.TrimRight(value.FloatString(12), "0"), ".")
	if strings.Trim(text, "-0.") == "" {
		return "0"
	}
	return text
}
