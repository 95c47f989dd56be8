package silent

import (
	"context"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Binance is an exchange that took over Binance's API without the call that
// describes a key.
type Binance struct {
	Title string
	// Read is the path of a signed read of the account, and List a list that its
	// answer always has, perhaps inside "data".
	Read, List string
	// Time is the path of the exchange's time, and Clock the member that has it.
	Time, Clock string
	// Failures are codes beyond those of Binance, and messages that no code
	// explains.
	Failures wire.Failures
}

// binanceFailures are the codes these exchanges share with Binance. -2015 is one
// code for a wrong key, an IP address that is not allowed and a missing right.
var binanceFailures = wire.Failures{
	wire.Is(access.KindBadKey, "-2014", "-2008"),
	wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden, access.KindWrongEnvironment).For("-2015"),
	wire.Is(access.KindBadSignature, "-1022"),
	wire.Is(access.KindClockSkew, "-1021"),
	wire.OneOf(access.KindBadKey, access.KindForbidden).For("-1002", "-1099"),
	wire.Is(access.KindRateLimited, "-1015"),
	wire.Is(access.KindUnavailable, "-1000", "-1001", "-1006", "-1007", "-1016"),
}

// Inspect proves that the key is active.
func (b Binance) Inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := query.Get(ctx, s, b.Read, http.Header{"X-Mbx-Apikey": {s.Key()}}, "")
	if err != nil {
		return nil, err
	}
	body, err := wire.Parse(resp.Body)
	if err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	code, coded := body.Text("code")
	message, _ := body.Text("msg")
	success, says := body.Bool("success")
	switch {
	case code == "-1003" && resp.Status == http.StatusTeapot:
		return nil, &access.Error{Kind: access.KindBanned, Status: resp.Status, Code: code, Message: message}
	case code == "-1003":
		return nil, &access.Error{Kind: access.KindRateLimited, Status: resp.Status, Code: code, Message: message}
	case coded && code != "0" && code != "200", says && !success, resp.Status != http.StatusOK:
		return nil, b.refusal(resp, code, message)
	}
	account := body
	if !body.Has(b.List) {
		account, _ = body.Object("data")
	}
	if _, ok := account.Objects(b.List); !ok || body.Err() != nil {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	return Answered(b.Title), nil
}

func (b Binance) refusal(resp *adapter.Response, code, message string) *access.Error {
	e := binanceFailures.Refusal(resp, code, message)
	if own, ok := b.Failures.Find(code); ok {
		own.Explain(e)
	}
	if own, ok := b.Failures.Find(message); ok && e.Kind == access.KindNotUnderstood {
		own.Explain(e)
	}
	return e
}

// ServerTime asks for the exchange's time.
func (b Binance) ServerTime(ctx context.Context, s *adapter.Session) (time.Time, error) {
	return wire.Clock(b.Time, wire.Bare, b.Clock, wire.Object.Millis)(ctx, s)
}

// Calls are the two reads.
func (b Binance) Calls() []adapter.Call {
	return []adapter.Call{
		{Method: http.MethodGet, Path: b.Read, Why: "a read that shows that the key is active; nothing of the answer is kept"},
		wire.TimeCall(b.Time),
	}
}
