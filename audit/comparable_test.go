package audit_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gambit-audit/gambit/audit"
	"github.com/gambit-audit/gambit/drift"
	"github.com/gambit-audit/gambit/models"
)

func TestSettingsThatDifferAreRefusedUnlessTheFileAllowsThem(t *testing.T) {
	for _, test := range []struct {
		name, reference, candidate, differences string
		want                                    string // in an error; empty for none
		note                                    string // in the notes; empty for none
	}{
		{"the same", "provider: ollama, num_ctx: 4096", "provider: ollama, num_ctx: 4096", "[]", "", ""},
		{"another context length", "provider: ollama, num_ctx: 4096", "provider: ollama, num_ctx: 8192", "[]",
			"gambit.yaml:3:14: num_ctx of small is 8192, but that of the reference is 4096: expected the same, or num_ctx among `differences`", ""},
		{"one that is allowed", "provider: ollama, num_ctx: 4096", "provider: ollama", "[num_ctx]", "",
			"not asked alike, as the audit file allows: num_ctx of small is the server's own, that of the reference 4096"},
		{"one that the reference's provider cannot set", "provider: openai", "provider: ollama, num_ctx: 4096", "[]", "", ""},
		{"a chat template on one side", "provider: llamacpp", "provider: llamacpp, chat_template: none", "[num_ctx]",
			"chat_template of small is none, but that of the reference is the server's own", ""},
		{"a template that is allowed", "provider: openai", "provider: llamacpp, chat_template: none", "[chat_template]", "",
			"chat_template of small is none, that of the reference the server's own"},
		{"reasoning on one side", "provider: ollama", "provider: ollama, reasoning: off", "[]",
			"gambit.yaml:3:14: reasoning of small is off, but that of the reference is the server's own: expected the same, or reasoning among `differences`", ""},
		{"reasoning that may differ", "provider: llamacpp, reasoning: low", "provider: ollama, reasoning: off", "[reasoning]", "",
			"not asked alike, as the audit file allows: reasoning of small is off, that of the reference low"},
		{"a recording", "provider: replay, evidence: e.jsonl", "provider: ollama, num_ctx: 4096", "[]", "", ""},
		{"an unknown difference", "provider: openai", "provider: openai", "[seed]", `difference is the text "seed": expected one of "chat_template", "context", "num_ctx", "reasoning"`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := audit.ParseFile("gambit.yaml", fmt.Appendf(nil, `
reference: {name: full, model: m, %s}
candidates: [{name: small, model: m, %s}]
differences: %s
probes: [builtin]
`, test.reference, test.candidate, test.differences), audit.FileOptions{})
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("got %v, want %q", err, test.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if notes := strings.Join(f.Notes, "\n"); !strings.Contains(notes, test.note) || test.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
		})
	}
}

// counting is a model whose server counts a token for every byte in ten.
type counting struct{ *fake }

func (c counting) PromptTokens(_ context.Context, req models.Request) (int, bool, error) {
	return len(req.Messages[0].Text) / 10, true, nil
}

const longProbe = `
probe: edge.echo.number
axes: {n: {count: 40}}
prompt: "{% for i in range(1000) %}many words {% endfor %}number {{n}}"
want: {numeric: "{{n}}"}
`

func TestACaseThatIsLongerThanTheContextIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	for _, test := range []struct {
		name, differences string
		counts            bool
		context           int
		err, note         string
	}{
		{"a context that holds all", "", true, 1400, "", ""},
		{"one that does not", "", true, 1000, "model small: case edge.echo.number/10 takes 1356 tokens with its answer, but the context holds 1000: give the server a longer one, leave out probe edge.echo.number, or list context among `differences`", ""},
		{"one that the file allows", "differences: [context]\n", true, 1000, "", "such cases stay undecided, as the audit file allows"},
		{"a server that does not count", "", false, 800, "", "takes about"},
		{"a context that is not known", "", false, 0, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			small := &fake{answer: number}
			s := newSetup(t, auditText+test.differences, longProbe, map[string]*fake{"full": {answer: number}, "small": small})
			o := s.options()
			o.Open = func(_ context.Context, spec models.Spec) (audit.Asker, models.Info, error) {
				if spec.Name == "full" {
					return s.models["full"], models.Info{}, nil
				}
				info := models.Info{Context: test.context}
				if test.counts {
					return counting{small}, info, nil
				}
				return small, info, nil
			}
			a, err := s.plan.Run(t.Context(), o)
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("got %v, want %q", err, test.err)
				}
				if small.total > 0 {
					t.Errorf("%d calls were made all the same", small.total)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if notes := strings.Join(a.Notes, "\n"); !strings.Contains(notes, test.note) || test.note == "" && strings.Contains(notes, "tokens") {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
		})
	}
}

// withSigns answers like number, with what a server tells beside the text.
func withSigns(change func(*models.Response, int)) *fake {
	return &fake{answer: func(q string, call int) models.Response {
		r := number(q, call)
		r.PromptTokens, r.Served = 14, "tiny-2026"
		change(&r, call)
		return r
	}}
}

func TestSignsThatModelsWereNotAskedAlikeAreNamed(t *testing.T) {
	plain := func(*models.Response, int) {}
	for _, test := range []struct {
		name   string
		change func(*models.Response, int) // of the candidate's answers
		want   string
	}{
		{"none", plain, ""},
		{"other prompts", func(r *models.Response, _ int) { r.PromptTokens = 35 },
			"small: it read other prompts for 40 of 40 questions (case edge.echo.number/1-high took 35 tokens, of full 14): another chat template, default system message or tokeniser"},
		{"a few prompts that were counted in part", func(r *models.Response, call int) { r.PromptTokens -= call % 2 * (call / 20) }, ""},
		{"reasoning", func(r *models.Response, call int) { r.Reasoned = call%2 == 0 },
			"small: it reasoned before 20 of 40 answers, full before 0 of 40: have both do it, or neither"},
		{"two models behind one name", func(r *models.Response, call int) {
			if call > 30 {
				r.Served = "other"
			}
		}, `small: its server answered under several names, "tiny-2026" (30), "other" (10): make sure that one model gave all answers`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSetup(t, auditText, fmt.Sprintf(probeText, 20, "number"), map[string]*fake{"full": withSigns(plain), "small": withSigns(test.change)})
			live := s.run(t)
			rebuilt, err := s.plan.Rebuild(t.Context(), filepath.Join(s.options().Dir, audit.EvidenceFile), audit.RunOptions{Clock: s.options().Clock})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range []*drift.Audit{live, rebuilt} {
				got := strings.Join(a.Warnings, "\n")
				if !strings.Contains(got, test.want) || test.want == "" && strings.Contains(got, "small: it") {
					t.Errorf("warnings %q, want %q", got, test.want)
				}
			}
		})
	}
}
