package wire

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
)

// Millis is the session's time in Unix milliseconds, as requests carry it.
func Millis(s *adapter.Session) string { return strconv.FormatInt(s.Now().UnixMilli(), 10) }

// Seconds is the session's time in Unix seconds, as requests carry it.
func Seconds(s *adapter.Session) string { return strconv.FormatInt(s.Now().Unix(), 10) }

// TimeCall declares the call for the exchange's time.
func TimeCall(path string) adapter.Call {
	return adapter.Call{
		Method: http.MethodGet, Path: path, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date",
	}
}

// NonceTimeCall declares the call for the exchange's time at exchanges with
// nonces, which are asked for it first.
func NonceTimeCall(path string) adapter.Call {
	return adapter.Call{
		Method: http.MethodGet, Path: path, Why: "the exchange's time, so that the nonce is never ahead of the exchange's clock",
	}
}

// Clock builds an Exchange.ServerTime from a public GET whose answer, opened by
// open, has the time as a member that read reads, for instance Object.Millis.
func Clock(
	path string, open func(*adapter.Response) (Object, error), member string, read func(Object, string) (time.Time, bool),
) func(context.Context, *adapter.Session) (time.Time, error) {
	return func(ctx context.Context, s *adapter.Session) (time.Time, error) {
		resp, err := s.Do(ctx, adapter.Request{Method: http.MethodGet, Path: path})
		if err != nil {
			return time.Time{}, err
		}
		body, err := open(resp)
		if err != nil {
			return time.Time{}, err
		}
		at, ok := read(body, member)
		if !ok {
			return time.Time{}, NotUnderstood(resp, body.Err())
		}
		return at, nil
	}
}

// DateClock builds an Exchange.ServerTime from the Date header of a public GET,
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

// Date is the exchange's time by the header of a public answer. The body must be
// a JSON object; otherwise the answer does not come from the exchange itself.
func Date(r *adapter.Response) (time.Time, error) {
	at, err := http.ParseTime(r.Header.Get("Date"))
	if _, unread := Parse(r.Body); unread != nil || err != nil || r.Status != http.StatusOK {
		return time.Time{}, NotUnderstood(r, unread)
	}
	return at, nil
}
