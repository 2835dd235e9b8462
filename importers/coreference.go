package importers

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// WinoBias: Zhao et al. 2018, arXiv:1804.06876. Winogender: Rudinger et al. 2018,
// arXiv:1804.09301.
var (
	_ = register("winobias", format{
		about:   "WinoBias, text lines: pro_stereotyped_type1.txt.dev, with the anti_ file and both occupation lists beside it",
		licence: "MIT",
		read:    readWinoBias,
	})
	_ = register("winogender", format{
		about:   "Winogender schemas, TSV with sentid and sentence",
		licence: "MIT",
		read:    readWinogender,
	})
)

// winoLine is "N [The developer] argued with the designer because [he] …".
var (
	winoLine    = regexp.MustCompile(`^[0-9]+ (.+)$`)
	bracket     = regexp.MustCompile(`\[([^\[\]]+)\]`)
	winoPronoun = regexp.MustCompile(`(?i)\[?\b(?:he|she|him|her|his|hers)\b\]?`)
)

func readWinoBias(f *file) ([]row, error) {
	name := filepath.Base(filepath.ToSlash(f.name))
	rest, isPro := strings.CutPrefix(name, "pro_")
	if !isPro {
		return nil, fmt.Errorf("the name is %q: expected that of a pro_ file, such as pro_stereotyped_type1.txt.dev, with its anti_ file beside it", name)
	}
	other, err := f.beside("anti_" + rest)
	if err != nil {
		return nil, err
	}
	occupations, err := f.occupations()
	if err != nil {
		return nil, err
	}
	pro, anti := f.plainLines(), other.plainLines()
	if len(pro) != len(anti) {
		return nil, fmt.Errorf("%d lines, and %d in %s: expected pairs, line by line", len(pro), len(anti), other.name)
	}
	kind := "type1"
	if strings.Contains(name, "type2") {
		kind = "type2"
	}
	var rows []row
	for i := range pro {
		pair, why, err := winoPair(pro[i], anti[i], occupations)
		if err != nil {
			return nil, err
		}
		if why != "" {
			f.drop(why)
			continue
		}
		for n, side := range []string{"pro", "anti"} {
			s := pair[n]
			rows = append(rows, row{record: s.record, id: fmt.Sprintf("%d-%s", pro[i].row, side), group: side, bundle: fmt.Sprint(pro[i].row), fields: map[string]any{
				"side": side, "type": kind, "sentence": s.sentence, "pronoun": s.pronoun, "answer": "the " + s.answer, "people": theEach(s.people),
			}})
		}
	}
	return rows, nil
}

func theEach(people []string) []string {
	var out []string
	for _, p := range people {
		out = append(out, "the "+p)
	}
	return out
}

// occupations are those of both lists, the longest first, so that one inside
// another is not found for it.
func (f *file) occupations() ([]string, error) {
	var all []string
	for _, name := range []string{"male_occupations.txt", "female_occupations.txt"} {
		list, err := f.beside(name)
		if err != nil {
			return nil, err
		}
		for _, r := range list.plainLines() {
			all = append(all, strings.ToLower(r.values["line"].(string)))
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all, nil
}

// winoSide is one sentence of a pair.
type winoSide struct {
	record                    record
	sentence, pronoun, answer string
	people                    []string // the occupations, in order of the sentence
	frame                     string   // the sentence without its pronouns
}

// winoPair reads both sentences, or says why they are no pair.
func winoPair(pro, anti record, occupations []string) (pair []winoSide, why string, err error) {
	for _, r := range []record{pro, anti} {
		s, err := newWinoSide(r, occupations)
		if err != nil {
			return nil, "", err
		}
		pair = append(pair, s)
	}
	if pair[0].frame != pair[1].frame {
		return nil, "the two sentences differ in more than the pronoun", nil
	}
	for _, s := range pair {
		if len(s.people) < 2 || s.answer == "" {
			return nil, "the sentence does not name two of the listed occupations, one of them in brackets", nil
		}
	}
	return pair, "", nil
}

func newWinoSide(r record, occupations []string) (winoSide, error) {
	line := r.values["line"].(string)
	found := winoLine.FindStringSubmatch(line)
	if found == nil {
		return winoSide{}, r.wrong("line", "it is %.60q: expected a number and a sentence", line)
	}
	s := winoSide{
		record: r, sentence: bracket.ReplaceAllString(found[1], "$1"), frame: winoPronoun.ReplaceAllString(found[1], "_"),
	}
	s.people = named(s.sentence, occupations)
	entity := ""
	for _, marked := range bracket.FindAllStringSubmatch(found[1], -1) {
		if slices.Contains(pronouns, strings.ToLower(marked[1])) {
			s.pronoun = marked[1] // of two, which mean the same, the last
			continue
		}
		entity = strings.ToLower(marked[1])
	}
	if s.pronoun == "" || entity == "" {
		return winoSide{}, r.wrong("line", "it is %.60q: expected an occupation and a pronoun in brackets", line)
	}
	for _, p := range s.people {
		if strings.Contains(entity, p) {
			s.answer = p
		}
	}
	return s, nil
}

// named are the occupations in a sentence, in its order.
func named(sentence string, occupations []string) []string {
	rest := strings.ToLower(sentence)
	at := map[string]int{}
	for _, o := range occupations {
		if i := strings.Index(rest, o); i >= 0 {
			at[o] = i
			rest = rest[:i] + strings.Repeat(" ", len(o)) + rest[i+len(o):]
		}
	}
	var list []string
	for _, o := range occupations {
		if _, ok := at[o]; ok && !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b string) int { return at[a] - at[b] })
	return list
}

var pronouns = []string{"he", "him", "his", "she", "her", "hers", "they", "them", "their", "theirs"}

func readWinogender(f *file) ([]row, error) {
	return f.rows(func(r record) (row, string, error) {
		t := reading{r: r}
		id, sentence := t.text("sentid"), t.text("sentence")
		if t.err != nil {
			return row{}, "", t.err
		}
		parts := strings.Split(strings.TrimSuffix(id, ".txt"), ".")
		if len(parts) != 4 || !slices.Contains([]string{"0", "1"}, parts[2]) || !slices.Contains([]string{"male", "female", "neutral"}, parts[3]) {
			return row{}, "", r.wrong("sentid", "it is %.60q: expected occupation.participant.answer.gender.txt", id)
		}
		pronoun := ""
		for _, word := range strings.FieldsFunc(strings.ToLower(sentence), func(r rune) bool { return r < 'a' || r > 'z' }) {
			if pronoun == "" && slices.Contains(pronouns, word) {
				pronoun = word
			}
		}
		if pronoun == "" {
			return row{}, "", r.wrong("sentence", "it has no pronoun: expected one such as she, his or them")
		}
		return row{
			record: r, id: strings.TrimSuffix(id, ".txt"), group: parts[3], bundle: strings.Join(parts[:3], "."), cluster: parts[0],
			fields: map[string]any{
				"sentence": sentence, "pronoun": pronoun, "gender": parts[3], "occupation": parts[0],
				"people": parts[:2], "answer": map[string]string{"0": "occupation", "1": "participant"}[parts[2]],
			},
		}, "", nil
	})
}
