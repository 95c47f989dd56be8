package silent

import (
	"context"
	"net/http"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Binance is a venue that took over Binance's API without the call that
// describes a key.
type Binance struct {
	Title string
	// Read is the path of a signed read of the account, and Told a list that its
	// answer always has, perhaps inside "data".
	Read, Told string
	// Time is the path of the venue's time, and Clock the member that has it.
	Time, Clock string
	// Failures are codes beyond those of Binance, and Texts are refusals that
	// are known by their text alone.
	Failures wire.Failures
	Texts    map[string]audit.Kind
}

// binanceFailures are the codes these venues share with Binance. -2015 doesn't
// tell a wrong key, a wrong address and a missing right apart.
var binanceFailures = wire.Failures{
	"-2014": wire.Is(audit.KindBadKey),
	"-2008": wire.Is(audit.KindBadKey),
	"-2015": wire.OneOf(audit.KindBadKey, audit.KindIPNotAllowed, audit.KindForbidden),
	"-1022": wire.Is(audit.KindBadSignature),
	"-1021": wire.Is(audit.KindClockSkew),
	"-1002": wire.Is(audit.KindForbidden),
	"-1099": wire.Is(audit.KindForbidden),
	"-1015": wire.Is(audit.KindRateLimited),
	"-1000": wire.Is(audit.KindUnavailable),
	"-1001": wire.Is(audit.KindUnavailable),
	"-1006": wire.Is(audit.KindUnavailable),
	"-1007": wire.Is(audit.KindUnavailable),
	"-1016": wire.Is(audit.KindUnavailable),
}

// Inspect proves that the key is alive.
func (b Binance) Inspect(ctx context.Context, s *audit.Session) (*audit.Snapshot, error) {
	resp, err := query.Get(ctx, s, b.Read, "X-Mbx-Apikey", "")
	if err != nil {
		return nil, err
	}
	body, err := wire.Parse(resp.Body)
	if err != nil {
		if resp.Status == http.StatusForbidden { // the firewall answers with a page
			return nil, &audit.Error{Kind: audit.KindBanned, Status: resp.Status, Message: "the venue's firewall refused the request"}
		}
		return nil, wire.NotUnderstood(resp, err)
	}
	code, told := body.Text("code")
	message, _ := body.Text("msg")
	success, says := body.Bool("success")
	switch {
	case code == "-1003" && resp.Status == http.StatusTeapot:
		return nil, &audit.Error{Kind: audit.KindBanned, Status: resp.Status, Code: code, Message: message}
	case code == "-1003":
		return nil, &audit.Error{Kind: audit.KindRateLimited, Status: resp.Status, Code: code, Message: message}
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

func (b Binance) refusal(resp *audit.Response, code, message string) *audit.Error {
	table := binanceFailures
	if _, own := b.Failures[code]; own {
		table = b.Failures
	}
	e := table.Refusal(resp, code, message)
	if kind, known := b.Texts[message]; known && e.Kind == audit.KindNotUnderstood {
		e.Kind = kind
	}
	return e
}

// ServerTime asks for the venue's time.
func (b Binance) ServerTime(ctx context.Context, s *audit.Session) (time.Time, error) {
	return wire.Clock(b.Time, wire.Bare, b.Clock, wire.Object.Millis)(ctx, s)
}

// Calls are the two reads.
func (b Binance) Calls() []audit.Call {
	return []audit.Call{
		{Method: http.MethodGet, Path: b.Read, Why: "a read that shows that the key is alive; nothing of it is kept"},
		{Method: http.MethodGet, Path: b.Time, Why: "the venue's time", When: "the timestamp was refused and the answer had no date"},
	}
}
