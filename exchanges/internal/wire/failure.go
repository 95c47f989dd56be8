package wire

import (
	"net/http"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
)

// Failures maps a venue's codes to what they mean.
type Failures map[string]Failure

// Failure is the meaning of one code.
type Failure struct {
	Kind audit.Kind
	// Candidates are given when the venue uses one code for several causes.
	Candidates []audit.Kind
}

// Is is a Failure of one kind.
func Is(kind audit.Kind) Failure { return Failure{Kind: kind} }

// OneOf is a Failure that may be any of several kinds.
func OneOf(kinds ...audit.Kind) Failure {
	return Failure{Kind: audit.KindAmbiguous, Candidates: kinds}
}

// Refusal makes the error for an answer that isn't a success: the meaning of
// its code, else that of its HTTP status, else not understood, with the code
// kept.
func (f Failures) Refusal(r *audit.Response, code, message string) *audit.Error {
	e := &audit.Error{Status: r.Status, Code: code, Message: message}
	if known, ok := f[code]; ok && code != "" {
		e.Kind, e.Candidates = known.Kind, known.Candidates
		return e
	}
	e.Kind = byStatus(r.Status)
	return e
}

func byStatus(status int) audit.Kind {
	switch {
	case status == http.StatusTooManyRequests:
		return audit.KindRateLimited
	case status == http.StatusTeapot: // the custom of several venues for a ban
		return audit.KindBanned
	case status == http.StatusUnavailableForLegalReasons:
		return audit.KindGeoBlocked
	case status >= 500:
		return audit.KindUnavailable
	default:
		return audit.KindNotUnderstood
	}
}

// NotUnderstood makes the error for an answer that could not be read. The
// reason must come from this package, whose errors name members and never
// their values.
func NotUnderstood(r *audit.Response, reason error) *audit.Error {
	e := &audit.Error{Kind: byStatus(r.Status), Status: r.Status}
	if e.Kind == audit.KindNotUnderstood && reason != nil {
		e.Message = reason.Error()
	}
	return e
}
