// Package mexc audits API keys of MEXC.
//
// The exchange reports, for a key that is named in the query, in one request:
// permissions, the IP allowlist, creation date, the days that are left, and the
// key's status. It doesn't report the last use or whether the key belongs to a
// main account. Keys are HMAC.
//
// The same path accepts a POST that replaces the key's IP allowlist, which is never
// sent. The call is new: three independent implementations agree on its form.
//
// Reference: https://www.mexc.com/api-docs/spot-v3/spot-account-trade/api-key-info,
// checked 2026-11-22.
package mexc

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/exchangekeyaudit/exchangekeyaudit/audit/access"
	"github.com/exchangekeyaudit/exchangekeyaudit/audit/adapter"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/query"
	"github.com/exchangekeyaudit/exchangekeyaudit/exchanges/internal/wire"
)

// Exchange is MEXC.
var Exchange = &adapter.Exchange{
	Name:         "mexc",
	Title:        "MEXC",
	Docs:         "https://www.mexc.com/api-docs/spot-v3/spot-account-trade/api-key-info",
	KeyPage:      "https://www.mexc.com/user/openapi",
	Checked:      "2026-11-22",
	Keys:         keyRules,
	Environments: []adapter.Environment{{Name: "live", URLs: []string{"https://api.mexc.com"}}},
	Calls: []adapter.Call{
		{
			Method: http.MethodGet, Path: pathKey,
			Why: "permissions, IP allowlist and dates of the calling key, which is named in the query",
		},
		wire.TimeCall(pathTime),
	},
	Needs: adapter.Needs{
		Kinds:   []access.KeyKind{access.SharedSecret},
		KeyForm: wire.Form("mx0" + wire.Letters + "{10,20}"), SecretForm: wire.Form(wire.Hex + "{32}"),
	},
	Coverage: adapter.Coverage{
		Reports: []access.Capability{
			access.Read, access.TradeSpot, access.TradeMargin, access.TradeFutures, access.Withdraw, access.TransferInternal, access.TransferExternal,
			access.SubaccountManage, access.APIKeyManage,
		},
		// No permission is for these.
		Absent:    []access.Capability{access.TradeOptions, access.WithdrawAddresses},
		Allowlist: adapter.Always, AllowlistEntries: adapter.Always, Created: adapter.Always, Expires: adapter.Always,
		Confirmed: "three independent clients, one of them tested live",
	},
	Limit:       adapter.Limit{Requests: 500, Per: 10 * time.Second},
	ClockWindow: query.Window * time.Millisecond,
	Notes: []string{
		"The call has the key in its URL: gateways that log URLs would record it. The secret is not in the URL.",
	},
	Inspect:    inspect,
	ServerTime: wire.Clock(pathTime, unwrap, "serverTime", wire.Object.Millis),
}

const (
	pathKey  = "/api/v3/apiKeyInfo"
	pathTime = "/api/v3/time"
)

func inspect(ctx context.Context, s *adapter.Session) (*access.Snapshot, error) {
	resp, err := query.Get(ctx, s, pathKey, http.Header{"X-Mexc-Apikey": {s.Key()}}, "accessKey="+url.QueryEscape(s.Key()))
	if err != nil {
		return nil, err
	}
	return parse(resp, s.Key(), s.Now())
}

func parse(resp *adapter.Response, key string, now time.Time) (*access.Snapshot, error) {
	body, err := unwrap(resp)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"accessKey", "apikey"} { // as seen, and as documented
		if id, ok := body.Text(name); ok && id != key {
			return nil, wire.NotUnderstood(resp, errors.New("the answer is about another key"))
		}
	}
	held, ok := body.Commas("permissions")
	if !ok {
		return nil, wire.NotUnderstood(resp, wire.ErrNoPermission)
	}
	snap := &access.Snapshot{Answer: access.Answer{PairAllowlist: access.PairAllowlist{Offered: true}}}
	snap.Label, _ = body.Text("note")
	permissions.Apply(snap, readPermissions(held))
	if ips, ok := body.Commas("ipWhiteList"); ok { // empty means unrestricted
		snap.IPAllowlist = access.NewIPAllowlist(ips)
	}
	snap.Created = created(body)
	status, _ := body.Text("status")
	snap.KeyState = body.State("status", keyStates)
	if status != "" {
		snap.Facts = []access.Fact{{Name: "status", Value: status}}
	}
	if err := readValidity(body, snap, now); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	if err := body.Err(); err != nil {
		return nil, wire.NotUnderstood(resp, err)
	}
	return snap, nil
}

// unwrap checks the envelope, which a success doesn't have.
func unwrap(resp *adapter.Response) (wire.Object, error) {
	body, err := failures.Open(resp, "msg", "", "0", "200")
	var refusal *access.Error
	if errors.As(err, &refusal) && refusal.Kind == access.KindNotUnderstood && strings.Contains(strings.ToLower(refusal.Message), "maintenance") {
		refusal.Kind = access.KindUnavailable
	}
	return body, err
}

// created is documented in milliseconds and was seen as RFC 3339.
func created(body wire.Object) time.Time {
	text, _ := body.Text("createTime")
	read := body.RFC3339
	if text != "" && strings.Trim(text, "0123456789") == "" {
		read = body.Millis
	}
	at, _ := read("createTime")
	return at
}

// readValidity: whole days, so the expiry is known to the day and taken as the
// beginning of that day. -999 means never.
func readValidity(body wire.Object, snap *access.Snapshot, now time.Time) error {
	left, ok := body.Int("remainingValidity")
	switch {
	case !ok:
	case left == -999:
		snap.NeverExpires = true
	case left < 0 || left > 36500:
		return errors.New(`the member "remainingValidity" of the answer is not a number of days`)
	default:
		snap.Expires = now.UTC().Truncate(24*time.Hour).AddDate(0, 0, int(left))
	}
	if snap.IPAllowlist.State != access.AllowlistRestricted && !snap.NeverExpires {
		snap.Deadlines = []access.Deadline{{What: "the exchange expires keys without an IP allowlist after 90 days", At: snap.Expires, DateMissing: snap.Expires.IsZero()}}
	}
	return nil
}
