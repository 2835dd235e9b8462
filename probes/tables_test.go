package probes_test

import (
	"fmt"
	"math/big"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rows reads the table of a shipped probe; each row is a map by column.
func rows(t *testing.T, file string) []map[string]string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	header := strings.Split(lines[0], "\t")
	var list []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[header[i]] = cell
		}
		list = append(list, row)
	}
	return list
}

var (
	distance  = regexp.MustCompile(`^Which date is (\d+) (days|weeks|months) (after|before) (.*)\?$`)
	dayOfYear = regexp.MustCompile(`^Which date is day (\d+) of the year (\d+),`)
	american  = regexp.MustCompile(`^In the American order .* written (\S+)\. Which`)
	european  = regexp.MustCompile(`^In the European order .* written (\S+)\. Which`)
	diary     = regexp.MustCompile(`^A diary says: the (\d+)[a-z]+ day of the ([a-z]+) month of (\d+)\.`)
)

func TestShippedDatesAreRight(t *testing.T) {
	for _, row := range rows(t, "edge/dates.tsv") {
		if got, want := row["answer"], wantedDate(t, row["ask"]).Format(time.DateOnly); got != want {
			t.Errorf("%s: %s: the table says %s, want %s", row["id"], row["ask"], got, want)
		}
	}
}

func wantedDate(t *testing.T, ask string) time.Time {
	t.Helper()
	if m := distance.FindStringSubmatch(ask); m != nil {
		n := number(t, m[1])
		if m[3] == "before" {
			n = -n
		}
		from := date(t, "2 January 2006", m[4])
		switch m[2] {
		case "weeks":
			return from.AddDate(0, 0, 7*n)
		case "months":
			return from.AddDate(0, n, 0)
		}
		return from.AddDate(0, 0, n)
	}
	if m := dayOfYear.FindStringSubmatch(ask); m != nil {
		return time.Date(number(t, m[2]), 1, number(t, m[1]), 0, 0, 0, 0, time.UTC)
	}
	if m := american.FindStringSubmatch(ask); m != nil {
		return date(t, "1/2/2006", m[1])
	}
	if m := european.FindStringSubmatch(ask); m != nil {
		return date(t, "02.01.2006", m[1])
	}
	if m := diary.FindStringSubmatch(ask); m != nil {
		months := strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
		for i, name := range months {
			if name == m[2] {
				return time.Date(number(t, m[3]), time.Month(i+1), number(t, m[1]), 0, 0, 0, 0, time.UTC)
			}
		}
	}
	t.Fatalf("unknown kind of question: %s", ask)
	return time.Time{}
}

func date(t *testing.T, layout, text string) time.Time {
	t.Helper()
	d, err := time.Parse(layout, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var (
	compared = regexp.MustCompile(`^Which number is (greater|less), (\S+) or (\S+)\?$`)
	computed = regexp.MustCompile(`^What is (\S+) (\+|-|percent of) (\S+)\?$`)
	rounded  = regexp.MustCompile(`^Round (\S+) to (a whole number|one decimal place|two decimal places)\.$`)
	risen    = regexp.MustCompile(`^A price of (\S+) rises by (\S+) percent\.`)
)

func TestShippedNumbersAreRight(t *testing.T) {
	checked := 0
	for _, row := range rows(t, "edge/numbers.tsv") {
		want, ok := wantedNumber(t, row["ask"])
		if !ok {
			continue // a sum of several steps
		}
		checked++
		if rational(t, row["answer"]).Cmp(want) != 0 {
			t.Errorf("%s: %s: the table says %s, want %s", row["id"], row["ask"], row["answer"], want.FloatString(4))
		}
	}
	if checked < 420 {
		t.Errorf("only %d rows were checked, want at least 420", checked)
	}
}

func wantedNumber(t *testing.T, ask string) (*big.Rat, bool) {
	t.Helper()
	if m := compared.FindStringSubmatch(ask); m != nil {
		a, b := rational(t, m[2]), rational(t, m[3])
		if (a.Cmp(b) > 0) == (m[1] == "greater") {
			return a, true
		}
		return b, true
	}
	if m := computed.FindStringSubmatch(ask); m != nil {
		a, b := rational(t, m[1]), rational(t, m[3])
		switch m[2] {
		case "+":
			return a.Add(a, b), true
		case "-":
			return a.Sub(a, b), true
		}
		return a.Mul(a, b.Quo(b, big.NewRat(100, 1))), true
	}
	if m := rounded.FindStringSubmatch(ask); m != nil {
		places := map[string]int{"a whole number": 0, "one decimal place": 1, "two decimal places": 2}[m[2]]
		return rational(t, rational(t, m[1]).FloatString(places)), true
	}
	if m := risen.FindStringSubmatch(ask); m != nil {
		a, p := rational(t, m[1]), rational(t, m[2])
		return a.Mul(a, p.Quo(p.Add(p, big.NewRat(100, 1)), big.NewRat(100, 1))), true
	}
	return nil, false
}

func rational(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(strings.NewReplacer(",", "", "(", "", ")", "").Replace(text))
	if !ok {
		t.Fatalf("%q is not a number", text)
	}
	return r
}

// units are sizes in the smallest unit of their kind.
var units = map[string]int64{
	"kilometre": 1_000_000, "metre": 1000, "centimetre": 10, "millimetre": 1,
	"tonne": 1_000_000_000, "kilogram": 1_000_000, "gram": 1000, "milligram": 1,
	"litre": 1000, "decilitre": 100, "centilitre": 10, "millilitre": 1,
	"day": 86400, "hour": 3600, "minute": 60, "second": 1,
}

var (
	converted = regexp.MustCompile(`^How many (\w+)s are (\S+) (\w+)s\?$`)
	mixed     = regexp.MustCompile(`^How many (\w+)s are (\S+) (\w+)s and (\S+) (\w+)s together\?$`)
	apart     = regexp.MustCompile(`^By how many (\w+)s do (\S+) (\w+)s and (\S+) (\w+)s differ\?$`)
	travelled = regexp.MustCompile(`^A tram goes (\d+) kilometres an hour\. How many (\w+)s does it go in (\d+) minutes\?$`)
)

func TestShippedUnitsAreRight(t *testing.T) {
	for _, row := range rows(t, "edge/units.tsv") {
		want, unit := wantedQuantity(t, row["ask"])
		if rational(t, row["answer"]).Cmp(want) != 0 || row["unit"] != unit {
			t.Errorf("%s: %s: the table says %s %s, want %s %s", row["id"], row["ask"], row["answer"], row["unit"], want.FloatString(4), unit)
		}
	}
}

func wantedQuantity(t *testing.T, ask string) (*big.Rat, string) {
	t.Helper()
	size := func(amount, unit string) *big.Rat {
		if units[unit] == 0 {
			t.Fatalf("unknown unit %q: %s", unit, ask)
		}
		return new(big.Rat).Mul(rational(t, amount), big.NewRat(units[unit], 1))
	}
	in := func(total *big.Rat, unit string) *big.Rat { return total.Quo(total, size("1", unit)) }
	if m := converted.FindStringSubmatch(ask); m != nil {
		return in(size(m[2], m[3]), m[1]), m[1]
	}
	if m := mixed.FindStringSubmatch(ask); m != nil {
		return in(new(big.Rat).Add(size(m[2], m[3]), size(m[4], m[5])), m[1]), m[1]
	}
	if m := apart.FindStringSubmatch(ask); m != nil {
		between := new(big.Rat).Sub(size(m[2], m[3]), size(m[4], m[5]))
		return in(between.Abs(between), m[1]), m[1]
	}
	if m := travelled.FindStringSubmatch(ask); m != nil {
		return rational(t, fmt.Sprintf("%d/60", number(t, m[1])*number(t, m[3]))), m[2]
	}
	t.Fatalf("unknown kind of question: %s", ask)
	return nil, ""
}
