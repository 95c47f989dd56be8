package wire

import (
	"net/http"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Failures maps an exchange's codes to what they mean.
type Failures map[string]Failure

// Failure is the meaning of one code.
type Failure struct {
	Kind access.Kind
	// Candidates are given when the exchange uses one code for several causes.
	Candidates []access.Kind
}

// Is is a Failure of one kind.
func Is(kind access.Kind) Failure { return Failure{Kind: kind} }

// OneOf is a Failure that may be any of several kinds.
func OneOf(kinds ...access.Kind) Failure {
	return Failure{Kind: access.KindAmbiguous, Candidates: kinds}
}

// Refusal makes the error for an answer that isn't a success: the meaning of
// its code, else that of its HTTP status, else not understood, with the code
// kept.
func (f Failures) Refusal(r *adapter.Response, code, message string) *access.Error {
	e := &access.Error{Status: r.Status, Code: code, Message: message}
	if known, ok := f[code]; ok && code != "" {
		e.Kind, e.Candidates = known.Kind, known.Candidates
		return e
	}
	e.Kind = byStatus(r.Status)
	return e
}

func byStatus(status int) access.Kind {
	switch {
	case status == http.StatusTooManyRequests:
		return access.KindRateLimited
	case status == http.StatusTeapot: // the custom of several exchanges for a ban
		return access.KindBanned
	case status == http.StatusUnavailableForLegalReasons:
		return access.KindGeoBlocked
	case status >= 500:
		return access.KindUnavailable
	default:
		return access.KindNotUnderstood
	}
}

// NotUnderstood makes the error for an answer that could not be read. The
// reason must come from this package, whose errors name members and never
// their values.
func NotUnderstood(r *adapter.Response, reason error) *access.Error {
	e := &access.Error{Kind: byStatus(r.Status), Status: r.Status}
	if e.Kind == access.KindNotUnderstood && reason != nil {
		e.Message = reason.Error()
	}
	return e
}
