package importers

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Log is a file of one model's answers that another tool recorded.
type Log struct {
	Tool string // one of [Tools]
	File string // as written, for reports
	Path string // on disk
	// Model is the name of the model in a log of several; empty where there is one.
	Model string
}

// tools read the samples of a log.
var tools = map[string]func(f *file, model string) ([]logged, error){
	"inspect":   readInspect,
	"lm-eval":   readLMEval,
	"promptfoo": readPromptfoo,
}

// Tools are the names of the tools whose logs are read, sorted.
func Tools() []string { return slices.Sorted(maps.Keys(tools)) }

// logged is one answered sample of a log.
type logged struct {
	at     string // for errors
	row    int    // of the benchmark file, from 1; 0: not told
	id     string // of the sample; empty: not told
	fields map[string]any
	input  string // what the model read; empty: not told
	answer *string
}

// ErrOtherLog is wrapped where no sample of a log is of the imported files.
var ErrOtherLog = errors.New("no sample of the log is of these files")

// Logged are the answers of a log by case. A sample belongs to the row whose
// fields it repeats; where it repeats none, to the row of its number or id whose
// text stands in what the model read. A sample that belongs to no row, or to
// several, is an error: a wrong match would be a wrong verdict.
func (r Result) Logged(l Log) (map[string]string, error) {
	read, ok := tools[l.Tool]
	if !ok {
		return nil, fmt.Errorf("tool %q: expected one of %s", l.Tool, strings.Join(Tools(), ", "))
	}
	data, err := readText(l.Path)
	var samples []logged
	if err == nil {
		samples, err = read(&file{name: l.File, path: l.Path, data: data, dropped: map[string]int{}}, l.Model)
	}
	if err != nil {
		return nil, fmt.Errorf("log %s of %s: %w", l.File, l.Tool, err)
	}
	byRow, err := r.join(samples)
	if err == nil {
		byRow, err = r.byCase(byRow)
	}
	if err != nil {
		return nil, fmt.Errorf("log %s of %s: %w", l.File, l.Tool, err)
	}
	return byRow, nil
}

// join gives the answers by row.
func (r Result) join(samples []logged) (map[string]string, error) {
	answers := map[string]string{}
	var first error
	fits := 0
	known := newIndex(r.all)
	for _, s := range samples {
		row, err := known.rowOf(s)
		if err != nil {
			first = either(first, err)
			continue
		}
		fits++
		if s.answer == nil {
			continue
		}
		if other, twice := answers[row]; twice && other != *s.answer {
			return nil, fmt.Errorf("%s: row %s has another answer already: expected one for each row", s.at, row)
		}
		answers[row] = *s.answer
	}
	switch {
	case fits == 0:
		return nil, fmt.Errorf("%w: %w", ErrOtherLog, either(first, errors.New("it has none")))
	case first != nil:
		return nil, first
	}
	return answers, nil
}

// either is the first error that there is.
func either(first, err error) error {
	if first != nil {
		return first
	}
	return err
}

// index finds rows by the fields of their records.
type index struct {
	rows []row
	by   map[string]map[string][]int // rows by field and value
}

func newIndex(rows []row) index {
	x := index{rows, map[string]map[string][]int{}}
	for i, r := range rows {
		for name, v := range r.record.values {
			text, ok := scalar(v)
			if !ok {
				continue
			}
			if x.by[name] == nil {
				x.by[name] = map[string][]int{}
			}
			x.by[name][text] = append(x.by[name][text], i)
		}
	}
	return x
}

// rowOf is the id of the row that a sample belongs to.
func (x index) rowOf(s logged) (string, error) {
	equal, shared := x.repeated(s)
	if !shared {
		equal = x.shown(s)
	}
	if len(equal) > 1 { // equal rows: the number or the id decides
		if of := slices.DeleteFunc(slices.Clone(equal), func(i int) bool { return !s.numbers(x.rows[i]) }); len(of) > 0 {
			equal = of
		}
	}
	switch len(equal) {
	case 1:
		return x.rows[equal[0]].id, nil
	case 0:
		return "", fmt.Errorf("%s: it repeats the fields or the text of no row: expected a log of the same file", s.at)
	}
	return "", fmt.Errorf("%s: %d rows fit, such as %s and %s: expected fields that tell which it is", s.at, len(equal), x.rows[equal[0]].id, x.rows[equal[1]].id)
}

// repeated are the rows whose fields are equal to all of the sample's that they
// have; shared tells whether there are such fields.
func (x index) repeated(s logged) (equal []int, shared bool) {
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		text, ok := scalar(s.fields[name])
		if !ok || x.by[name] == nil {
			continue
		}
		rows := x.by[name][text]
		if shared {
			rows = both(equal, rows)
		}
		equal, shared = rows, true
	}
	return equal, shared
}

// both are the numbers in two rising lists.
func both(a, b []int) []int {
	var out []int
	for _, i := range a {
		if _, found := slices.BinarySearch(b, i); found {
			out = append(out, i)
		}
	}
	return out
}

// telling is how many letters a text needs to show which row was asked.
const telling = 12

// shown are the rows with the sample's number or id of which a text stands in
// what the model read.
func (x index) shown(s logged) []int {
	input := strings.Join(strings.Fields(s.input), " ")
	var list []int
	for i, r := range x.rows {
		if !s.numbers(r) {
			continue
		}
		for _, v := range r.record.values {
			text, _ := v.(string)
			text = strings.Join(strings.Fields(text), " ")
			if utf8.RuneCountInString(text) >= telling && strings.Contains(input, text) {
				list = append(list, i)
				break
			}
		}
	}
	return list
}

// numbers tells whether the sample has the row's number or id.
func (s logged) numbers(r row) bool { return s.row == r.record.row || s.id != "" && s.id == r.id }

// scalar is the text of a text, a number or a truth value.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// readLMEval reads samples_TASK.jsonl of lm-evaluation-harness, as it writes them
// with --log_samples. Of a task that compares options, the answer is the text of
// the likeliest.
func readLMEval(f *file, _ string) ([]logged, error) {
	records, err := f.jsonLines()
	if err != nil {
		return nil, err
	}
	var samples []logged
	for _, r := range records {
		t := reading{r: r}
		n, doc := t.whole("doc_id", 0, 1<<30), t.object("doc")
		if t.err != nil {
			return nil, t.err
		}
		arguments := texts(r.values["arguments"])
		answer, err := lmEvalAnswer(r, arguments)
		if err != nil {
			return nil, err
		}
		samples = append(samples, logged{
			at: fmt.Sprintf("row %d", r.row), row: n + 1, fields: doc.values, input: strings.Join(arguments, "\n"), answer: answer,
		})
	}
	return samples, nil
}

// lmEvalAnswer is what the model wrote, or the option with the highest
// log-likelihood; nil where two are equal.
func lmEvalAnswer(r record, arguments []string) (*string, error) {
	resps, _ := r.values["resps"].([]any)
	var likeliest []int
	best := 0.0
	for i, resp := range resps {
		tries, _ := resp.([]any)
		if len(tries) == 0 {
			return nil, r.wrong("resps", "one is %s: expected a list of answers", kind(resp))
		}
		if text, ok := tries[0].(string); ok && i == 0 {
			return &text, nil
		}
		x, err := loglikelihood(tries[0])
		if err != nil {
			return nil, r.wrong("resps", "%v", err)
		}
		switch {
		case len(likeliest) == 0 || x > best:
			likeliest, best = []int{i}, x
		case x == best:
			likeliest = append(likeliest, i)
		}
	}
	if len(resps) == 0 || len(arguments) != 2*len(resps) {
		return nil, r.wrong("resps", "there are %d, for %d arguments: expected a text, or a log-likelihood for each pair of context and option", len(resps), len(arguments))
	}
	if len(likeliest) > 1 {
		return nil, nil
	}
	option := strings.TrimSpace(arguments[2*likeliest[0]+1])
	return &option, nil
}

// loglikelihood reads [-1.5, false], where the number may be a text.
func loglikelihood(v any) (float64, error) {
	pair, _ := v.([]any)
	if len(pair) > 0 {
		if text, ok := scalar(pair[0]); ok {
			if x, err := strconv.ParseFloat(text, 64); err == nil && x <= 0 {
				return x, nil
			}
		}
	}
	return 0, fmt.Errorf("an answer is %s: expected a text, or a log-likelihood of at most 0", kind(v))
}

// texts are the texts inside a value, in order; of an object, in order of the keys.
func texts(v any) []string {
	var list []string
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, item := range v {
			list = append(list, texts(item)...)
		}
	case map[string]any:
		for _, key := range slices.SortedFunc(maps.Keys(v), byNumber) {
			list = append(list, texts(v[key])...)
		}
	}
	return list
}

// byNumber orders gen_args_2 before gen_args_10.
func byNumber(a, b string) int {
	if len(a) != len(b) && strings.TrimRight(a, "0123456789") == strings.TrimRight(b, "0123456789") {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// readInspect reads a log of Inspect as JSON, the first epoch.
func readInspect(f *file, _ string) ([]logged, error) {
	doc, err := f.object()
	if err != nil {
		return nil, fmt.Errorf("%w: a .eval file is made JSON by `inspect log convert --to json`", err)
	}
	list, err := doc.records("samples")
	if err != nil {
		return nil, err
	}
	var samples []logged
	for i, r := range list {
		r.row = i + 1
		t := reading{r: r}
		id := t.text("id")
		if r.has("epoch") && t.whole("epoch", 1, 1<<20) > 1 {
			continue
		}
		if t.err != nil {
			return nil, t.err
		}
		s := logged{at: fmt.Sprintf("sample %s", id), id: id, input: strings.Join(texts(r.values["input"]), "\n")}
		s.row, _ = strconv.Atoi(id) // 0 where the id is a name
		s.fields, _ = r.values["metadata"].(map[string]any)
		if output, ok := r.values["output"].(map[string]any); ok {
			s.answer = inspectAnswer(output)
		}
		samples = append(samples, s)
	}
	return samples, nil
}

func inspectAnswer(output map[string]any) *string {
	if text, ok := output["completion"].(string); ok && text != "" {
		return &text
	}
	choices, _ := output["choices"].([]any)
	if len(choices) == 0 {
		return nil
	}
	choice, _ := choices[0].(map[string]any)
	message, _ := choice["message"].(map[string]any)
	content := messageTexts(message["content"])
	if content == "" {
		return nil
	}
	return &content
}

// messageTexts joins the parts of a message that are text.
func messageTexts(content any) string {
	if text, ok := content.(string); ok {
		return text
	}
	parts, _ := content.([]any)
	var list []string
	for _, p := range parts {
		part, _ := p.(map[string]any)
		if text, ok := part["text"].(string); ok && part["type"] == "text" {
			list = append(list, text)
		}
	}
	return strings.Join(list, "\n")
}

// readPromptfoo reads the results of promptfoo as JSON. Where several models or
// prompts were tried, model names one.
func readPromptfoo(f *file, model string) ([]logged, error) {
	doc, err := f.object()
	if err != nil {
		return nil, err
	}
	if inner, ok := doc.values["results"].(map[string]any); ok {
		doc = record{f, 0, inner}
	}
	list, err := doc.records("results")
	if err != nil {
		return nil, err
	}
	var samples []logged
	names := map[string]bool{}
	for i, r := range list {
		r.row = i + 1
		provider, name := promptfooModel(r)
		names[provider] = true
		if model != "" && model != provider && model != name {
			continue
		}
		s := logged{at: fmt.Sprintf("result %d", r.row)}
		s.fields, _ = r.values["vars"].(map[string]any)
		if r.has("testIdx") {
			n, err := r.whole("testIdx", 0, 1<<30)
			if err != nil {
				return nil, err
			}
			s.row = n + 1
		}
		prompt, _ := r.values["prompt"].(map[string]any)
		s.input, _ = prompt["raw"].(string)
		if response, ok := r.values["response"].(map[string]any); ok {
			if text, ok := response["output"].(string); ok {
				s.answer = &text
			}
		}
		samples = append(samples, s)
	}
	if model == "" && len(names) > 1 || len(samples) == 0 {
		return nil, fmt.Errorf("it has answers of %s, and %q is asked for: expected `recorded`, the name of one", strings.Join(slices.Sorted(maps.Keys(names)), ", "), model)
	}
	return samples, nil
}

// promptfooModel is the id of the model that a result is of, and its label.
func promptfooModel(r record) (id, label string) {
	if text, ok := r.values["provider"].(string); ok {
		return text, text
	}
	provider, _ := r.values["provider"].(map[string]any)
	id, _ = provider["id"].(string)
	label, _ = provider["label"].(string)
	return id, label
}
