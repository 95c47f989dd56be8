package wire

import (
	"context"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Clock makes an Exchange.ServerTime of a public GET whose answer, opened by
// open, has the time as a member that read reads, for instance Object.Millis.
func Clock(
	path string, open func(*adapter.Response) (Object, *access.Error), member string, read func(Object, string) (time.Time, bool),
) func(context.Context, *adapter.Session) (time.Time, error) {
	return func(ctx context.Context, s *adapter.Session) (time.Time, error) {
		resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path})
		if err != nil {
			return time.Time{}, err
		}
		body, refusal := open(resp)
		if refusal != nil {
			return time.Time{}, refusal
		}
		at, ok := read(body, member)
		if !ok {
			return time.Time{}, NotUnderstood(resp, body.Err())
		}
		return at, nil
	}
}

// Bare opens an answer without an envelope.
func Bare(resp *adapter.Response) (Object, *access.Error) {
	body, err := Parse(resp.Body)
	if err != nil {
		return body, NotUnderstood(resp, err)
	}
	return body, nil
}

// DateClock makes an Exchange.ServerTime of the Date header of a public GET,
// for exchanges without a call for the time.
func DateClock(path string) func(context.Context, *adapter.Session) (time.Time, error) {
	return func(ctx context.Context, s *adapter.Session) (time.Time, error) {
		resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path})
		if err != nil {
			return time.Time{}, err
		}
		return Date(resp)
	}
}
