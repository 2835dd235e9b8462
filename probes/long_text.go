package probes

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gambit-audit/gambit/fixtures/prose"
)

// longText is a context that is made anew each time it is read, so that a suite
// of many long cases takes little memory. It gives the same text each time.
type longText struct {
	from    *contextSpec
	tokens  int
	inserts []prose.Insert
	seed    uint64
}

// check finds out whether the text can be made. The built-in corpora have no
// end; of a user's file only making the text shows whether it is long enough.
func (t *longText) check() error {
	if t.from.endless() {
		_, err := prose.Room(t.inserts, t.tokens)
		return err
	}
	_, err := t.make()
	return err
}

func (t *longText) make() (string, error) {
	switch t.from.corpus {
	case chronicle:
		return prose.Fill(prose.Chronicle(t.seed), t.tokens, t.inserts, t.seed)
	case noise:
		return prose.Fill(prose.Noise(), t.tokens, t.inserts, t.seed)
	}
	return prose.FillFrom(t.from.user, t.tokens, t.inserts, t.seed)
}

func (t *longText) String() string {
	text, err := t.make()
	if err != nil {
		panic(fmt.Sprintf("a checked context cannot be made: %v", err))
	}
	return text
}

// recipe is the same for two texts only if they are equal.
func (t *longText) recipe() string {
	return fmt.Sprintf("%s %d %d %#v", t.from.corpus, t.tokens, t.seed, t.inserts)
}

// message is a text to be sent, in which a context may stand.
type message struct {
	text    string    // contextMark stands where the context goes
	context *longText // nil for none
}

// contextMark stands for the context while templates are rendered. No text of
// a YAML file holds it unless it is meant to.
const contextMark = "\x00context\x00"

func (m message) String() string {
	if m.context == nil {
		return m.text
	}
	return strings.ReplaceAll(m.text, contextMark, m.context.String())
}

// tokens is about how many the message has, by [prose.CountTokens]. A context
// counts as many as were asked for, so that none is made.
func (m message) tokens() int {
	if m.context == nil {
		return prose.CountTokens(m.text)
	}
	return prose.CountTokens(strings.ReplaceAll(m.text, contextMark, "")) + strings.Count(m.text, contextMark)*m.context.tokens
}

// recipe is the same for two messages only if they are equal.
func (m message) recipe() string {
	if m.context == nil {
		return m.text
	}
	return m.text + "\x00" + m.context.recipe()
}

// message renders the text of a message. The name context is defined only here.
func (v value) message(scope map[string]any, what string, context *longText) (message, error) {
	if context != nil {
		scope["context"] = contextMark
		defer delete(scope, "context")
	}
	text, err := v.renderText(scope, what)
	if err != nil || !strings.Contains(text, contextMark) {
		context = nil
	}
	return message{text, context}, err
}

var (
	expression   = regexp.MustCompile(`(?s)\{\{.*?\}\}|\{%.*?%\}`)
	contextName  = regexp.MustCompile(`(?:^|[^.\w])context\b`)
	contextAlone = regexp.MustCompile(`^\{\{-?\s*context\s*-?\}\}$`)
)

// usesContextAlone reports whether a template uses the context only as
// {{context}}: nothing can be computed from a text that is made later.
func usesContextAlone(source string) bool {
	for _, part := range expression.FindAllString(source, -1) {
		if contextName.MatchString(part) && !contextAlone.MatchString(part) {
			return false
		}
	}
	return true
}
