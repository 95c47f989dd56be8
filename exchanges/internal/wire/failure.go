package wire

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Failures says what an exchange's codes mean, one row for each meaning. A code
// is in one row only, which a test holds every adapter's table to.
type Failures []Failure

// Failure is one meaning, and the codes or phrases that have it.
type Failure struct {
	Kind access.Kind
	// Candidates are set when the exchange uses the same code for several causes.
	Candidates []access.Kind
	Codes      []string
}

// Is is the row of the codes that mean one kind of failure.
func Is(kind access.Kind, codes ...string) Failure { return Failure{Kind: kind, Codes: codes} }

// OneOf is a failure that may be any of several kinds.
func OneOf(kinds ...access.Kind) Failure {
	return Failure{Kind: access.KindAmbiguous, Candidates: kinds}
}

// For is the row of the codes that have the meaning of f.
func (f Failure) For(codes ...string) Failure {
	f.Codes = codes
	return f
}

// Explain gives e the meaning of f.
func (f Failure) Explain(e *access.Error) { e.Kind, e.Candidates = f.Kind, f.Candidates }

// In reports whether a message contains one of the phrases of f, which are in
// lower case.
func (f Failure) In(message string) bool {
	message = strings.ToLower(message)
	return slices.ContainsFunc(f.Codes, func(phrase string) bool { return strings.Contains(message, phrase) })
}

// Find returns the row of a code.
func (f Failures) Find(code string) (Failure, bool) {
	return f.first(func(row Failure) bool { return code != "" && slices.Contains(row.Codes, code) })
}

// Phrase returns the first row that has a phrase in a message, for exchanges
// whose codes say too little.
func (f Failures) Phrase(message string) (Failure, bool) {
	return f.first(func(row Failure) bool { return row.In(message) })
}

func (f Failures) first(is func(Failure) bool) (Failure, bool) {
	if i := slices.IndexFunc(f, is); i >= 0 {
		return f[i], true
	}
	return Failure{}, false
}

// Refusal returns the error for an answer that isn't a success: the meaning of
// its code, else that of its HTTP status, else that of its words, else not
// understood, with the code kept. Phrases are the exchange's own words, which come
// before those that mean the same at every exchange.
func (f Failures) Refusal(r *adapter.Response, code, message string, phrases ...Failure) *access.Error {
	e := &access.Error{Kind: byStatus(r.Status), Status: r.Status, Code: code, Message: message}
	known, ok := f.Find(code)
	if !ok && (e.Kind == access.KindNotUnderstood || e.Kind == access.KindUnavailable) {
		known, ok = Failures(phrases).Phrase(message)
	}
	if ok {
		known.Explain(e)
	} else {
		adapter.PlainWords(e)
	}
	return e
}

// Said is Refusal, with the code and the message as members of an object have them.
func (f Failures) Said(r *adapter.Response, said Object, code, message string) *access.Error {
	number, _ := said.Text(code)
	words, _ := said.Text(message)
	return f.Refusal(r, number, words)
}

// Meaning says in a sentence what a refusal of a kind can mean, in front of the exchange's own
// words, which say less.
func Meaning(e *access.Error, kind access.Kind, sentence string) *access.Error {
	if e.Kind == kind {
		e.Message = strings.TrimSuffix(sentence+": "+e.Message, ": ")
	}
	return e
}

// OfOneCall returns the code of a refusal, and reports whether it is about the one
// call and not about the key: the key lacks the right to make it, or the exchange
// gave a code that is in no table.
func OfOneCall(refusal error) (code string, ok bool) {
	var e *access.Error
	if !errors.As(refusal, &e) {
		return "", false
	}
	return e.Code, e.Kind == access.KindForbidden || (e.Kind == access.KindNotUnderstood && e.Code != "")
}

func byStatus(status int) access.Kind {
	switch {
	case status == http.StatusTooManyRequests:
		return access.KindRateLimited
	case status == http.StatusTeapot: // used by several exchanges for a ban
		return access.KindBanned
	case status == http.StatusUnavailableForLegalReasons:
		return access.KindGeoBlocked
	case status >= 500:
		return access.KindUnavailable
	default:
		return access.KindNotUnderstood
	}
}

// NotUnderstood returns the error for an answer that could not be read. A 403 that
// isn't JSON is from the network in front of the exchange, and says nothing about the
// key. The reason must come from this package, whose errors name members and never
// their values.
func NotUnderstood(r *adapter.Response, reason error) *access.Error {
	e := &access.Error{Kind: byStatus(r.Status), Status: r.Status}
	switch {
	case r.Status == http.StatusForbidden && !json.Valid(r.Body):
		OneOf(access.KindBanned, access.KindGeoBlocked).Explain(e)
	case e.Kind == access.KindNotUnderstood && reason != nil:
		e.Message = reason.Error()
	case e.Kind == access.KindNotUnderstood && r.Status != http.StatusOK:
		e.Message = "the answer has the status " + strconv.Itoa(r.Status)
	}
	return e
}
