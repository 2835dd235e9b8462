package scorers

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/gambit-audit/gambit/strictyaml"
)

// languageTexts hold one page of plain text in each known language, the same
// small story in all of them, written for this project.
//
//go:embed languages/*.txt
var languageTexts embed.FS

// scriptLanguages are the languages that their script tells apart from all
// others that are known here.
var scriptLanguages = map[string]*unicode.RangeTable{
	"el": unicode.Greek, "he": unicode.Hebrew, "ko": unicode.Hangul, "th": unicode.Thai,
	"ta": unicode.Tamil, "am": unicode.Ethiopic, "ka": unicode.Georgian, "hy": unicode.Armenian,
	"bn": unicode.Bengali, "te": unicode.Telugu, "kn": unicode.Kannada, "ml": unicode.Malayalam,
	"gu": unicode.Gujarati, "pa": unicode.Gurmukhi,
}

const (
	profileSize = 300 // trigrams of a profile, as Cavnar and Trenkle (1994) advise
	// minLetters is the length from which a language is told: a name or a
	// number has none.
	minLetters = 20
)

// profile ranks the commonest trigrams of a text, the first at 0.
type profile map[string]int

// newProfile ranks the trigrams of the words of a text, a space before and
// after each word; of equally common ones the first in order of their bytes.
func newProfile(text string) profile {
	counts := map[string]int{}
	notLetter := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' }
	for _, word := range strings.FieldsFunc(string(fold(text)), notLetter) {
		padded := []rune(" " + word + " ")
		for i := range len(padded) - 2 {
			counts[string(padded[i:i+3])]++
		}
	}
	ranked := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	p := profile{}
	for rank, trigram := range ranked[:min(len(ranked), profileSize)] {
		p[trigram] = rank
	}
	return p
}

// distance is the out-of-place measure of Cavnar and Trenkle (1994): how far
// the trigrams of the text stand from their ranks in the language, on average
// and as a share of the longest way. It is in [0,1].
func (p profile) distance(text profile) float64 {
	if len(text) == 0 {
		return 1
	}
	sum := 0
	for trigram, rank := range text {
		at, known := p[trigram]
		if !known {
			sum += profileSize
			continue
		}
		sum += min(profileSize, abs(at-rank))
	}
	return float64(sum) / float64(len(text)*profileSize)
}

func abs(n int) int { return max(n, -n) }

// languageProfiles reads the profiles once, by language code.
var languageProfiles = sync.OnceValue(func() map[string]profile {
	profiles := map[string]profile{}
	err := fs.WalkDir(languageTexts, "languages", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(languageTexts, name)
		profiles[strings.TrimSuffix(path.Base(name), ".txt")] = newProfile(string(text))
		return err
	})
	if err != nil {
		panic(err) // the texts are part of the program
	}
	return profiles
})

// Languages returns the codes of the languages that can be told, sorted: two
// letters each, of ISO 639-1.
func Languages() []string {
	codes := slices.Collect(maps.Keys(scriptLanguages))
	codes = slices.AppendSeq(codes, maps.Keys(languageProfiles()))
	return slices.Sorted(slices.Values(append(codes, "ja", "zh")))
}

// languageOf tells the language of a text, and false for one of fewer than
// [minLetters] letters (half as many in scripts whose signs are syllables or
// words). The script decides where it can: kana make a text Japanese, Han
// without kana Chinese. Among the languages of one script the profile nearest
// by rank distance decides.
func languageOf(text string) (code string, ok bool) {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text)
	total := len([]rune(letters))
	share := func(tables ...*unicode.RangeTable) float64 {
		n := 0
		for _, r := range letters {
			if unicode.In(r, tables...) {
				n++
			}
		}
		return float64(n) / float64(total)
	}
	if total < minLetters/2 {
		return "", false
	}
	if share(unicode.Han, unicode.Hiragana, unicode.Katakana) > 0.5 {
		if share(unicode.Hiragana, unicode.Katakana) > 0.1 {
			return "ja", true
		}
		return "zh", true
	}
	for _, code := range slices.Sorted(maps.Keys(scriptLanguages)) {
		if share(scriptLanguages[code]) > 0.5 {
			return code, true
		}
	}
	if total < minLetters {
		return "", false
	}
	return nearestLanguage(text), true
}

// nearestLanguage is the language whose profile comes nearest; of two equally
// near the first in order of the codes.
func nearestLanguage(text string) string {
	asked := newProfile(text)
	nearest, least := "", math.Inf(1)
	for _, code := range slices.Sorted(maps.Keys(languageProfiles())) {
		if d := languageProfiles()[code].distance(asked); d < least {
			nearest, least = code, d
		}
	}
	return nearest
}

// readLanguages reads one language code or a list of them.
func readLanguages(arg any) ([]string, error) {
	codes, err := readTexts(arg)
	if err != nil {
		return nil, err
	}
	for _, code := range codes {
		if !slices.Contains(Languages(), code) {
			return nil, fmt.Errorf("unknown language %q: %sexpected one of %s", code, strictyaml.DidYouMean(code, Languages()), strings.Join(Languages(), ", "))
		}
	}
	return codes, nil
}
