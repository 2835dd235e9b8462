package models

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

const recordedHead = `{"kind":"model","name":"q4","provider":"openai","model":"m","identity":"i","info":{}}` + "\n"

// replayOf replays records of one model.
func replayOf(t *testing.T, lines ...string) (replayed, error) {
	t.Helper()
	text := unpacked{bytes.NewReader([]byte(recordedHead + strings.Join(lines, "\n") + "\n"))}
	found, err := recordingsIn(text)
	if err != nil {
		return replayed{}, err
	}
	return replayed{*found["q4"], text}, nil
}

func answeredLine(key, response string) string {
	return fmt.Sprintf(`{"kind":"answered","key":"%s","model":"q4","identity":"i","case":"a.b.c/1","response":%s}`, key, response)
}

func TestReplayFindsAnAnswerByItsWholeKey(t *testing.T) {
	begin := strings.Repeat("ab", 16)
	one, other := begin+strings.Repeat("0", 32), begin+strings.Repeat("1", 32)
	long := strings.Repeat("x", 3*firstRead)
	failed := `{"text":"","error":{"kind":"error","text":"HTTP 500"}}`
	r, err := replayOf(t,
		answeredLine(other, failed),
		answeredLine(one, `{"text":"first"}`),
		answeredLine(one, `{"text":"last"}`),
		answeredLine(one, failed),
		answeredLine(strings.Repeat("c", 64), `{"text":"`+long+`"}`),
		// Written by others, in another order and with escapes.
		`{"response":{"text":"loose"},"case":"a.b.c/1","identity":"\u0069","model":"q4","key":"`+strings.Repeat("d", 64)+`","kind":"answered"}`,
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ key, want string }{
		{one, "last"}, {strings.Repeat("c", 64), long}, {strings.Repeat("d", 64), "loose"},
	} {
		if got, err := r.response(tt.key); err != nil || got.Text != tt.want || got.Error != nil {
			t.Errorf("%.4s…: got %.20q, %v (%v), want %.20q", tt.key, got.Text, got.Error, err, tt.want)
		}
	}
	if got, err := r.response(other); err != nil || got.Error == nil {
		t.Errorf("got %q (%v), want the failure of that key, not the answer to one that begins alike", got.Text, err)
	}
	if _, err := r.response(begin + strings.Repeat("2", 32)); err == nil || !strings.Contains(err.Error(), "not in the evidence") {
		t.Errorf("got %v, want that it is not in the evidence", err)
	}
}

func TestDamagedEvidenceIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	key := strings.Repeat("a", 64)
	for _, damaged := range []string{
		answeredLine(key, `{"text":"A"`),
		`{"kind":"asked","key":"` + key + `","request":{]}`,
		`{"kind":"surprise"}`,
	} {
		_, err := replayOf(t, answeredLine(key, `{"text":"A"}`), damaged, answeredLine(key, `{"text":"B"}`))
		expectError(t, err, "line 3: ")
	}
}
