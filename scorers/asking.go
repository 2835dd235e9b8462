package scorers

import (
	"errors"

	"github.com/gambit-audit/gambit/drift"
)

// Role says which model an [Ask] is for. Neither is one that is audited.
type Role string

const (
	// Judge answers a question about an answer.
	Judge Role = "judge"
	// Embedder turns a text into a vector of its meaning.
	Embedder Role = "embedder"
)

// Ask is one question that a scorer puts to a model of its own.
type Ask struct {
	Of Role
	// System and Text are the messages to a judge. Of an embedder, Text is what
	// is embedded and System is empty.
	System, Text string
	Temperature  float64 // of a judge
	Sample       int     // numbers equal questions from 0, which each get an answer of their own
}

// Reply is what came back for one [Ask].
type Reply struct {
	Text   string    // of a judge
	Vector []float32 // of an embedder
	// Failure says why there is neither, empty where there is one.
	Failure string
}

// Asking is a scorer that has to ask before it can tell. Its Score decides what
// needs no asking, such as an answer in which there is nothing to judge, and is
// undecided on everything else.
type Asking interface {
	Scorer
	// Roles are the models that it may have to ask, each once.
	Roles() []Role
	// Asks lists what has to be asked about an answer; none where Score tells.
	Asks(Answer) []Ask
	// Settle scores the answer by the replies, in the order of Asks. Its outcome
	// is undecided, with the role as the reason, where they do not tell.
	Settle(Answer, []Reply) Result
}

// Settle scores an answer by the replies to what its scorer asks, of which there
// are none for most scorers.
func Settle(s Scorer, a Answer, replies []Reply) Result {
	if asking, ok := s.(Asking); ok && len(replies) > 0 {
		return asking.Settle(a, replies)
	}
	return s.Score(a)
}

// Asks lists what a scorer has to ask about an answer; none for most.
func Asks(s Scorer, a Answer) []Ask {
	if asking, ok := s.(Asking); ok {
		return asking.Asks(a)
	}
	return nil
}

// Roles are the models that a scorer may have to ask, each once; none for most.
func Roles(s Scorer) []Role {
	if asking, ok := s.(Asking); ok {
		return asking.Roles()
	}
	return nil
}

// open is the result of an answer that the role has to be asked about, or has
// given no verdict on.
func open(of Role, why string) Result {
	return Result{Outcome: drift.Undecided, Reason: string(of), Detail: oneLine(why)}
}

// alone refuses a judge inside another scorer: the errors of its verdict can be
// told of it alone.
func alone(s Scorer) error {
	if _, ok := s.(Judging); ok {
		return errors.New("judge inside another scorer: expected it alone, since its error is known of its own verdict only; ask for the rest in the question, or in another probe")
	}
	return nil
}

// failed is the first failure among replies, empty for none.
func failed(replies []Reply) string {
	for _, r := range replies {
		if r.Failure != "" {
			return r.Failure
		}
	}
	return ""
}
