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
	// Read is the path of a signed read of the account, and Told a list that its
	// answer always has, perhaps inside "data".
	Read, Told string
	// Time is the path of the exchange's time, and Clock the member that has it.
	Time, Clock string
	// Failures are codes beyond those of Binance, and Texts are refusals that
	// are known by their text alone.
	Failures wire.Failures
	Texts    map[string]access.Kind
}

// binanceFailures are the codes these exchanges share with Binance. -2015 doesn't
// tell a wrong key, a wrong address and a missing right apart.
var binanceFailures = wire.Failures{
	"-2014": wire.Is(access.KindBadKey),
	"-2008": wire.Is(access.KindBadKey),
	"-2015": wire.OneOf(access.KindBadKey, access.KindIPNotAllowed, access.KindForbidden),
	"-1022": wire.Is(access.KindBadSignature),
	"-1021": wire.Is(access.KindClockSkew),
	"-1002": wire.Is(access.KindForbidden),
	"-1099": wire.Is(access.KindForbidden),
	"-1015": wire.Is(access.KindRateLimited),
	"-1000": wire.Is(access.KindUnavailable),
	"-1001": wire.Is(access.KindUnavailable),
	"-1006": wire.Is(access.KindUnavailable),
	"-1007": wire.Is(access.KindUnavailable),
	"-1016": wire.Is(access.KindUnavailable),
}

// Inspect proves that the key is alive.
func (b Binance) Inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := query.Get(ctx, s, b.Read, "X-Mbx-Apikey", "")
	if err != nil {
		return nil, err
	}
	body, err := wire.Parse(resp.Body)
	if err != nil {
		if resp.Status == http.StatusForbidden { // the firewall answers with a page
			return nil, &access.Error{Kind: access.KindBanned, Status: resp.Status, Message: "the exchange's firewall refused the request"}
		}
		return nil, wire.NotUnderstood(resp, err)
	}
	code, told := body.Text("code")
	message, _ := body.Text("msg")
	success, says := body.Bool("success")
	switch {
	case code == "-1003" && resp.Status == http.StatusTeapot:
		return nil, &access.Error{Kind: access.KindBanned, Status: resp.Status, Code: code, Message: message}
	case code == "-1003":
		return nil, &access.Error{Kind: access.KindRateLimited, Status: resp.Status, Code: code, Message: message}
	case told && code != "0" && code != "200", says && !success, resp.Status != http.StatusOK:
		return nil, b.refusal(resp, code, message)
	}
	account := body
	if !body.Has(b.Told) {
		account, _ = body.Object("data")
	}
	if _, ok := account.Objects(b.Told); !ok || body.Err() != nil {
		return nil, wire.NotUnderstood(resp, body.Err())
	}
	return Alive(b.Title), nil
}

func (b Binance) refusal(resp *adapter.Response, code, message string) *access.Error {
	table := binanceFailures
	if _, own := b.Failures[code]; own {
		table = b.Failures
	}
	e := table.Refusal(resp, code, message)
	if kind, known := b.Texts[message]; known && e.Kind == access.KindNotUnderstood {
		e.Kind = kind
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
		{Method: http.MethodGet, Path: b.Read, Why: "a read that shows that the key is alive; nothing of it is kept"},
		{Method: http.MethodGet, Path: b.Time, Why: "the exchange's time", When: "the timestamp was refused and the answer had no date"},
	}
}
