package audit

import (
	"testing"

	"github.com/gambit-audit/gambit/models"
)

func TestAModelIsGivenUpAfterFailuresInARow(t *testing.T) {
	failed := &models.Failure{Kind: models.KindError, Status: 500, Text: "out of memory"}
	fatal := &models.Failure{Kind: models.KindError, Text: "connection refused", Fatal: true}
	own := &models.Failure{Kind: models.KindError, Text: "the reply holds no text", Own: true}
	cut := &models.Failure{Kind: models.KindCut, Text: "too long"}
	late := &models.Failure{Kind: models.KindTimeout, Text: "late"}
	repeat := func(n int, f ...*models.Failure) []*models.Failure {
		var list []*models.Failure
		for range n {
			list = append(list, f...)
		}
		return list
	}
	const inFlight = 8
	tests := []struct {
		name  string
		calls []*models.Failure // nil for an answer
		want  string
	}{
		{"fatal failures", repeat(5, fatal), "given up after 5 calls in a row failed: connection refused"},
		{"one fatal failure less", repeat(4, fatal), ""},
		{"other failures", repeat(28, failed), "given up after 28 calls in a row failed: HTTP 500: out of memory"},
		{"one less, as may be in flight when a server restarts", repeat(27, failed), ""},
		{"failures of several kinds", repeat(14, failed, late), "given up after 28 calls in a row failed: late"},
		{"fatal ones between others", append(repeat(4, fatal, failed), fatal), ""},
		{"an answer in between", append(repeat(27, failed), append([]*models.Failure{nil}, repeat(27, failed)...)...), ""},
		{"empty texts", repeat(1000, own), ""},
		{"an empty text shows that the server works", append(repeat(27, failed), append([]*models.Failure{own}, repeat(27, failed)...)...), ""},
		{"prompts that were cut", repeat(1000, cut), ""},
		{"a prompt that was cut says nothing", append(repeat(27, failed), cut, failed), "given up after 28 calls in a row failed: HTTP 500: out of memory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var b breaker
			got := ""
			for _, f := range test.calls {
				if got != "" {
					t.Fatalf("given up too soon: %s", got)
				}
				got = b.note(f, inFlight)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
